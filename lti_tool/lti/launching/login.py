"""OIDC login initiation: from the platform's first request to the redirect that asks who is there.

The browser is recognised by a cookie, partitioned by the LMS that frames us (see
``login_cookies``), or by what the LMS's own page keeps for us (see ``platform_storage``). Which, is
settled before the request to the platform leaves, because a launch that cannot be matched is spent.
"""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Flask, current_app, request
from sqlalchemy import Select, Table, bindparam, case, delete, func, insert, select

from lti_tool.core.client_network import client_of, site_of
from lti_tool.core.clock import now
from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import digest, new_secret
from lti_tool.core.logs import log
from lti_tool.core.web.problems import Problem
from lti_tool.lti import target_link
from lti_tool.lti.launch import Platform
from lti_tool.lti.launching import errors as launch_errors
from lti_tool.lti.models import LoginState
from lti_tool.lti.near_misses import differing_by_slash, is_in_use
from lti_tool.lti.platforms import copied
from lti_tool.lti.platforms.canvas import ENVIRONMENT
from lti_tool.lti.registration.errors import awaiting_approval
from lti_tool.lti.registrations import (
    OF_CLIENT,
    OF_ISSUER,
    find_platform,
    is_awaiting_approval,
    only_platform,
)

STATE_LIFE = timedelta(minutes=10)
MOST_LOGINS = 20_000
"""Logins kept for a registration; a stranger who starts logins cannot fill the disk.

Of more, those of the most crowded sites go, there those of the most crowded networks, and of their
most crowded browsers, the newest first: a flood takes nothing away from others. Also where it comes
from everywhere at once, what has begun before it has its ten minutes; whoever comes in the middle
of it then has until the next pruning.
"""

_SITE_LENGTH = 32
"""Of what is kept of where a login came from, the first half is the site's."""
_PRUNE_EVERY = timedelta(seconds=30)
_KEEP_USED = timedelta(minutes=30)


@dataclass(frozen=True)
class LoginRequest:
    """What a platform sends to begin (Security Framework §5.1.1.1).

    Unsigned: nothing in it is trusted, it only says whom to ask.
    """

    issuer: str
    login_hint: str
    client_id: str | None
    target_link_uri: str
    """As ``target_link.kept`` writes it."""
    message_hint: str | None
    deployment_id: str | None
    environment: str = ""
    """Which copy of the platform it is, where it says so in a word of its own."""
    storage_frame: str | None = None
    """The frame of the platform that keeps data for tools (LTI Client Side postMessages 0.1)."""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> LoginRequest:
        """Read the request; raise Problem when a part that is needed is missing."""
        for name in ("iss", "login_hint"):
            if not values.get(name):
                raise launch_errors.incomplete(name)
        for name in ("iss", "client_id", "target_link_uri", "lti_deployment_id", "deployment_id"):
            if "\x00" in values.get(name, ""):
                raise launch_errors.malformed(name)
        return cls(
            issuer=values["iss"],
            login_hint=values["login_hint"],
            client_id=values.get("client_id") or None,
            target_link_uri=target_link.kept(values.get("target_link_uri", "")),
            message_hint=values.get("lti_message_hint"),
            deployment_id=values.get("lti_deployment_id") or values.get("deployment_id") or None,
            environment=values.get(ENVIRONMENT, ""),
            storage_frame=_frame_name(values.get("lti_storage_target")),
        )

    def platform(self) -> Platform:
        """Find the platform; raise Problem when no registration fits."""
        found = find_platform(self.issuer, self.client_id)
        if found is None:
            raise self.nobody()
        self.refuse_copy(found)
        return found

    def refuse_copy(self, found: Platform) -> None:
        """Raise Problem where a copy of the platform calls itself by the real one's issuer.

        Else people would be sent to the real one, which knows nothing of this launch.
        """
        copy = copied(self.issuer, self.environment)
        if copy is not None and not found.stage:
            log.warning("login from a copy", platform=found.name, stage=copy[0])
            raise launch_errors.copied_platform(copy[0])

    def nobody(self) -> Problem:
        """Say why no registration fits that is in use."""
        copy = copied(self.issuer, self.environment)
        if copy is not None and is_in_use(copy[1], self.client_id):
            return launch_errors.copied_platform(copy[0])
        if is_awaiting_approval(self.issuer, self.client_id):
            return awaiting_approval()
        near = differing_by_slash(self.issuer)
        if near is not None:
            log.warning("issuer differs by a slash", platform=near)
        # Words of whoever asks, to be compared with those that are registered.
        log.warning(
            "platform unknown", issuer=self.issuer[:255], client_id=(self.client_id or "")[:255]
        )
        return launch_errors.unknown_platform()


def _frame_name(value: str | None) -> str | None:
    fits = value is not None and re.fullmatch(r"[A-Za-z0-9_.:-]{1,255}", value)
    return value if fits else None


class Pruner:
    """Removes logins that are over, now and then, and what is too much of a registration's.

    A login that goes quickly is over before; see ``MOST_LOGINS`` for those that take their time.
    """

    def __init__(self, most: int = MOST_LOGINS) -> None:
        self._most = most
        self._next: datetime | None = None
        self._lock = threading.Lock()

    def prune_when_due(self) -> None:
        present = now()
        with self._lock:
            due = self._next is None or present >= self._next
            if due:
                self._next = present + _PRUNE_EVERY
        if due:
            _prune(present, self._most)


def _prune(present: datetime, most: int) -> None:
    with transaction() as session:
        session.execute(delete(LoginState).where(LoginState.expires_at < present - _KEEP_USED))
        crowded = session.scalars(
            select(LoginState.registration_id)
            .group_by(LoginState.registration_id)
            .having(func.count() > most)
        ).all()
        for registration_id in crowded:
            beyond = _beyond(registration_id, most)
            session.execute(delete(LoginState).where(LoginState.state_hash.in_(beyond)))
            log.warning("too many logins", registration=registration_id)


def _beyond(registration_id: str, most: int) -> Select[tuple[str]]:
    """Find what is beyond the most that are kept (max-min fairness).

    By site, in it by network, in that by browser; where all are alike, the older are kept.
    """
    site = func.substr(LoginState.network, 1, _SITE_LENGTH)
    ranked = select(
        LoginState.state_hash,
        LoginState.expires_at,
        LoginState.network,
        site.label("site"),
        case((LoginState.consumed_at.is_(None), 0), else_=1).label("used"),
        _place((LoginState.network, LoginState.browser_hash), LoginState),
    ).where(LoginState.registration_id == registration_id)
    for crowd in ("network", "site"):
        before = ranked.subquery()
        same = (before.c[name] for name in ("state_hash", "expires_at", "network", "site", "used"))
        ranked = select(*same, _place((before.c[crowd],), before.c, before.c.place))
    last = ranked.subquery().c
    return (
        select(last.state_hash)
        .order_by(last.used, last.place, last.expires_at, last.state_hash)
        .offset(most)
    )


def _place(crowd: tuple[Any, ...], rows: Any, *first: Any) -> Any:
    """Give each row its number in its crowd, the oldest first where nothing else comes first."""
    order = (*first, rows.expires_at, rows.state_hash)
    return func.row_number().over(partition_by=crowd, order_by=order).label("place")


_NOTE = Statement(insert(LoginState))


def _find_and_note(platforms: Select[*tuple[Any, ...]]) -> Statement:
    """Find the platform and note the login, in one journey, for PostgreSQL.

    It is noted if there is just one platform for it.
    """
    platform = platforms.cte("platform")
    columns = [
        one for one in cast(Table, LoginState.__table__).columns if one.name != "consumed_at"
    ]
    values = [
        platform.c.id if one.name == "registration_id" else bindparam(one.name, type_=one.type)
        for one in columns
    ]
    alone = select(func.count()).select_from(platform).scalar_subquery() == 1
    noted = insert(LoginState).from_select(
        [one.name for one in columns], select(*values).where(alone)
    )
    return Statement(select(platform).add_cte(noted.cte("noted")))


_FIND_BY_ISSUER = _find_and_note(OF_ISSUER)
_FIND_BY_CLIENT = _find_and_note(OF_CLIENT)


def install(app: Flask) -> None:
    app.extensions["foyer.login_pruner"] = Pruner()


@dataclass(frozen=True)
class Begun:
    """A login that has been noted: the platform's address to go to, and what it is called."""

    platform: Platform
    state: str
    address: str


def begin(
    asked: LoginRequest, browser: str, launch_url: str, *, storage_frame: str | None = None
) -> Begun:
    """Note the login.

    Raises Problem. ``browser`` is a secret of the browser's cookies; only that browser can finish
    this login. With ``storage_frame`` it is one that this frame of the platform keeps.
    """
    pruner: Pruner = current_app.extensions["foyer.login_pruner"]
    pruner.prune_when_due()
    state, nonce = new_secret(24), new_secret(24)
    hint = asked.deployment_id
    platform = _note(
        asked,
        {
            "state_hash": digest(state),
            "nonce_hash": digest(nonce),
            "browser_hash": digest(browser),
            "network": _network(),
            "storage_frame": storage_frame,
            "target_link_uri": asked.target_link_uri,
            "deployment_hint": hint[:255] if hint else None,
            "expires_at": now() + STATE_LIFE,
        },
    )
    return Begun(platform, state, _auth_address(asked, platform, state, nonce, launch_url))


def _network() -> str:
    """Hash where the request came from: the site, then the network in it.

    Under a key of ours: there are few addresses to try.
    """
    address = request.remote_addr
    return _hashed("site", site_of(address)) + _hashed("network", client_of(address))


def _hashed(kind: str, place: str) -> str:
    secret: str = current_app.extensions["foyer.secret"]
    whole = hmac.digest(secret.encode(), f"{kind}:{place}".encode(), "sha256").hex()
    return whole[:_SITE_LENGTH]


def _note(asked: LoginRequest, values: dict[str, Any]) -> Platform:
    if db.engine.dialect.name != "postgresql":
        platform = asked.platform()
        _NOTE.run({**values, "registration_id": platform.id, "consumed_at": None})
        return platform
    statement = _FIND_BY_ISSUER if asked.client_id is None else _FIND_BY_CLIENT
    client = {"issuer": asked.issuer, "client_id": asked.client_id}
    found = only_platform(statement.rows(values | client))
    if found is None:
        raise asked.nobody()
    asked.refuse_copy(found)
    return found


def _auth_address(
    asked: LoginRequest, platform: Platform, state: str, nonce: str, launch_url: str
) -> str:
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": launch_url,
        "login_hint": asked.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if asked.message_hint is not None:
        parameters["lti_message_hint"] = asked.message_hint
    parts = urlsplit(platform.auth_url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))

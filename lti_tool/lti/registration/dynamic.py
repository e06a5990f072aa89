"""Dynamic registration: an LMS says where it is, we ask it to take us in, and note what it answers.

Nothing is asked of anybody before an administrator presses the button. A new LMS counts at once
with an activation code; without one it waits for an operator. What is approved is changed with a
code only.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.audit import SYSTEM
from lti_tool.core.db.session import db, transaction
from lti_tool.core.http import FetchError, HttpClient, Limits, Policy
from lti_tool.core.ids import digest
from lti_tool.core.institutions import Institution
from lti_tool.core.logs import log
from lti_tool.core.web.problems import Problem
from lti_tool.lti import registrations
from lti_tool.lti.launch import origin_of
from lti_tool.lti.models import Registration
from lti_tool.lti.new_registration import (
    AlreadyRegistered,
    NewRegistration,
    RegistrationError,
    checked,
)
from lti_tool.lti.platforms import family_of
from lti_tool.lti.platforms.hosts import host_of
from lti_tool.lti.registration import approval, approval_queue, codes, display_names, errors
from lti_tool.lti.registration.codes import Claimed, LostClaim
from lti_tool.lti.registration.openid_configuration import (
    Granted,
    PlatformConfiguration,
    Unfit,
    read_configuration,
    read_grant,
)
from lti_tool.lti.registration.request import registration_request
from lti_tool.lti.registration.tool_metadata import about_us
from lti_tool.lti.rules import mapping, text
from lti_tool.lti.tenants import Confusable

AT_ONCE = 4
"""Registrations without a code that are under way in a process: slow LMSs of strangers hold no
more threads than these, and keep nobody waiting who was given a code."""
PATIENCE = Limits(connect=5, read=8, whole=12, answer=262_144)

Outcome = Literal["ready", "waiting", "renewed", "unchanged"]


@dataclass(frozen=True)
class Asked:
    """What the LMS's page brought along: where it describes itself, and a token of one use."""

    configuration_url: str
    token: str

    @classmethod
    def read(cls, values: Mapping[str, str], policy: Policy) -> Asked:
        """Read what the page brought along; raise Problem where it does not fit."""
        address = values.get("openid_configuration", "").strip()
        token = values.get("registration_token", "").strip()
        named = len(address) <= 4096 and origin_of(address) is not None
        if named and not policy.allows_scheme(urlsplit(address).scheme):
            raise errors.unencrypted()
        fits = named and re.fullmatch(r"[\x21-\x7e]{0,8192}", token)
        if not fits:
            raise errors.incomplete()
        return cls(address, token)

    @property
    def host(self) -> str:
        return host_of(self.configuration_url)

    @property
    def headers(self) -> dict[str, str]:
        """Without a token nothing may be said of one (Dynamic Registration 1.0 §3.4)."""
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Accept": "application/json", **bearer}


@dataclass(frozen=True)
class Done:
    """What came of a registration.

    ``name`` is how operators call the registration; ``hosts`` are all that it has to do with, and
    ``issuer`` what it calls itself.
    """

    outcome: Outcome
    name: str
    family: str
    host: str
    hosts: tuple[str, ...]
    issuer: str


class Registrar:
    """Asks the LMSs: few strangers' at a time, and none for long."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise errors.busy()
        try:
            yield
        finally:
            self._places.release()

    def configuration(self, asked: Asked) -> PlatformConfiguration:
        """Fetch how the LMS describes itself; raise Problem where that fails."""
        try:
            answer = self.client.ask("GET", asked.configuration_url, asked.headers)
            if answer.status != 200:
                raise FetchError(f"status {answer.status}", "status")
            return read_configuration(answer.json(), asked.host, self.client.policy)
        except FetchError as error:
            raise _unreachable(asked.host, error) from error
        except Unfit as error:
            raise _unfit(asked.host, error) from error

    def take_us_in(self, asked: Asked, told: PlatformConfiguration) -> Granted:
        """Send the LMS our request.

        Raises Problem.
        """
        request = registration_request(about_us(), family_of(told.family))
        headers = {**asked.headers, "Content-Type": "application/json"}
        body = json.dumps(request, ensure_ascii=False).encode()
        try:
            answer = self.client.ask("POST", told.registration_url, headers, body)
            if answer.status not in (200, 201):
                raise _refused(asked.host, answer.status, answer.content)
            return read_grant(answer.json())
        except FetchError as error:
            raise _unreachable(asked.host, error) from error
        except Unfit as error:
            raise _unfit(asked.host, error) from error


def install(app: Flask, client: HttpClient) -> None:
    app.extensions["foyer.registrar"] = Registrar(HttpClient(client.policy, PATIENCE))


def register(asked: Asked, code: str) -> Done:
    """Register the LMS: all of dynamic registration, from its description to our row.

    Raises Problem, or WrongCode before anything was asked or noted.
    """
    registrar: Registrar = current_app.extensions["foyer.registrar"]
    if not code.strip():
        try:
            with registrar.place():
                approval_queue.refuse_without_place(asked.host)
                return _register(registrar, asked, None)
        except approval_queue.QueueFull as error:
            raise errors.queue_full() from error
    claimed = codes.claim(code)
    try:
        return _register(registrar, asked, claimed)
    except BaseException:
        codes.give_back(claimed)
        raise


def _register(registrar: Registrar, asked: Asked, claimed: Claimed | None) -> Done:
    told = registrar.configuration(asked)
    granted = registrar.take_us_in(asked, told)
    try:
        new = checked(_written(told, granted, claimed), registrar.client.policy)
        with transaction():
            return _note(new, told, claimed)
    except AlreadyRegistered as error:
        raise errors.taken() from error
    except Confusable as error:
        raise _confusable(told.host, error) from error
    except RegistrationError as error:
        log.warning("registration unfit", host=told.host, reason=str(error))
        raise errors.unfit("client_id") from error
    except (IntegrityError, LostClaim) as error:
        raise errors.meanwhile() from error


def _written(
    told: PlatformConfiguration, granted: Granted, claimed: Claimed | None
) -> NewRegistration:
    school_origin = origin_of(f"https://{told.school_host}") if told.school_host else None
    return NewRegistration(
        name=_end_of(told.school_host if school_origin else told.host, 56),
        family=told.family,
        issuer=told.issuer,
        client_id=granted.client_id,
        auth_url=told.auth_url,
        token_url=told.token_url,
        jwks_url=told.jwks_url,
        auth_audience=told.auth_audience,
        institution=claimed.institution if claimed else told.school or _end_of(told.host, 200),
        asked_host=told.host,
        audience_by_operator=False,
        deployments=(granted.deployment_id,) if granted.deployment_id else (),
        accept_new_deployments=granted.deployment_id is None,
        frame_origins=(school_origin,) if school_origin else (),
    )


def _end_of(host: str, longest: int) -> str:
    """Cut a host to a name for operators to type.

    Whose host it is stands at its end; one that was cut says so, and is nobody else's.
    """
    if len(host) <= longest:
        return host
    mark = f"cut-{digest(host)[:8]}."
    return mark + host[len(mark) - longest :].lstrip(".-")


def _note(new: NewRegistration, told: PlatformConfiguration, claimed: Claimed | None) -> Done:
    present = _present(new, claimed)
    if present is not None and claimed is None and _is_pushed_in(present, new):
        approval_queue.forget(present, "platform.displaced", SYSTEM, by=told.host)
        present = None
    if present is None:
        if claimed is None:
            approval_queue.make_place(told.host)
        row = registrations.insert(
            replace(new, name=_free(new.name)), awaiting_approval=claimed is None, actor=SYSTEM
        )
        outcome: Outcome = "ready" if claimed else "waiting"
    else:
        row = present
        outcome = _renew(present, new, claimed) if claimed else _leave(present, new)
    if claimed:
        codes.spend(claimed, row.id)
    log.info("registration", outcome=outcome, platform=row.name, family=row.family)
    hosts = display_names.hosts(told.host, row)
    return Done(outcome, row.name, row.family, told.host, hosts, display_names.plain(row.issuer))


def _is_pushed_in(present: Registration, new: NewRegistration) -> bool:
    """Tell whether one that waits has only borrowed the issuer of a vendor.

    It gives way to the vendor's school, which comes now.
    """
    borrows = family_of(new.family).borrows
    stranger = present.awaiting_approval and borrows(present.issuer, present.jwks_url)
    return stranger and not borrows(new.issuer, new.jwks_url)


def _present(new: NewRegistration, claimed: Claimed | None) -> Registration | None:
    """Find the registration that the LMS has here already, if it has one."""
    if claimed and claimed.renews:
        return db.session.get(Registration, claimed.renews, with_for_update=True)
    return registrations.by_client(new)


def _renew(present: Registration, new: NewRegistration, claimed: Claimed) -> Outcome:
    """Change all to what the LMS says now, with a code; what an operator has set stays."""
    if present.awaiting_approval:
        return _let_in(present, new)
    if not _is_meant(present, claimed):
        raise errors.taken()
    if not present.enabled:
        raise errors.switched_off()
    if present.audience_by_operator:
        new = replace(new, auth_audience=present.auth_audience, audience_by_operator=True)
    kept = replace(
        new,
        name=present.name,
        accept_new_deployments=present.accept_new_deployments or new.accept_new_deployments,
        frame_origins=(*present.frame_origins, *new.frame_origins),
    )
    registrations.change(present, kept, SYSTEM)
    return "renewed"


def _let_in(present: Registration, new: NewRegistration) -> Outcome:
    """Let in one that waited, by what it says now.

    Whoever announced it may have been a stranger: what was said then does not count.
    """
    registrations.change(present, replace(new, name=present.name), SYSTEM)
    approval.let_in(present)
    audit.record(
        "platform.approved",
        institution_id=present.institution_id,
        subject=("registration", present.id),
    )
    return "ready"


def _is_meant(present: Registration, claimed: Claimed) -> bool:
    """Tell whether the code was made for this LMS.

    For it by name, or for an institution that can be no other.
    """
    if claimed.renews:
        return claimed.renews == present.id
    namesakes = db.session.scalars(
        select(Institution.id).where(Institution.name == claimed.institution)
    ).all()
    return list(namesakes) == [present.institution_id]


_ADDRESSES = ("family", "issuer", "auth_url", "token_url", "jwks_url")


def _leave(present: Registration, new: NewRegistration) -> Outcome:
    """Change nothing here, without a code; the LMS has our present values all the same."""
    if not present.enabled and not present.awaiting_approval:
        raise errors.switched_off()
    told = _ADDRESSES if present.audience_by_operator else (*_ADDRESSES, "auth_audience")
    if any(getattr(present, part) != getattr(new, part) for part in told):
        raise errors.changed()
    audit.record(
        "platform.registered_again",
        institution_id=present.institution_id,
        subject=("registration", present.id),
    )
    return "waiting" if present.awaiting_approval else "unchanged"


def _free(name: str) -> str:
    """Find a short name that nobody has."""
    taken = set(
        db.session.scalars(select(Registration.name).where(Registration.name.startswith(name)))
    )
    further = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *further) if one not in taken)


def _unreachable(host: str, error: FetchError) -> Problem:
    log.warning("registration unreachable", host=host, reason=error.reason)
    return errors.unreachable(host, error.reason)


def _unfit(host: str, error: Unfit) -> Problem:
    log.warning("registration unfit", host=host, reason=error.reason, part=error.part)
    if error.reason == "issuer":
        return errors.foreign_issuer(host)
    if error.reason == "elsewhere":
        return errors.elsewhere(host, error.part)
    return errors.unfit(error.part)


def _confusable(host: str, error: Confusable) -> Problem:
    confused = error.confused
    log.warning("registration confusable", host=host, part=confused.part, other=confused.other.name)
    if confused.part == "client_id":
        return errors.client_known()
    return errors.elsewhere(host, confused.part)


def _error_of(body: bytes) -> str:
    try:
        return text(mapping(json.loads(body)).get("error"))
    except (ValueError, RecursionError):
        return ""


def _refused(host: str, status: int, body: bytes) -> Problem:
    """Say that the LMS refused, with its own word for why if it is one, as Moodle's are.

    Or the one of OpenID Connect Registration §3.3. A sentence could say anything in our name.
    """
    said = _error_of(body) or body[:200].decode("utf-8", "replace").strip()
    code = said if re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", said) else ""
    log.warning("registration refused", host=host, status=status, code=code)
    return errors.refused(host, status, code)

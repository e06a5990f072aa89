"""Tool sessions: who is asking, with which scope.

Several sessions live side by side in one browser. Each has a cookie of its own, named by its
handle; the handle stands in the address and says which of them a tab uses.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVarTuple

from flask import g, request
from flask_babel import gettext as _
from sqlalchemy import Row, Select, and_, func, or_, select, update

from lti_tool.core.audit import Actor
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, in_transaction, remembered, transaction
from lti_tool.core.ids import digest
from lti_tool.core.web.csrf import SAFE
from lti_tool.core.web.headers import allow_framing
from lti_tool.core.web.pages import speak, speak_for
from lti_tool.core.web.problems import Problem, not_found, wants_json
from lti_tool.core.web.urls import SESSION_PARAMETER
from lti_tool.lti.models import Deployment, Registration
from lti_tool.people.cookieless import carried_session, lost_page
from lti_tool.people.models import Course, Person, ToolSession
from lti_tool.people.rules import (
    Impersonation,
    LinkShows,
    Sitter,
    Standing,
    holds_roles_lastingly,
    session_end,
    session_is_live,
)
from lti_tool.people.session_store import (
    COOKIE_PREFIX,
    TERMS,
    TIMES_SWITCHED_OFF,
    SessionTerms,
    stored_terms,
)

_HANDLE = re.compile(r"[a-z2-7]{1,16}")
_TOUCH_EVERY = timedelta(seconds=60)
_NOTE_USE_EVERY = timedelta(minutes=5)
"""How exactly it is known when a launch session was used last; no more hangs on it than whose
cookie makes room (``rules.cookies_to_take_back``)."""
_REMEMBERED = "principals"

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, kw_only=True)
class Principal(SessionTerms):
    """Who is asking: one live tool session, the terms on which it runs, and whom it is of."""

    session_id: str
    handle: str
    registration_id: str
    person_name: str
    person_email: str | None
    course_title: str
    ends_at: datetime
    used: bool = True
    """Whether a request has come with it before; always true of a launch session."""
    seen_at: datetime | None = None
    """When it was last used, as far as it is noted; None for one that begins now."""

    @property
    def terms(self) -> SessionTerms:
        """What a session that is made from this one keeps."""
        return SessionTerms(**{name: getattr(self, name) for name in TERMS})

    @property
    def without_role(self) -> bool:
        """Whether the LMS sent this person into a course without any role in it."""
        in_course = self.kind == "launch" and self.course_id is not None
        return in_course and self.impersonation is None and self.standing is Standing.NONE

    @property
    def shows_gallery(self) -> bool:
        """Whether it came by an entry in the course's menu."""
        return self.link_shows is LinkShows.GALLERY

    @property
    def lasting_holder(self) -> str | None:
        """The person whose roles count here, and to whom a role given here belongs.

        None: what is given in this session is this session's alone.
        """
        lasting = holds_roles_lastingly(self.kind, self.impersonation)
        return self.person_id if lasting else None

    @property
    def sitter(self) -> Sitter:
        return Sitter(
            self.registration_id,
            self.person_id,
            self.impersonation,
            self.acting_for,
            administers=self.standing is Standing.ADMINISTRATOR,
        )

    @property
    def actor(self) -> Actor:
        kind = "person" if self.kind == "launch" else "guest"
        kind = "visitor" if self.impersonation is Impersonation.VISITOR else kind
        return Actor(kind, self.person_id, self.session_id, self.registration_id, self.acting_for)


def of_running_lms(query: Select[*Columns]) -> Select[*Columns]:
    """Keep those of a query's sessions that nobody has ended and whose LMS is not switched off.

    The query is of ``ToolSession``. Whether their time is over is left to ``session_is_live``.
    """
    through = func.coalesce(ToolSession.deployment_id, ToolSession.through_deployment_id)
    return (
        query.join(Registration, Registration.institution_id == ToolSession.institution_id)
        .outerjoin(Deployment, Deployment.id == through)
        .where(
            Registration.enabled,
            or_(through.is_(None), Deployment.enabled),
            ToolSession.times_switched_off == TIMES_SWITCHED_OFF,
            ToolSession.ended_at.is_(None),
        )
    )


def _live_query() -> Select[*tuple[Any, ...]]:
    return of_running_lms(
        select(
            ToolSession,
            Person.name,
            Person.email,
            Course.title,
            Registration.id,
        )
        .select_from(ToolSession)
        .join(Person, Person.id == ToolSession.person_id)
        .outerjoin(Course, Course.id == ToolSession.course_id)
    )


def _principal(row: Row[*tuple[Any, ...]]) -> Principal:
    session, name, email, course_title, registration_id = row
    return Principal(
        **stored_terms(session),
        session_id=session.id,
        handle=session.handle,
        registration_id=registration_id,
        person_name=name or "",
        person_email=email,
        course_title=course_title or "",
        ends_at=session_end(
            session.expires_at, session.keep_until, session.idle_seconds, session.seen_at
        ),
        used=session.kind == "launch" or session.first_used_at is not None,
        seen_at=session.seen_at,
    )


def _is_live(session: ToolSession, present: datetime) -> bool:
    return session_is_live(
        present,
        ended_at=session.ended_at,
        expires_at=session.expires_at,
        keep_until=session.keep_until,
        idle_seconds=session.idle_seconds,
        seen_at=session.seen_at,
    )


def principals() -> list[Principal]:
    """Find every live session that came with this request, newest first.

    Those of its cookies, or the one that it carries itself (see ``cookieless``). Looked up once;
    but every time in a transaction, and again after it: it may have ended some.
    """
    if in_transaction():
        return _look_up()
    known = remembered()
    if _REMEMBERED not in known:
        known[_REMEMBERED] = _look_up()
    found: list[Principal] = known[_REMEMBERED]
    return list(found)


def _look_up() -> list[Principal]:
    carried = carried_session()
    if carried is not None:
        return live_sessions_of([carried])
    return principals_of_cookies()


def principals_of_cookies() -> list[Principal]:
    """Find every live session whose cookie came and holds its secret, newest first.

    A handle alone is known to anybody who saw an address. Asks nothing where none came.
    """
    secrets = secrets_of_cookies()
    if not secrets:
        return []
    present = now()
    rows = db.session.execute(
        _live_query()
        .where(ToolSession.handle.in_(list(secrets)))
        .order_by(ToolSession.created_at.desc())
    ).all()
    return [
        _principal(row)
        for row in rows
        if hmac.compare_digest(row[0].secret_hash, digest(secrets[row[0].handle]))
        and _is_live(row[0], present)
    ]


def secrets_of_cookies() -> dict[str, str]:
    """Give what came in cookies of sessions, by handle; nothing says that it is right."""
    return {
        name.removeprefix(COOKIE_PREFIX): value
        for name, value in request.cookies.items()
        if name.startswith(COOKIE_PREFIX) and _HANDLE.fullmatch(name, len(COOKIE_PREFIX))
    }


def live_sessions_of(session_ids: list[str]) -> list[Principal]:
    """Keep those of these sessions that still run, for verbs that reach other sessions."""
    present = now()
    rows = db.session.execute(_live_query().where(ToolSession.id.in_(session_ids))).all()
    return [_principal(row) for row in rows if _is_live(row[0], present)]


def principal(*, active: bool = True, named: bool = False) -> Principal:
    """Find the session this request is made with, whatever it may see; see ``principal_for``."""
    return principal_for(lambda _principal: True, active=active, named=named)


def principal_for(
    may_see: Callable[[Principal], bool], *, active: bool = True, named: bool = False
) -> Principal:
    """Find the session this request is made with, if it may see what is asked for.

    The handle in the address chooses; without it the newest launch session that may see what is
    asked for, then a guest's. But what changes something, or is ``named`` because only some may
    see it, has the session that the address names (or that the request carries itself) and no
    other: on a shared computer the newest that may is perhaps somebody else's. ``active=False`` for
    what does not count as activity (media ranges, polls). Raises Problem: 404 in one fixed wording
    for pages, 401 for scripts whose session ended.
    """
    present = principals()
    wanted = request.args.get(SESSION_PARAMETER)
    if wanted is None and carried_session() is None and (named or request.method not in SAFE):
        wanted = ""
    if wanted is not None:
        chosen = next((one for one in present if one.handle == wanted), None)
    else:
        ordered = sorted(present, key=lambda one: one.kind == "guest")
        chosen = next((one for one in ordered if may_see(one)), None)
    if chosen is None:
        ended = wanted is not None or not present
        raise session_ended() if ended and wants_json() else lost_page() or not_found()
    if not chosen.used:
        chosen = _first_used(chosen)
    use(chosen)
    if not may_see(chosen):
        raise not_found()
    if active:
        chosen = _touched(chosen)
        g.foyer_principal = chosen
    return chosen


def asking_person() -> str | None:
    """Return the id of the person whose session the address names, if its cookie came too."""
    wanted = request.args.get(SESSION_PARAMETER)
    return next((one.person_id for one in principals() if one.handle == wanted), None)


def use(chosen: Principal) -> None:
    """Serve this request in this session: its handle goes into links, its frames are allowed."""
    g.foyer_handle = chosen.handle
    g.foyer_principal = chosen
    speak(chosen.locale)
    allow_framing(chosen.frame_origins)
    speak_for(chosen.institution_id)


def let_go() -> None:
    """Answer this request without the session it was made with, which has just ended.

    In its language and its frame, but with nothing of it on the page.
    """
    for name in ("foyer_principal", "foyer_handle", "foyer_carries_page"):
        g.pop(name, None)


def session_ended() -> Problem:
    return Problem(
        401,
        "session-ended",
        _("Your session has ended"),
        _(
            "What you typed is still here. Open the page again from your course or from your"
            " invitation link in another tab, then try again."
        ),
    )


def _first_used(chosen: Principal) -> Principal:
    """Note that a guest's browser has got its session: from now on no other takes its place.

    Raises Problem, as for a session that ended, where another has taken it meanwhile.
    """
    with transaction() as session:
        session.execute(
            update(ToolSession)
            .where(
                ToolSession.id == chosen.session_id,
                ToolSession.first_used_at.is_(None),
                ToolSession.ended_at.is_(None),
            )
            .values(first_used_at=now())
            .execution_options(synchronize_session=False)
        )
    running = live_sessions_of([chosen.session_id])
    if not running:
        raise session_ended() if wants_json() else not_found()
    return running[0]


def _touched(chosen: Principal) -> Principal:
    """Note a session's activity now and then; the principal with the end that holds now."""
    present = now()
    if chosen.kind != "guest":
        _note_use(chosen, present)
        return chosen
    stale = and_(
        ToolSession.id == chosen.session_id,
        ToolSession.idle_seconds.is_not(None),
        ToolSession.seen_at < present - _TOUCH_EVERY,
    )
    limits = select(ToolSession.expires_at, ToolSession.keep_until, ToolSession.idle_seconds)
    found = db.session.execute(limits.where(stale)).one_or_none()
    if found is None:
        return chosen
    with transaction() as session:
        session.execute(
            update(ToolSession)
            .where(stale)
            .values(seen_at=present)
            .execution_options(synchronize_session=False)
        )
    return replace(chosen, ends_at=session_end(*found, present))


def _note_use(chosen: Principal, present: datetime) -> None:
    """Note that a launch session is still used; its end does not move by that."""
    before = present - _NOTE_USE_EVERY
    if chosen.seen_at is None or chosen.seen_at > before:
        return
    with transaction() as session:
        session.execute(
            update(ToolSession)
            .where(ToolSession.id == chosen.session_id, ToolSession.seen_at <= before)
            .values(seen_at=present)
            .execution_options(synchronize_session=False)
        )

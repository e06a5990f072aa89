"""A small world to test in: an LMS, a course, people, and their sessions in browsers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier
from time import monotonic
from typing import Any, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, literal_column, select, text

from lti_tool.core.audit import AuditRecord
from lti_tool.core.background import Work
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import new_id
from lti_tool.core.institutions import Institution
from lti_tool.lti.models import Deployment, Registration
from lti_tool.media.access import counts_for
from lti_tool.media.models import Grant
from lti_tool.people.models import Course, Person, ResourceLink
from lti_tool.people.rules import GUEST_SESSION_LIMIT, LAUNCH_SESSION_LIFE, Standing
from lti_tool.people.session_store import (
    COOKIE_PREFIX,
    NewSession,
    SessionTerms,
    open_session,
)
from lti_tool.people.sessions import Principal, live_sessions_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Given = TypeVar("Given")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class TestClock:
    """A clock that moves only when a test says so."""

    __test__ = False

    def __init__(self) -> None:
        self.present = START

    def __call__(self) -> datetime:
        return self.present

    def pass_(self, **delta: float) -> None:
        self.present += timedelta(**delta)


class Held:
    """Work for the background waits until a test lets it be done."""

    def __init__(self) -> None:
        self.waiting: dict[Hashable, tuple[Flask, Work]] = {}

    def submit(self, app: Flask, key: Hashable, work: Work) -> None:
        self.waiting.setdefault(key, (app, work))

    def do_all(self) -> None:
        while self.waiting:
            key = next(iter(self.waiting))
            app, work = self.waiting.pop(key)
            with app.app_context():
                work()


def in_the_background(app: Flask) -> Held:
    """What waits in the background of a test's application."""
    held = app.extensions["foyer.background"]
    assert isinstance(held, Held)
    return held


@dataclass
class School:
    """One registered LMS with one course; people and links are made on request."""

    name: str
    institution_id: str = ""
    registration_id: str = ""
    deployment_id: str = ""
    course_id: str = ""
    persons: dict[str, str] = field(default_factory=dict)

    def person(self, sub: str, name: str = "", email: str | None = None) -> str:
        """The id of the LMS person with this sub."""
        if sub not in self.persons:
            person = Person(
                kind="lms",
                institution_id=self.institution_id,
                registration_id=self.registration_id,
                sub=sub,
                name=name or sub.title(),
                email=email,
                seen_at=START,
            )
            with transaction() as session:
                session.add(person)
            self.persons[sub] = person.id
        return self.persons[sub]

    def course(self, title: str) -> str:
        """The id of a further course."""
        course = Course(
            institution_id=self.institution_id,
            registration_id=self.registration_id,
            deployment_id=self.deployment_id,
            context_id=new_id(),
            title=title,
        )
        with transaction() as session:
            session.add(course)
        return course.id

    def link(self, course_id: str | None = None) -> str:
        """The id of a new resource link."""
        link = ResourceLink(
            institution_id=self.institution_id,
            registration_id=self.registration_id,
            deployment_id=self.deployment_id,
            course_id=course_id or self.course_id,
            link_id=new_id(),
        )
        with transaction() as session:
            session.add(link)
        return link.id

    def launched(
        self,
        sub: str,
        standing: Standing = Standing.LEARNER,
        *,
        course_id: str | None = "",
        name: str = "",
        **terms: Any,
    ) -> NewSession:
        """A launch session of this person; course_id None is a launch without a course."""
        person_id = self.person(sub, name)
        with transaction():
            return open_session(
                SessionTerms(
                    kind="launch",
                    institution_id=self.institution_id,
                    deployment_id=self.deployment_id,
                    person_id=person_id,
                    course_id=self.course_id if course_id == "" else course_id,
                    standing=standing,
                    expires_at=now() + LAUNCH_SESSION_LIFE,
                    times_switched_off=self._times_switched_off(),
                    **{"frame_origins": ("http://localhost:9000",), "locale": "en", **terms},
                )
            )

    def _times_switched_off(self) -> int:
        registration = db.session.get(Registration, self.registration_id, populate_existing=True)
        deployment = db.session.get(Deployment, self.deployment_id, populate_existing=True)
        return registration.times_switched_off + deployment.times_switched_off

    def principal(
        self, sub: str, standing: Standing = Standing.LEARNER, *, course_id: str | None = ""
    ) -> Principal:
        """The same as what a verb gets to know of it."""
        return principal_of(self.launched(sub, standing, course_id=course_id))

    def guest(self, email: str, media_id: str, stands_on: str = "invitation:x:1") -> NewSession:
        """A guest session on one item, as a redeemed invitation opens it."""
        person = Person(
            kind="guest",
            institution_id=self.institution_id,
            email=email,
            name=email.partition("@")[0],
            seen_at=START,
        )
        with transaction() as session:
            session.add(person)
            session.flush()
            return open_session(
                SessionTerms(
                    kind="guest",
                    institution_id=self.institution_id,
                    person_id=person.id,
                    scope=media_id,
                    stands_on=stands_on,
                    keep_until=START + timedelta(days=1),
                    idle_seconds=12 * 3600,
                    expires_at=now() + GUEST_SESSION_LIMIT,
                    times_switched_off=session.scalars(
                        select(Registration.times_switched_off).where(
                            Registration.institution_id == self.institution_id
                        )
                    ).one(),
                )
            )


def principal_of(new: NewSession) -> Principal:
    """The live session as a Principal."""
    db.session.rollback()
    return live_sessions_of([new.session_id])[0]


def granted_roles(session_id: str, media_id: str) -> set[str]:
    """The roles that running grants give the session, or its person, on the item."""
    (principal,) = live_sessions_of([session_id])
    running = select(Grant.role).where(
        counts_for(principal),
        Grant.media_id == media_id,
        Grant.ended_at.is_(None),
    )
    return set(db.session.scalars(running))


def make_school(name: str) -> School:
    """A registered LMS with one course "Ornithology"."""
    school = School(name)
    with transaction() as session:
        institution = Institution(name=name, created_at=START)
        session.add(institution)
        session.flush()
        registration = Registration(
            institution_id=institution.id,
            name=name,
            family="sakai",
            issuer=f"https://{name}.example",
            login_issuer=f"https://{name}.example",
            client_id=new_id(),
            auth_url=f"https://{name}.example/auth",
            token_url=f"https://{name}.example/token",
            jwks_url=f"https://{name}.example/jwks",
            created_at=START,
        )
        session.add(registration)
        session.flush()
        deployment = Deployment(
            registration_id=registration.id, deployment_id="1", enabled=True, created_at=START
        )
        session.add(deployment)
        session.flush()
    school.institution_id = institution.id
    school.registration_id = registration.id
    school.deployment_id = deployment.id
    school.course_id = school.course("Ornithology")
    return school


def as_written() -> list[ColumnElement[Any]]:
    """What to order the audit trail by, also what was written in one moment."""
    if db.engine.dialect.name == "sqlite":
        return [AuditRecord.at.expression, literal_column("rowid")]
    within = (literal_column(f"{name}::text::bigint") for name in ("xmin", "cmin"))
    return [AuditRecord.at.expression, *within]


def audited(app: Flask) -> list[str]:
    """The actions in the audit trail, in their order."""
    with app.app_context():
        return list(db.session.scalars(select(AuditRecord.action).order_by(*as_written())))


def all_at_once(calls: Sequence[Callable[[], Given]]) -> list[Given]:
    """Start every call in the same moment, each in a thread of its own; what they give."""
    ready = Barrier(len(calls))

    def run(call: Callable[[], Given]) -> Given:
        ready.wait(60)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def wait_until_it_waits(call: Future[Any]) -> None:
    """Return once the call waits for the transaction that runs here, or is done without.

    (In SQLite one writes at a time: whatever begins later waits.)
    """
    if db.engine.dialect.name == "sqlite":
        return
    here = db.session.scalar(text("SELECT pg_backend_pid()"))
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE :here = ANY (pg_blocking_pids(pid))")
    patience = monotonic() + 60
    with db.engine.connect() as other:
        while not wait([call], timeout=0.02).done:
            if other.execute(waiting, {"here": here}).first():
                return
            assert monotonic() < patience, "it neither waits nor comes to an end"


def browser(app: Flask, *sessions: NewSession) -> FlaskClient:
    """A browser that holds these sessions."""
    client = app.test_client()
    for new in sessions:
        client.set_cookie(COOKIE_PREFIX + new.handle, new.secret, domain="localhost")
    return client


class PageOf(FlaskClient):
    """A browser in which somebody works on a page of one session: what the page asks names it."""

    handle = ""

    def open(self, *args: Any, **more: Any) -> Any:
        path, *rest = args or ("",)
        query = more.get("query_string")
        if isinstance(path, str) and "as=" not in path and "as" not in (query or {}):
            if query is None:
                path += ("&" if "?" in path else "?") + f"as={self.handle}"
            else:
                more["query_string"] = {**query, "as": self.handle}
            args = (path, *rest)
        return super().open(*args, **more)


def page_of(app: Flask, new: NewSession, *others: NewSession) -> PageOf:
    """A browser on a page of this session; it may hold others too."""
    client = PageOf(app, app.response_class, use_cookies=True)
    client.handle = new.handle
    for one in (new, *others):
        client.set_cookie(COOKIE_PREFIX + one.handle, one.secret, domain="localhost")
    return client

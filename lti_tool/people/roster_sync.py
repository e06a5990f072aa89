"""Roster sync: reading a course's roster anew, one process at a time (a lease).

In small transactions, in the background. Whoever wants to read it claims it by one conditional
UPDATE. Each piece is written only while that claim stands, and prolongs it; a process that was held
up for too long writes nothing more. What is as it was is not written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from lti_tool.core import audit
from lti_tool.core.background import in_background
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched, transaction
from lti_tool.core.db.upsert import conflict_aware_insert
from lti_tool.core.ids import new_id
from lti_tool.core.texts import one_line
from lti_tool.lti.launch import Platform
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.registrations import as_platform
from lti_tool.lti.services.errors import ServiceError
from lti_tool.lti.services.names_and_roles import Member, members
from lti_tool.people.emails import InvalidEmail, normalise_email
from lti_tool.people.models import Course, Membership, Person, Roster, RosterMember, RosterText
from lti_tool.people.roster_silence import Launches, launches_of
from lti_tool.people.rules import is_student_view
from lti_tool.people.search import texts_of

READ_AGAIN = timedelta(minutes=30)
TRY_AGAIN = timedelta(minutes=5)
LOOK_AGAIN = timedelta(minutes=5)
"""Where the LMS gives no list, and the launches are looked through."""
CLAIM = timedelta(minutes=4)
"""Longer than an LMS may take for one page, asked for again with a new token."""
BATCH = 200
"""People written in one transaction, while nobody else can write to SQLite."""

Read = Callable[[Platform, str], Iterable[list[Member]]]
Item = TypeVar("Item")

_MEMBERS: Any = RosterMember.__table__
_TEXTS: Any = RosterText.__table__


class _ClaimLost(Exception):
    """Another process reads this roster now."""


class _Told(NamedTuple):
    """What is kept of somebody."""

    email: str
    given_name: str
    family_name: str
    name: str
    listed: bool
    """Whether the list told the address."""


@dataclass(frozen=True)
class _Course:
    id: str
    institution_id: str
    platform: Platform
    memberships_url: str | None
    source: str | None
    """Where what is kept came from; None: nothing was read yet."""
    read_at: datetime | None
    newly_listed: bool
    """Whether the LMS gives a list now, and gave none at the last reading."""


def ask_for(course_id: str) -> None:
    """Have the roster read in the background, if it is due by then."""
    in_background(("roster", course_id), partial(refresh, course_id))


def refresh(course_id: str, read: Read = members) -> bool:
    """Read the roster if it is due and nobody else does; tell whether that was done.

    An LMS that gives no list, or an unfit one, is noted. So is any other trouble, which is raised.
    """
    course = _due(course_id)
    claim = _claim(course) if course is not None else None
    if course is None or claim is None:
        return False
    reading = _Reading(course, claim)
    try:
        reading.run(read)
    except _ClaimLost:
        return False
    except Exception:
        with suppress(_ClaimLost):
            reading.finish("broken", None)
        raise
    return True


def _due(course_id: str) -> _Course | None:
    """Find the course, if its LMS is switched on and its roster may be read now."""
    row = db.session.execute(
        select(Course, Registration, Roster)
        .join(Registration, Registration.id == Course.registration_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .outerjoin(Roster, Roster.course_id == Course.id)
        .where(Course.id == course_id, Registration.enabled, Deployment.enabled)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    course, registration, roster = row
    newly_listed = roster is not None and is_newly_listed(
        course.memberships_url, roster.source, roster.failure
    )
    if roster is not None and roster.due_at > now() and not newly_listed:
        return None
    return _Course(
        course.id,
        course.institution_id,
        as_platform(registration),
        course.memberships_url,
        roster.source if roster is not None else None,
        roster.read_at if roster is not None else None,
        newly_listed,
    )


def is_newly_listed(memberships_url: str | None, source: str | None, failure: str | None) -> bool:
    """Tell whether a course has learned where its list is since its roster was read.

    Then it is due at once. Moodle tells of a list only where the course uses the tool already, so
    the first dialog of a course finds none, and the launch seconds later does.
    """
    return memberships_url is not None and source == "launches" and failure is None


def _claim(course: _Course) -> str | None:
    """Claim the roster (a lease); None where another has it: of several who try, one gets it."""
    mine, present, course_id = new_id(), now(), course.id
    due = Roster.due_at <= present
    if course.newly_listed:
        due = and_(Roster.source == "launches", Roster.failure.is_(None))
    with transaction() as session:
        row = {"course_id": course_id, "due_at": present, "people": 0, "without_address": 0}
        session.execute(conflict_aware_insert(Roster).values(row).on_conflict_do_nothing())
        won = session.execute(
            update(Roster)
            .where(
                Roster.course_id == course_id,
                due,
                or_(Roster.claimed_until.is_(None), Roster.claimed_until <= present),
            )
            .values(claimed_by=mine, claimed_until=present + CLAIM)
            .execution_options(synchronize_session=False)
        )
    return mine if rows_matched(won) else None


@dataclass
class _Reading:
    """One reading, under one claim."""

    course: _Course
    claim: str
    known: dict[str, tuple[str, _Told]] = field(default_factory=dict)
    """Whom the database keeps, by sub: the row's id and what it says."""
    launches: Launches | None = None
    """What they have told, while the LMS's list is read."""
    named: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    written: int = 0
    removed: int = 0

    def run(self, read: Read) -> None:
        course = self.course
        if course.memberships_url is not None:
            listed_at = course.read_at if course.source == "lms" else None
            self.launches = launches_of(course.platform.id, listed_at)
        self.known = _known(course.id)
        failure, source = self._from_lms(read)
        if source is None and (failure is None or self.course.source != "lms"):
            self.named.clear()
            self.kept.clear()
            self.launches = None
            self._take(_launched(self.course))
            source = "launches"
        if source is not None:
            self._remove_gone()
        self.finish(failure, source)

    def _from_lms(self, read: Read) -> tuple[str | None, str | None]:
        """Read from the LMS; return why that failed, or the source if it did not.

        Both are None where the LMS told no address.
        """
        if self.course.memberships_url is None:
            return None, None
        try:
            self._take(read(self.course.platform, self.course.memberships_url))
        except ServiceError as error:
            return error.reason, None
        return None, "lms"

    def _take(self, pages: Iterable[list[Member]]) -> None:
        for page in pages:
            for some in _pieces(page, BATCH):
                self._write(some)

    def _write(self, some: Sequence[Member]) -> None:
        present = {one.sub: one for one in some if one.active and not is_student_view(one.roles)}
        told = self._told(present)
        self.named |= present.keys()
        self.kept |= told.keys()
        new = {sub: one for sub, one in told.items() if sub not in self.known}
        changed = {
            sub: one for sub, one in told.items() if sub in self.known and self.known[sub][1] != one
        }
        rows = {sub: (new_id(), one) for sub, one in new.items()}
        rows |= {sub: (self.known[sub][0], one) for sub, one in changed.items()}
        with transaction() as session:
            self._hold()
            self._forget_untold(some)
            if changed:
                ids = [rows[sub][0] for sub in changed]
                session.execute(delete(_TEXTS).where(_TEXTS.c.member_id.in_(ids)))
                session.execute(_CHANGE, [_changed(*rows[sub]) for sub in changed])
            if new:
                session.execute(insert(_MEMBERS), [self._row(sub, *rows[sub]) for sub in new])
            if rows:
                session.execute(insert(_TEXTS), list(self._texts(rows.values())))
        self.known |= rows
        self.written += len(rows)

    def _told(self, present: dict[str, Member]) -> dict[str, _Told]:
        """Collect what is kept of those with an address: that of the list, or of their launch."""
        addresses = {sub: _address(one.email) for sub, one in present.items()}
        listed = {sub for sub, address in addresses.items() if address} if self.launches else set()
        missing = [sub for sub, address in addresses.items() if address is None]
        if self.launches is not None and missing:
            addresses |= self.launches.addresses(missing, self._ceased(missing))
        return {
            sub: _Told(
                address,
                one_line(one.given_name)[:255],
                one_line(one.family_name)[:255],
                one_line(one.name)[:255],
                sub in listed,
            )
            for sub, one in present.items()
            if (address := addresses[sub]) is not None
        }

    def _forget_untold(self, some: Sequence[Member]) -> None:
        """Forget of people what their launches told and the list no longer does."""
        launches = self.launches
        if launches is None:
            return
        untold = [one.sub for one in some if not one.email]
        launches.forget_addresses(untold, self._ceased(untold))
        nameless = [one.sub for one in some if not (one.name or one.given_name)]
        told = self.known if self.course.source == "lms" else {}
        named = [sub for sub in nameless if sub in told and told[sub][1].name]
        launches.forget_names(nameless, named)

    def _ceased(self, subs: Iterable[str]) -> list[str]:
        """List those of whom the list told an address before."""
        return [sub for sub in subs if sub in self.known and self.known[sub][1].listed]

    def _row(self, sub: str, member_id: str, told: _Told) -> dict[str, Any]:
        return {"id": member_id, "course_id": self.course.id, "sub": sub, **told._asdict()}

    def _texts(self, rows: Iterable[tuple[str, _Told]]) -> Iterator[dict[str, str]]:
        for member_id, told in rows:
            for text in texts_of(told.given_name, told.family_name, told.name, told.email):
                yield {"course_id": self.course.id, "text": text, "member_id": member_id}

    def _remove_gone(self) -> None:
        gone = [member_id for sub, (member_id, _) in self.known.items() if sub not in self.kept]
        for some in _pieces(gone, BATCH):
            with transaction() as session:
                self._hold()
                session.execute(delete(_MEMBERS).where(_MEMBERS.c.id.in_(some)))
        self.removed = len(gone)

    def _hold(self) -> None:
        """Prolong the claim; it is ours for as long as the transaction runs."""
        self._update(claimed_until=now() + CLAIM)

    def finish(self, failure: str | None, source: str | None) -> None:
        """Give the claim back, and note what came of it."""
        present = now()
        after = TRY_AGAIN if failure else READ_AGAIN if source == "lms" else LOOK_AGAIN
        people, without_address = len(self.named), len(self.named - self.kept)
        values: dict[str, Any] = {"due_at": present + after, "failure": failure}
        if source is not None:
            values |= {"source": source, "read_at": present}
            values |= {"people": people, "without_address": without_address}
        with transaction():
            self._update(claimed_by=None, claimed_until=None, **values)
            if failure or self.written or self.removed:
                audit.record(
                    "roster.failed" if failure else "roster.read",
                    institution_id=self.course.institution_id,
                    subject=("course", self.course.id),
                    people=people,
                    without_address=without_address,
                    written=self.written,
                    removed=self.removed,
                    why=failure,
                )

    def _update(self, **values: Any) -> None:
        done = db.session.execute(
            update(Roster)
            .where(Roster.course_id == self.course.id, Roster.claimed_by == self.claim)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if not rows_matched(done):
            raise _ClaimLost


_CHANGE = (
    update(_MEMBERS)
    .where(_MEMBERS.c.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in _Told._fields})
)


def _changed(member_id: str, told: _Told) -> dict[str, Any]:
    return {"of": member_id, **{f"new_{name}": value for name, value in told._asdict().items()}}


def _known(course_id: str) -> dict[str, tuple[str, _Told]]:
    columns = [_MEMBERS.c[name] for name in _Told._fields]
    rows = db.session.execute(
        select(_MEMBERS.c.sub, _MEMBERS.c.id, *columns).where(_MEMBERS.c.course_id == course_id)
    ).all()
    db.session.rollback()  # what follows may take long, and must not hold a snapshot
    return {sub: (member_id, _Told(*told)) for sub, member_id, *told in rows}


def _launched(course: _Course) -> Iterator[list[Member]]:
    """List those whom the LMS has sent into the course, as their last launch named them."""
    ids = db.session.scalars(
        select(Membership.person_id).where(Membership.course_id == course.id)
    ).all()
    for some in _pieces(ids, BATCH):
        yield [
            Member(
                sub=str(one.sub),
                name=one.name,
                given_name=one.given_name,
                family_name=one.family_name,
                email=one.email,
                roles=(),
                active=True,
            )
            for one in db.session.scalars(
                select(Person).where(
                    Person.id.in_(some),
                    Person.kind == "lms",
                    Person.institution_id == course.institution_id,
                )
            )
        ]


def _address(email: str | None) -> str | None:
    try:
        return normalise_email(email) if email else None
    except InvalidEmail:
        return None


def _pieces(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]

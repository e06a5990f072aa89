"""Who is in a course: for those of its staff who look for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from lti_tool.core.database import db
from lti_tool.people.models import Course, Roster, RosterMember, RosterText
from lti_tool.people.refreshing import ask_for
from lti_tool.people.rules import sees_roster
from lti_tool.people.search import ENDS, MOST_TEXTS
from lti_tool.people.sessions import Viewer


class RosterState(StrEnum):
    """What somebody who looks for people of their course should know."""

    NONE = "none"
    """Their session is not for seeing who is in a course."""
    READING = "reading"
    READY = "ready"
    FAILED = "failed"
    """The LMS did not give its list; those who have been here may be found."""
    NOT_SHARED = "not_shared"
    """The LMS has no list for us; those who have been here may be found."""
    WITHOUT_ADDRESSES = "without_addresses"


@dataclass(frozen=True)
class Found:
    """Somebody of the course."""

    email: str
    given_name: str
    family_name: str
    name: str


def keep_fresh(viewer: Viewer) -> None:
    """Have the roster of the session's course read anew in the background where it is old, if the
    session may look into it. Asks the database nothing."""
    if viewer.course_id is not None and sees_roster(viewer.standing):
        ask_for(viewer.course_id)


def state_of(viewer: Viewer) -> RosterState:
    """What is known of the session's course."""
    if viewer.course_id is None or not sees_roster(viewer.standing):
        return RosterState.NONE
    row = db.session.execute(
        select(Roster.source, Roster.failure, Roster.people, Roster.without_address)
        .join(Course, Course.id == Roster.course_id)
        .where(
            Roster.course_id == viewer.course_id,
            Course.institution_id == viewer.institution_id,
        )
    ).one_or_none()
    if row is None:
        return RosterState.READING
    source, failure, people, without_address = row
    if source == "lms":
        nobody = people > 0 and without_address == people
        return RosterState.WITHOUT_ADDRESSES if nobody else RosterState.READY
    if failure is not None:
        return RosterState.FAILED
    return RosterState.READING if source is None else RosterState.NOT_SHARED


def people_of_course(viewer: Viewer, words: Sequence[str], most: int) -> list[Found]:
    """Those of the session's course in whom each of these words (see ``search``) begins one, in
    the order of what the longest begins; nobody for a session that may not look into the roster.

    Of a course however large no more rows are read than may be needed for ``most`` people.
    """
    if viewer.course_id is None or not sees_roster(viewer.standing) or not words:
        return []
    longest = max(words, key=len)
    others = [word for word in words if word != longest]
    first = (
        select(RosterText.member_id, RosterText.text)
        .join(Course, Course.id == RosterText.course_id)
        .where(
            RosterText.course_id == viewer.course_id,
            Course.institution_id == viewer.institution_id,
            *_begins(RosterText, longest),
            *(_has(word) for word in others),
        )
        .order_by(RosterText.text)
        .limit(most * MOST_TEXTS)
        .subquery()
    )
    rows = db.session.execute(
        select(
            RosterMember.email,
            RosterMember.given_name,
            RosterMember.family_name,
            RosterMember.name,
        )
        .join(first, first.c.member_id == RosterMember.id)
        .order_by(first.c.text, RosterMember.id)
    )
    each_once: dict[str, Found] = {}
    for row in rows:
        each_once.setdefault(row.email, Found(*row))
    return list(each_once.values())[:most]


def _has(word: str) -> ColumnElement[bool]:
    other = aliased(RosterText)
    same = other.member_id == RosterText.member_id
    return exists().where(same, *_begins(other, word)).correlate(RosterText)


def _begins(texts: type[RosterText], word: str) -> tuple[ColumnElement[bool], ...]:
    """As two bounds, which every database looks up in the index."""
    return (texts.text >= word, texts.text < word + ENDS)

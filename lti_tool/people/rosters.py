"""Who is in a course: for those of its staff who look for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from lti_tool.core.db.compiled import Statement
from lti_tool.people.models import Course, Roster, RosterMember, RosterText
from lti_tool.people.roster_sync import ask_for, is_newly_listed
from lti_tool.people.rules import sees_roster
from lti_tool.people.search import ENDS, MOST_TEXTS
from lti_tool.people.sessions import Principal


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


def keep_fresh(principal: Principal) -> None:
    """Have the roster of the session's course read anew in the background, where it is old.

    Only if the session may look into it. Asks the database nothing.
    """
    if principal.course_id is not None and sees_roster(principal.standing):
        ask_for(principal.course_id)


_STATE = Statement(
    select(
        Roster.source,
        Roster.failure,
        Roster.people,
        Roster.without_address,
        Course.memberships_url,
    )
    .join(Course, Course.id == Roster.course_id)
    .where(
        Roster.course_id == bindparam("course"), Course.institution_id == bindparam("institution")
    )
)


def state_of(principal: Principal) -> RosterState:
    """Tell what is known of the session's course."""
    if principal.course_id is None or not sees_roster(principal.standing):
        return RosterState.NONE
    found = _STATE.rows({"course": principal.course_id, "institution": principal.institution_id})
    if not found:
        return RosterState.READING
    source, failure, people, without_address, memberships_url = found[0]
    if source == "lms":
        nobody = people > 0 and without_address == people
        return RosterState.WITHOUT_ADDRESSES if nobody else RosterState.READY
    if failure is not None:
        return RosterState.FAILED
    coming = source is None or is_newly_listed(memberships_url, source, failure)
    return RosterState.READING if coming else RosterState.NOT_SHARED


def people_of_course(principal: Principal, words: Sequence[str], most: int) -> list[Found]:
    """Find those of the session's course in whom each of these words begins one.

    For what begins one see ``search``. They come in the order of what the longest begins; nobody
    for a session that may not look into the roster. Of a course however large no more rows are read
    than may be needed for ``most`` people.
    """
    if principal.course_id is None or not sees_roster(principal.standing) or not words:
        return []
    longest, *others = sorted(words, key=len, reverse=True)
    values: dict[str, Any] = {
        "course": principal.course_id,
        "institution": principal.institution_id,
        "rows": most * MOST_TEXTS,
    }
    for at, word in enumerate((longest, *others)):
        values |= {f"from_{at}": word, f"to_{at}": word + ENDS}
    each_once: dict[str, Found] = {}
    for row in _search(len(others)).rows(values):
        each_once.setdefault(row.email, Found(*row))
    return list(each_once.values())[:most]


@cache
def _search(others: int) -> Statement:
    """Build the query that is asked at each key.

    Built once for each number of words beside the longest.
    """
    first = (
        select(RosterText.member_id, RosterText.text)
        .join(Course, Course.id == RosterText.course_id)
        .where(
            RosterText.course_id == bindparam("course"),
            Course.institution_id == bindparam("institution"),
            *_begins(RosterText, 0),
            *(_has(at) for at in range(1, others + 1)),
        )
        .order_by(RosterText.text)
        .limit(bindparam("rows"))
        .subquery()
    )
    found = (
        select(
            RosterMember.email,
            RosterMember.given_name,
            RosterMember.family_name,
            RosterMember.name,
        )
        .join(first, first.c.member_id == RosterMember.id)
        .order_by(first.c.text, RosterMember.id)
    )
    return Statement(found)


def _has(word: int) -> ColumnElement[bool]:
    other = aliased(RosterText)
    same = other.member_id == RosterText.member_id
    return exists().where(same, *_begins(other, word)).correlate(RosterText)


def _begins(texts: type[RosterText], word: int) -> tuple[ColumnElement[bool], ...]:
    """Compare by two bounds, which every database looks up in the index."""
    return (texts.text >= bindparam(f"from_{word}"), texts.text < bindparam(f"to_{word}"))

"""What roles of an LMS mean, and how long a session lives; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LAUNCH_SESSION_LIFE = timedelta(hours=12)
GUEST_SESSION_LIMIT = timedelta(days=7)


class Standing(StrEnum):
    """What the LMS says of a person in one course, strongest first."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    ASSISTANT = "assistant"
    DESIGNER = "designer"
    LEARNER = "learner"
    OBSERVER = "observer"
    NONE = "none"

    @property
    def strength(self) -> int:
        return len(Standing) - list(Standing).index(self)


def sees_roster(standing: Standing) -> bool:
    """Tell whether somebody of this standing may look up who is in the course."""
    return standing in (Standing.ADMINISTRATOR, Standing.MANAGER, Standing.ASSISTANT)


class Impersonation(StrEnum):
    """How whoever sits there differs from the person whom the LMS names."""

    VISITOR = "visitor"
    """The LMS lets somebody in without an account."""
    STUDENT_VIEW = "student_view"
    """An instructor looks at the course as the LMS's made-up student."""
    ACTING_AS = "acting_as"
    """An administrator acts as this person."""


class LinkShows(StrEnum):
    """What the link of a launch leads to, where that is not what was chosen for it here."""

    ITEM = "item"
    """The item that the LMS names with it."""
    GALLERY = "gallery"
    """All media of the course: it is an entry in the course's menu."""


def holds_roles_lastingly(kind: str, impersonation: str | None) -> bool:
    """Tell whether a role given in a session is its person's, wherever they launch.

    Else it is the session's alone: a guest is nobody elsewhere, and whoever is here as a visitor,
    in Student View or as somebody else is not the person that the session is of.
    """
    return kind == "launch" and impersonation is None


_VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
_MEMBERSHIP = _VOCABULARY + "membership"

_BY_ROLE = {
    "Instructor": Standing.MANAGER,
    "TeachingAssistant": Standing.ASSISTANT,
    "ContentDeveloper": Standing.DESIGNER,
    "Learner": Standing.LEARNER,
    "Student": Standing.LEARNER,
    "Member": Standing.LEARNER,
    "Mentor": Standing.OBSERVER,
    "Observer": Standing.OBSERVER,
}
_ASSISTING = frozenset({"TeachingAssistant", "TeachingAssistantSection", "Grader"})
_INSTITUTION_ADMINISTRATORS = frozenset(
    {_VOCABULARY + "institution/person#Administrator", _VOCABULARY + "person#Administrator"}
)
_SYSTEM_ADMINISTRATORS = frozenset(
    {
        _VOCABULARY + "system/person#Administrator",
        _VOCABULARY + "system/person#SysAdmin",
        _VOCABULARY + "system/person#AccountAdmin",
    }
)
ADMINISTRATOR_SOURCES = {
    "institution_or_system": _INSTITUTION_ADMINISTRATORS | _SYSTEM_ADMINISTRATORS,
    "system": _SYSTEM_ADMINISTRATORS,
    "nobody": frozenset[str](),
}


def standing(roles: Iterable[str], administrators_from_lms: str) -> Standing:
    """Read the standing that a launch's roles claim gives (LTI Core 1.3 §A.2).

    Only membership roles give power in a course; institution and system roles say what somebody
    is elsewhere, and count for administrators alone, as the institution's setting says. Whoever
    carries any form of teaching assistant is an assistant, because two of the three big LMSs send
    Instructor beside it.
    """
    present = {role.strip() for role in roles}
    found = {_of_one(role) for role in present}
    if Standing.ASSISTANT in found:
        found.discard(Standing.MANAGER)
    if present & ADMINISTRATOR_SOURCES[administrators_from_lms]:
        found.add(Standing.ADMINISTRATOR)
    return max(found, key=lambda item: item.strength, default=Standing.NONE)


_TEST_USERS = frozenset(
    {
        "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
        _VOCABULARY + "system/person#TestUser",
    }
)


def is_student_view(roles: Iterable[str]) -> bool:
    """Tell whether the roles are those of the LMS's made-up student (LTI Core 1.3 §A.2.4)."""
    return any(role.strip() in _TEST_USERS for role in roles)


def impersonation(
    sub: str | None, roles: Iterable[str], acting_for: str | None
) -> Impersonation | None:
    """Tell how whoever launches differs from the person of whom the launch tells."""
    if sub is None:
        return Impersonation.VISITOR
    if is_student_view(roles):
        return Impersonation.STUDENT_VIEW
    return Impersonation.ACTING_AS if acting_for else None


def standing_in(impersonation: Impersonation | None, told: Standing) -> Standing:
    """Reduce a launch's standing to what counts for whoever sits there.

    A visitor is nobody, whatever roles came along, and the made-up student is a student.
    """
    if impersonation is Impersonation.VISITOR:
        return Standing.NONE
    return Standing.LEARNER if impersonation is Impersonation.STUDENT_VIEW else told


def course_standing(impersonation: Impersonation | None, standing: Standing) -> Standing | None:
    """Choose the standing to keep of the person of a launch.

    None where they do not count among the people of the course.
    """
    outside = impersonation in (Impersonation.VISITOR, Impersonation.STUDENT_VIEW)
    return None if outside else standing


@dataclass(frozen=True)
class Sitter:
    """Who sits at a browser by what a launch session of it says."""

    registration_id: str
    person_id: str
    impersonation: Impersonation | None = None
    acting_for: str | None = None
    administers: bool = False


def is_same_sitter(one: Sitter, other: Sitter) -> bool:
    """Tell whether two sessions are of one person of one LMS.

    All visitors are: each launch without an account makes a person of its own, and a course's page
    may hold thirty of them.
    """
    if one.registration_id != other.registration_id:
        return False
    if one.impersonation is Impersonation.VISITOR and other.impersonation is Impersonation.VISITOR:
        return True
    return (one.person_id, one.acting_for) == (other.person_id, other.acting_for)


def makes_way(former: Sitter, newcomer: Sitter) -> bool:
    """Tell whether a session left open in a browser ends for somebody else of the same LMS.

    For the LMS's made-up student only an administrator's: who comes so is staff of a course, and
    what was left open there may well be their own.
    """
    if newcomer.impersonation is Impersonation.STUDENT_VIEW and not former.administers:
        return False
    same_lms = former.registration_id == newcomer.registration_id
    return same_lms and not is_same_sitter(former, newcomer)


def names_administrator(roles: Iterable[str]) -> bool:
    """Tell whether any of the roles makes an administrator where the institution wants it."""
    widest = ADMINISTRATOR_SOURCES["institution_or_system"]
    return any(role.strip() in widest for role in roles)


def _of_one(role: str) -> Standing:
    principal, _, sub_role = _split(role)
    if principal == "Instructor" and sub_role in _ASSISTING:
        return Standing.ASSISTANT
    return _BY_ROLE.get(principal, Standing.NONE)


def _split(role: str) -> tuple[str, str, str]:
    """Split a membership role into (principal role, separator, sub-role).

    It may come in any of its spellings: ``Instructor``, ``…membership#Instructor``,
    ``…membership/Instructor#TeachingAssistant`` and ``…membership#Instructor#TeachingAssistant``.
    Empty for roles of another vocabulary.
    """
    if role.startswith((_MEMBERSHIP + "#", _MEMBERSHIP + "/")):
        return role[len(_MEMBERSHIP) + 1 :].partition("#")
    return role.partition("#") if "/" not in role and ":" not in role else ("", "", "")


def session_is_live(
    now: datetime,
    *,
    ended_at: datetime | None,
    expires_at: datetime,
    keep_until: datetime | None,
    idle_seconds: int | None,
    seen_at: datetime,
) -> bool:
    """Tell whether a tool session still runs at ``now``."""
    if ended_at is not None or now >= expires_at:
        return False
    return now < session_end(expires_at, keep_until, idle_seconds, seen_at)


def session_end(
    expires_at: datetime,
    keep_until: datetime | None,
    idle_seconds: int | None,
    seen_at: datetime,
) -> datetime:
    """Compute when the session ends if nothing more is done in it."""
    if idle_seconds is None:
        return expires_at
    idle_end = seen_at + timedelta(seconds=idle_seconds)
    return min(expires_at, max(idle_end, keep_until) if keep_until else idle_end)


MOST_SESSIONS = 120
"""Sessions of one browser: as many items as an LMS's page embeds, twice. (Browsers keep 180 cookies
of a site.)"""
MOST_COOKIE_BYTES = 7_200
"""Of all our cookies together: browsers keep 10 kB for a framed site (CHIPS), and many servers take
a header of 8 kB."""
_LEFT = 3 / 4
"""To what they are reduced: frames that open in the same moment each add one."""
_LEAST_BYTES = 3_100
"""What sessions always have of it, enough for sixty: in a new browser, a page with sixty items has
left a cookie with each login, too."""


def cookies_are_many(held: Mapping[str, int], others: int) -> bool:
    """Tell whether a browser holds too many cookies to be given one more.

    ``held`` are the sizes of those of sessions by their handles, ``others`` what else came with the
    request.
    """
    return len(held) >= MOST_SESSIONS or sum(held.values()) + others > MOST_COOKIE_BYTES


def cookies_to_take_back(
    held: Mapping[str, int], others: int, last_used: Mapping[str, datetime]
) -> list[str]:
    """Choose the sessions whose cookies make room (least recently used).

    Those that are over all go, in ``last_used`` are those that run; then those in which nothing was
    done for longest.
    """
    room = max(MOST_COOKIE_BYTES * _LEFT - others, _LEAST_BYTES)
    kept: set[str] = set()
    for handle in sorted(last_used, key=lambda one: last_used[one], reverse=True):
        room -= held[handle]
        if room < 0 or len(kept) >= MOST_SESSIONS * _LEFT:
            break
        kept.add(handle)
    return [handle for handle in held if handle not in kept]

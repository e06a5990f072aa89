"""Who may be meant, while an inviter types: earlier invitees, and people of the course."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.rules import LONGEST_NAME, first_and_last_name
from lti_tool.invitations.settings import invitation_settings
from lti_tool.media.access import Access
from lti_tool.people import rosters
from lti_tool.people.emails import match_form
from lti_tool.people.rosters import RosterState
from lti_tool.people.rules import sees_roster
from lti_tool.people.search import words_of
from lti_tool.people.sessions import Principal

MOST = 8
MOST_EARLIER = 3
"""Earlier invitees that are shown where the course has people for all the other places."""
MOST_LINKS = 8
"""Invitations of one person that are looked through; whoever has more may take another's place."""


@dataclass(frozen=True)
class Suggested:
    """Somebody who might be meant; names may be empty."""

    email: str
    first_name: str
    last_name: str
    invited: bool = False
    """Whether the item has an invitation of theirs that was not revoked."""


@dataclass(frozen=True)
class Suggestions:
    """At most eight people, and what is known of the course's list."""

    people: list[Suggested]
    roster: RosterState


def prepare(principal: Principal) -> None:
    """Have the course's list read anew in the background where it is old and may be needed."""
    if sees_roster(principal.standing) and invitation_settings(principal.institution_id).enabled:
        rosters.keep_fresh(principal)


def suggest(access: Access, typed: str) -> Suggestions:
    """Return at most eight people in whom each word that was typed so far begins one.

    From the second character on. Earlier invitees of the item for every inviter; for those who
    manage or assist the session's course also the people of that course whose address is known, as
    the course names them. Never another institution.
    """
    words = words_of(typed)
    state = rosters.state_of(access.principal)
    if not words:
        return Suggestions([], state)
    earlier = _earlier(access, words)
    course = {
        one.email: Suggested(one.email, *_names(one))
        for one in rosters.people_of_course(access.principal, words, MOST)
    }
    named = {email: course.pop(email, one) for email, one in earlier.items()}
    first = dict(list(named.items())[:MOST_EARLIER])
    found = list({**first, **course, **named}.items())[:MOST]
    invited = _invited(access, [email for email, _ in found])
    return Suggestions([replace(one, invited=email in invited) for email, one in found], state)


def _earlier(access: Access, words: tuple[str, ...]) -> dict[str, Suggested]:
    """Find earlier invitees by address, the latest first."""
    rows = db.session.execute(
        select(
            Invitation.email, Invitation.email_shown, Invitation.first_name, Invitation.last_name
        )
        .where(
            Invitation.media_id == access.item.id,
            Invitation.institution_id == access.principal.institution_id,
            *(Invitation.search.contains(f"\n{word}", autoescape=True) for word in words),
        )
        .order_by(Invitation.created_at.desc(), Invitation.id)
        .limit(MOST * MOST_LINKS)
    )
    found: dict[str, Suggested] = {}
    for email, shown, first, last in rows:
        found.setdefault(email, Suggested(shown, first, last))
    return found


def _names(one: rosters.Found) -> tuple[str, str]:
    first, last = first_and_last_name(one.given_name, one.family_name, one.name)
    return first[:LONGEST_NAME], last[:LONGEST_NAME]


def _invited(access: Access, emails: list[str]) -> set[str]:
    """Find those of these addresses that have a live invitation to the item."""
    matches = {email: match_form(email) for email in emails}
    found = set(
        db.session.scalars(
            select(Invitation.email_match).where(
                Invitation.media_id == access.item.id,
                Invitation.email_match.in_(matches.values()),
                Invitation.revoked_at.is_(None),
            )
        )
    )
    return {email for email, match in matches.items() if match in found}

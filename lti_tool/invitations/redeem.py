"""Redeeming a link: one transaction, one conditional UPDATE that decides.

Whatever the answer is, it is written down before it is given: a refusal commits its own record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, or_, update

from lti_tool.core import audit
from lti_tool.core.audit import Actor
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched, transaction
from lti_tool.core.ids import new_secret
from lti_tool.invitations import wrong_addresses
from lti_tool.invitations.attempt_limit import seconds_until
from lti_tool.invitations.idempotent_retry import Unanswered, find_unanswered, take_back
from lti_tool.invitations.lookup import Found, find_by_token
from lti_tool.invitations.models import Invitation, Redemption
from lti_tool.invitations.rules import Attempt, Presented, Verdict, greet, is_bound, judge
from lti_tool.invitations.session_choice import Place, Question, place_for, trusted_principal
from lti_tool.media.access import grant, held_by
from lti_tool.people.devices import hash_device_secret
from lti_tool.people.emails import match_form, typed_or_none
from lti_tool.people.persons import guest_person
from lti_tool.people.rules import GUEST_SESSION_LIMIT
from lti_tool.people.session_store import NewSession, SessionTerms, open_session
from lti_tool.people.sessions import Principal


@dataclass(frozen=True)
class Arrival:
    """What one request brings to a link."""

    principals: Sequence[Principal]
    """The live sessions of this browser (for a pasted link: the one session that sends it)."""
    client: str
    """What counts as one client, from ``attempt_limit.client_of``."""
    typed: str = ""
    key: str | None = None
    """Thumbprint of the device key, proved for this request."""
    device_secret: str | None = None
    """Of the device cookie, where there is one."""
    wish: str | None = None
    """Where the role is to go, when the arrival was asked: see ``session_choice.place_for``."""


@dataclass(frozen=True)
class Outcome:
    """What an attempt to use a link came to.

    Exactly one of verdict, question and needs_address says what it is.
    """

    found: Found | None
    verdict: Verdict | None = None
    question: Question | None = None
    needs_address: bool = False
    """Nothing, or no e-mail address, was typed: no try."""
    retry_after: int | None = None
    """Seconds, for the verdict «rest»."""
    handle: str | None = None
    """Of the session to go on with."""
    new_session: NewSession | None = None
    device_secret: str | None = None
    """To be kept by the browser in its device cookie."""
    moved: bool = False
    """The role went to a session in another window."""


def open_link(token: str, principals: Sequence[Principal]) -> Outcome:
    """Say what a link answers when it is only opened.

    Changes nothing. An outcome without verdict means: the page asks.
    """
    found = find_by_token(token)
    if found is None:
        return Outcome(None, Verdict.UNKNOWN)
    own = own_session(found, principals)
    verdict = greet(found.link, found.policy, own is not None, now())
    return Outcome(found, verdict, handle=own.handle if own else None)


def own_session(found: Found, principals: Sequence[Principal]) -> Principal | None:
    """Return the running session of this browser that this very link lets in, or has lifted.

    Where an LMS person used it, that is each session of theirs.
    """
    return next(iter(held_by(found.source, principals)), None)


def redeem(token: str, arrival: Arrival) -> Outcome:
    """Judge an attempt to use a link and, if it is admitted, give the role to one session."""
    with transaction():
        found = find_by_token(token, lock=True)
        if found is None:
            return Outcome(None, Verdict.UNKNOWN)
        return _judged(found, arrival, now())


def _judged(found: Found, arrival: Arrival, moment: datetime) -> Outcome:
    secret = arrival.device_secret or new_secret()
    presented = Presented(arrival.key, hash_device_secret(secret, found.invitation.id))
    own = own_session(found, arrival.principals)
    tries = wrong_addresses.tries_before(found.invitation, arrival.client, moment)
    typed = typed_or_none(arrival.typed)
    lost = find_unanswered(found, presented, moment)
    attempt = Attempt(
        typed=match_form(typed) if typed else None,
        presented=presented,
        own_session=own is not None,
        trusted=trusted_principal(found, arrival.principals) is not None,
        rests_until=tries.rests_until,
        unanswered=bool(lost),
    )
    verdict = judge(found.link, found.policy, attempt, moment)
    if verdict is Verdict.OWN_SESSION and own is not None:
        _record("invitation.continued", found, own)
        return Outcome(found, verdict, handle=own.handle)
    if verdict is Verdict.WRONG_EMAIL and attempt.typed is None:
        return Outcome(found, needs_address=True)
    if verdict is Verdict.ADMITTED:
        place = place_for(found, arrival.principals, arrival.wish)
        if isinstance(place, Question):
            return Outcome(found, question=place)
        outcome = _answered_again(found, lost, place, moment)
        if outcome is None and _consume(found, presented, moment):
            outcome = _admit(found, place, presented, moment)
        if outcome is not None:
            return replace(outcome, device_secret=None if arrival.key else secret)
        verdict = _why_lost(found, attempt, moment)
    return _refused(found, arrival, attempt, verdict, tries, moment)


def _consume(found: Found, presented: Presented, moment: datetime) -> bool:
    """Spend one use.

    The row count of this one statement is the decision.
    """
    invitation, kind = found.invitation, Invitation.device_kind
    conditions = [
        Invitation.id == invitation.id,
        Invitation.generation == invitation.generation,
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > moment,
        or_(
            Invitation.uses_allowed == -1,
            Invitation.uses_made < Invitation.uses_allowed,
        ),
    ]
    if found.policy.one_device:
        by_key = and_(kind == "key", Invitation.device_hash == presented.key)
        by_cookie = and_(kind == "cookie", Invitation.device_hash == presented.cookie)
        conditions.append(or_(kind.is_(None), by_key, by_cookie))
    device = presented.binding()
    done = db.session.execute(
        update(Invitation)
        .where(*conditions)
        .values(
            uses_made=Invitation.uses_made + 1,
            device_kind=func.coalesce(kind, device.kind),
            device_hash=func.coalesce(Invitation.device_hash, device.hash),
            new_link_asked_at=None,
        )
        .execution_options(synchronize_session=False)
    )
    return rows_matched(done) == 1


def _answered_again(
    found: Found, lost: Unanswered, place: Place, moment: datetime
) -> Outcome | None:
    """Give the answer that was lost once more, without a use; None where that cannot be."""
    if lost.moved and place.principal is not None and held_by(found.source, [place.principal]):
        _needs_no_new_link(found)
        _record("invitation.continued", found, place)
        return _admitted(found, place, None)
    if lost.session_id is None or not take_back(found, lost, moment):
        return None
    _needs_no_new_link(found)
    new_session, place = _placed(found, place)
    db.session.execute(
        update(Redemption)
        .where(Redemption.id == lost.redemption_id)
        .values(session_id=place.session_id, person_id=place.person_id)
        .execution_options(synchronize_session=False)
    )
    return _recorded("invitation.redeemed_again", found, place, new_session)


def _needs_no_new_link(found: Found) -> None:
    """Take the wish for one back, as ``_consume`` does."""
    db.session.execute(
        update(Invitation)
        .where(Invitation.id == found.invitation.id)
        .values(new_link_asked_at=None)
        .execution_options(synchronize_session=False)
    )


def _why_lost(found: Found, attempt: Attempt, moment: datetime) -> Verdict:
    """Read again what another request has changed meanwhile, and judge that."""
    before = found.invitation.generation
    db.session.refresh(found.invitation)
    if found.invitation.generation != before:
        return Verdict.REMOVED
    again = judge(found.link, found.policy, attempt, moment)
    return Verdict.USED_UP if again is Verdict.ADMITTED else again


def _admit(found: Found, place: Place, presented: Presented, moment: datetime) -> Outcome:
    new_session, place = _placed(found, place)
    device = presented.used(found.link.device)
    db.session.add(
        Redemption(
            invitation_id=found.invitation.id,
            generation=found.invitation.generation,
            person_id=place.person_id,
            session_id=place.session_id,
            device_kind=device.kind,
            device_hash=device.hash,
            at=moment,
        )
    )
    db.session.flush()
    return _recorded("invitation.redeemed", found, place, new_session)


def _placed(found: Found, place: Place) -> tuple[NewSession | None, Place]:
    """Give the role to whom it is for; a session is opened where there is none yet."""
    new_session = None
    if place.session_id is None:
        new_session, place = _open_session(found)
    assert place.session_id is not None
    grant(place.session_id, found.item.id, found.invitation.type, found.source, lasting=True)
    return new_session, place


def _recorded(action: str, found: Found, place: Place, new_session: NewSession | None) -> Outcome:
    _record(action, found, place)
    if place.moved:
        _record("invitation.role_moved", found, place)
    return _admitted(found, place, new_session)


def _admitted(found: Found, place: Place, new_session: NewSession | None) -> Outcome:
    return Outcome(
        found,
        Verdict.ADMITTED,
        handle=place.handle,
        new_session=new_session,
        moved=place.moved,
    )


def _open_session(found: Found) -> tuple[NewSession, Place]:
    invitation = found.invitation
    person_id = guest_person(
        invitation.institution_id, invitation.email, invitation.first_name, invitation.last_name
    )
    new = open_session(
        SessionTerms(
            kind="guest",
            institution_id=invitation.institution_id,
            person_id=person_id,
            scope=found.item.id,
            stands_on=found.source,
            through_deployment_id=invitation.deployment_id,
            keep_until=invitation.expires_at,
            idle_seconds=int(found.settings.guest_idle.total_seconds()),
            expires_at=now() + GUEST_SESSION_LIMIT,
            times_switched_off=found.times_switched_off,
        )
    )
    return new, Place("guest", new.session_id, new.handle, person_id)


def _refused(
    found: Found,
    arrival: Arrival,
    attempt: Attempt,
    verdict: Verdict,
    tries: wrong_addresses.Tries,
    moment: datetime,
) -> Outcome:
    retry_after = None
    if verdict is Verdict.WRONG_EMAIL and not is_bound(found.link, attempt):
        wrong_addresses.note(found.invitation, tries, moment)
    if verdict is Verdict.REST and attempt.rests_until is not None:
        retry_after = seconds_until(attempt.rests_until, moment)
    institution_id = found.invitation.institution_id
    here = (one for one in arrival.principals if one.institution_id == institution_id)
    _record("invitation.refused", found, next(here, None), why=verdict.value)
    return Outcome(found, verdict, retry_after=retry_after)


def _record(action: str, found: Found, who: Principal | Place | None, **details: str) -> None:
    actor = Actor(
        kind="guest" if who is None or who.kind == "guest" else "person",
        id=who.person_id if who else None,
        session_id=who.session_id if who else None,
        registration_id=found.item.registration_id,
        acting_for=who.acting_for if who else None,
    )
    audit.record(
        action,
        institution_id=found.invitation.institution_id,
        actor=actor,
        subject=("invitation", found.invitation.id),
        media=found.item.id,
        generation=found.invitation.generation,
        **details,
    )

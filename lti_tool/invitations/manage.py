"""Looking after invitations: copy the link, new link, revoke, reset device.

Also the invitee's wish for a link.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import case, or_, select, update

from lti_tool.core import audit
from lti_tool.core.audit import Actor
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched, transaction
from lti_tool.core.web.problems import Problem, invalid, not_found
from lti_tool.invitations.disclose import disclose, whole_link
from lti_tool.invitations.domains import domain_permitted
from lti_tool.invitations.link_terms import AS_MUCH_AS_THERE_IS, ExceedsTerms, TermsWanted
from lti_tool.invitations.links import current_key_id, token_hash_of
from lti_tool.invitations.lookup import Found, find_by_token, source_of
from lti_tool.invitations.models import Invitation, Redemption, ReplacedLink
from lti_tool.invitations.permission import may_invite
from lti_tool.invitations.rules import ASK_AGAIN_AFTER, link_end
from lti_tool.invitations.settings import invitation_settings
from lti_tool.invitations.terms_in_words import refusals
from lti_tool.media.access import Access, withdraw
from lti_tool.people.emails import domain_of
from lti_tool.people.session_store import end_sessions


def copy_link(access: Access, invitation: Invitation) -> str:
    """Hand the present link out.

    Raises a 409 problem for a revoked invitation, which has none, and as ``disclose``.
    """
    with transaction():
        held = _hold(access, invitation)
        _refuse_revoked(held)
        return disclose(access.principal, held)


def replace_link(
    access: Access, invitation: Invitation, wanted: TermsWanted
) -> tuple[Invitation, str]:
    """Give the invitation a new link and hand it out.

    Raises as ``make_new_link``.
    """
    with transaction():
        held = make_new_link(access, invitation, wanted)
        return held, whole_link(held)


def make_new_link(
    access: Access, invitation: Invitation, wanted: TermsWanted = AS_MUCH_AS_THERE_IS
) -> Invitation:
    """Give the invitation a new link, with full uses and time unless less is wanted.

    The old one ends with its sessions, and the device is free again. Raises a 409 problem for a
    revoked invitation, a 422 one where the address's domain is no longer permitted, or more is
    wanted than the institution allows.
    """
    with transaction():
        held = _hold(access, invitation)
        _refuse_revoked(held)
        settings = invitation_settings(held.institution_id)
        domain = domain_of(held.email)
        if not domain_permitted(domain, settings.allowed_domains, settings.blocked_domains):
            raise Problem(
                422,
                "domain-not-permitted",
                _("Addresses at %(domain)s cannot be invited here", domain=domain),
                _("Invite another address, or ask your administrator to allow this one."),
            )
        try:
            terms = wanted.within(settings.most)
        except ExceedsTerms as wrong:
            raise invalid(refusals(wrong, settings.most)) from wrong
        _end_what_stands_on(held)
        db.session.add(ReplacedLink(token_hash=held.token_hash, invitation_id=held.id))
        moment = now()
        held.deployment_id = access.principal.deployment_id
        held.generation += 1
        held.key_id = current_key_id()
        held.token_hash = token_hash_of(held)
        held.uses_allowed = terms.uses
        held.uses_made = 0
        held.generated_at = moment
        held.expires_at = link_end(moment, terms.minutes)
        held.device_kind = held.device_hash = None
        held.new_link_asked_at = None
        db.session.flush()
        _record(
            "invitation.new_link",
            access,
            held,
            generation=held.generation,
            expires_at=held.expires_at.isoformat(),
            uses=held.uses_allowed,
        )
        return held


def revoke(access: Access, invitation: Invitation) -> Invitation:
    """End the invitation, and every session and role that stands on it.

    Twice is no error.
    """
    with transaction():
        held = _hold(access, invitation)
        if held.revoked_at is None:
            _end_what_stands_on(held)
            held.revoked_at = now()
            held.revoked_by = access.principal.person_id
            held.new_link_asked_at = None
            db.session.flush()
            _record("invitation.revoked", access, held)
        return held


def reset_device(access: Access, invitation: Invitation) -> Invitation:
    """Free the device and give one use back; the sessions of the link end.

    Where no device is bound there is nothing to give back, and nothing changes. Raises a 409
    problem for a revoked invitation.
    """
    with transaction():
        held = _hold(access, invitation)
        _refuse_revoked(held)
        if _free_device(held):
            _end_what_stands_on(held)
            _record("invitation.device_reset", access, held)
        return held


def _free_device(held: Invitation) -> bool:
    freed = db.session.execute(
        update(Invitation)
        .where(Invitation.id == held.id, Invitation.device_hash.is_not(None))
        .values(
            device_kind=None,
            device_hash=None,
            new_link_asked_at=None,
            uses_made=case((Invitation.uses_made > 0, Invitation.uses_made - 1), else_=0),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(held)
    return rows_matched(freed) == 1


def ask_for_new_link(token: str) -> bool:
    """Note the invitee's wish, for the inviter to see; once an hour at most.

    Returns whether there is an invitation that a new link can be made for; False for an unknown,
    switched off or removed one. Asking again within the hour changes nothing and is no error.
    """
    with transaction():
        found = find_by_token(token)
        return found is not None and note_wish(found)


def note_wish(found: Found) -> bool:
    """Note the wish for a new link of this invitation; as ``ask_for_new_link``."""
    with transaction():
        if not found.policy.switched_on or found.link.removed:
            return False
        moment = now()
        asked = db.session.execute(
            update(Invitation)
            .where(
                Invitation.id == found.invitation.id,
                Invitation.revoked_at.is_(None),
                or_(
                    Invitation.new_link_asked_at.is_(None),
                    Invitation.new_link_asked_at <= moment - ASK_AGAIN_AFTER,
                ),
            )
            .values(new_link_asked_at=moment)
            .execution_options(synchronize_session=False)
        )
        if rows_matched(asked):
            audit.record(
                "invitation.new_link_asked",
                institution_id=found.invitation.institution_id,
                actor=Actor("guest", registration_id=found.item.registration_id),
                subject=("invitation", found.invitation.id),
                media=found.invitation.media_id,
            )
        return True


def _hold(access: Access, invitation: Invitation) -> Invitation:
    """Take the row for this transaction, as it is now.

    Raises not_found() like everywhere.
    """
    held = db.session.scalar(
        select(Invitation)
        .where(Invitation.id == invitation.id, Invitation.media_id == access.item.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if held is None or not may_invite(access.principal, access.item):
        raise not_found()
    return held


def _refuse_revoked(invitation: Invitation) -> None:
    if invitation.revoked_at is not None:
        raise Problem(
            409,
            "invitation-revoked",
            _("This invitation was revoked"),
            _("Invite the person again."),
        )


def _end_what_stands_on(invitation: Invitation) -> None:
    source = source_of(invitation)
    withdraw(source)
    end_sessions(stands_on=source)
    db.session.execute(
        update(Redemption)
        .where(Redemption.invitation_id == invitation.id, Redemption.ended_at.is_(None))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )


def _record(action: str, access: Access, invitation: Invitation, **details: int | str) -> None:
    audit.record(
        action,
        institution_id=invitation.institution_id,
        actor=access.principal.actor,
        subject=("invitation", invitation.id),
        media=invitation.media_id,
        **details,
    )

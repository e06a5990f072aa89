"""Inviting somebody to an item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import new_id
from lti_tool.core.web.problems import FieldError, invalid, not_found
from lti_tool.invitations.disclose import disclose, whole_link
from lti_tool.invitations.domains import domain_permitted
from lti_tool.invitations.link_terms import (
    AS_MUCH_AS_THERE_IS,
    ExceedsTerms,
    LinkTerms,
    TermsWanted,
)
from lti_tool.invitations.links import current_key_id, token_hash_of
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.permission import may_invite
from lti_tool.invitations.rules import link_end, search_text, types_offered
from lti_tool.invitations.settings import InvitationSettings, invitation_settings
from lti_tool.invitations.terms_in_words import refusals
from lti_tool.media.models import MediaItem
from lti_tool.media.rules import Kind
from lti_tool.people.emails import domain_of, match_form, normalise_email, read_mailbox
from lti_tool.people.sessions import Principal


@dataclass(frozen=True)
class Invitee:
    """Who is invited, as what, and for how long.

    The address has been checked; it may be in any spelling. The last name of somebody who has only
    one name is empty.
    """

    email: str
    first_name: str
    last_name: str
    type: str
    terms: TermsWanted = AS_MUCH_AS_THERE_IS


@dataclass(frozen=True)
class Invited:
    """The invitation, and whether it is new or was there before."""

    invitation: Invitation
    created: bool


def invite(principal: Principal, item: MediaItem, invitee: Invitee) -> Invited:
    """Invite somebody.

    Who already has a live invitation of this type gets no second one. Raises not_found() for those
    who may not invite, and a 422 problem with the field's error where the type is not offered or
    the address's domain is not permitted.
    """
    with transaction():
        if item.deleted_at is not None or not may_invite(principal, item):
            raise not_found()
        settings = invitation_settings(item.institution_id)
        shown = read_mailbox(invitee.email).address
        email = normalise_email(shown)
        terms = _check(item, settings, email, invitee)
        before = _live(item.id, email, invitee.type)
        if before is not None:
            return Invited(before, created=False)
        return _create(principal, item, terms, shown, invitee)


def invite_with_link(
    principal: Principal, item: MediaItem, invitee: Invitee
) -> tuple[Invited, str]:
    """Invite as ``invite`` does, and hand the link out.

    Raises as there, and as ``disclose``.
    """
    with transaction():
        invited = invite(principal, item, invitee)
        hand_out = whole_link if invited.created else partial(disclose, principal)
        return invited, hand_out(invited.invitation)


def _check(
    item: MediaItem, settings: InvitationSettings, email: str, invitee: Invitee
) -> LinkTerms:
    """Return the terms of the link, or refuse with everything that is wrong."""
    errors = []
    if invitee.type not in types_offered(Kind(item.kind)):
        errors.append(FieldError("type", _("This media does not offer that type.")))
    domain = domain_of(email)
    if not domain_permitted(domain, settings.allowed_domains, settings.blocked_domains):
        message = _(
            "Addresses at %(domain)s cannot be invited here. Use another address, or ask your "
            "administrator to allow it.",
            domain=domain,
        )
        errors.append(FieldError("email", message))
    terms = settings.most
    try:
        terms = invitee.terms.within(settings.most)
    except ExceedsTerms as wrong:
        errors += refusals(wrong, settings.most)
    if errors:
        raise invalid(errors)
    return terms


def _live(media_id: str, email: str, wanted: str) -> Invitation | None:
    """Find who has been invited already: by this very address before one that is typed alike."""
    return db.session.scalar(
        select(Invitation)
        .where(
            Invitation.media_id == media_id,
            or_(Invitation.email == email, Invitation.email_match == match_form(email)),
            Invitation.type == wanted,
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.email != email, Invitation.created_at, Invitation.id)
        .limit(1)
    )


def _create(
    principal: Principal,
    item: MediaItem,
    terms: LinkTerms,
    shown: str,
    invitee: Invitee,
) -> Invited:
    moment, email = now(), normalise_email(shown)
    invitation = Invitation(
        id=new_id(),
        institution_id=item.institution_id,
        deployment_id=principal.deployment_id,
        media_id=item.id,
        email=email,
        email_match=match_form(email),
        email_shown=shown,
        first_name=invitee.first_name,
        last_name=invitee.last_name,
        search=search_text(email, invitee.first_name, invitee.last_name),
        type=invitee.type,
        generation=1,
        key_id=current_key_id(),
        uses_allowed=terms.uses,
        uses_made=0,
        generated_at=moment,
        expires_at=link_end(moment, terms.minutes),
        created_at=moment,
        created_by=principal.person_id,
        created_by_name=principal.person_name,
        created_acting_for=principal.acting_for,
    )
    invitation.token_hash = token_hash_of(invitation)
    try:
        with db.session.begin_nested():
            db.session.add(invitation)
            db.session.flush()
    except IntegrityError:
        # Two windows invited the same person in the same moment: the first one counts.
        before = _live(item.id, email, invitee.type)
        if before is None:
            raise
        return Invited(before, created=False)
    audit.record(
        "invitation.created",
        institution_id=item.institution_id,
        actor=principal.actor,
        subject=("invitation", invitation.id),
        media=item.id,
        generation=invitation.generation,
        type=invitation.type,
        expires_at=invitation.expires_at.isoformat(),
        uses=invitation.uses_allowed,
    )
    return Invited(invitation, created=True)

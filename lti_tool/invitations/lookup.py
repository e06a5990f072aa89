"""Finding an invitation: by its link for whoever holds it, by its id for those who may invite."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.ids import digest
from lti_tool.core.institutions import Institution
from lti_tool.invitations.models import Invitation, Redemption, ReplacedLink
from lti_tool.invitations.rules import Device, Link, Policy, State, state_of
from lti_tool.invitations.settings import InvitationSettings, invitation_settings
from lti_tool.invitations.token import is_well_formed
from lti_tool.lti.models import Deployment, Registration
from lti_tool.media.models import MediaItem
from lti_tool.people.emails import domain_of, match_form
from lti_tool.people.session_store import TIMES_SWITCHED_OFF
from lti_tool.people.sessions import Principal


@dataclass(frozen=True)
class Found:
    """An invitation, what it leads to, and the settings that hold now."""

    invitation: Invitation
    item: MediaItem
    institution_name: str
    settings: InvitationSettings
    policy: Policy
    times_switched_off: int
    """Of the LMS and of the deployment it was made in, when both were found to be on or off."""
    replaced: bool
    """It was found by a link that a newer one replaced."""

    @property
    def link(self) -> Link:
        """The invitation as the rules see it."""
        return link_of(self.invitation, self.item, replaced=self.replaced)

    @property
    def source(self) -> str:
        """What grants and guest sessions of this link stand on."""
        return source_of(self.invitation)


def source_of(invitation: Invitation) -> str:
    """Return what grants and guest sessions of the invitation's present link stand on."""
    return f"invitation:{invitation.id}:{invitation.generation}"


def link_of(invitation: Invitation, item: MediaItem, *, replaced: bool = False) -> Link:
    """Return the invitation as a plain value for the rules."""
    device = None
    if invitation.device_kind is not None and invitation.device_hash is not None:
        kind = "key" if invitation.device_kind == "key" else "cookie"
        device = Device(kind, invitation.device_hash)  # type: ignore[arg-type]
    return Link(
        match=match_form(invitation.email),
        domain=domain_of(invitation.email),
        expires_at=invitation.expires_at,
        uses_allowed=invitation.uses_allowed,
        uses_made=invitation.uses_made,
        removed=replaced or invitation.revoked_at is not None or item.deleted_at is not None,
        device=device,
    )


def find_by_token(token: str, *, lock: bool = False) -> Found | None:
    """Return what a link leads to, or None where there is no such link.

    With ``lock`` the invitation's row is held until the running transaction ends, so that two
    attempts at one link are judged one after the other. (SQLite's transactions do so anyway.)
    """
    if not is_well_formed(token):
        return None
    token_hash = digest(token)
    found = _find(Invitation.token_hash == token_hash, replaced=False, lock=lock)
    if found is not None:
        return found
    replaced = select(ReplacedLink.invitation_id).where(ReplacedLink.token_hash == token_hash)
    return _find(Invitation.id == replaced.scalar_subquery(), replaced=True, lock=False)


def find_by_session(session_id: str) -> tuple[Found, Redemption] | None:
    """Return the invitation that a guest's session came in by, and how; None where it is forgotten.

    Also where that has ended since.
    """
    redemption = db.session.scalar(
        select(Redemption)
        .where(Redemption.session_id == session_id)
        .order_by(Redemption.at.desc())
        .limit(1)
    )
    if redemption is None:
        return None
    found = _find(Invitation.id == redemption.invitation_id, replaced=False, lock=False)
    return (found, redemption) if found else None


def lets_in_again(principal: Principal) -> bool:
    """Tell whether the link that a guest came in by would let them in once more, now."""
    invitation = db.session.scalar(
        select(Invitation)
        .join(Redemption, Redemption.invitation_id == Invitation.id)
        .where(Redemption.session_id == principal.session_id)
        .order_by(Redemption.at.desc())
        .limit(1)
    )
    if invitation is None or principal.stands_on != source_of(invitation):
        return False
    item = db.session.get_one(MediaItem, invitation.media_id)
    usable = state_of(link_of(invitation, item), now()) in (State.PENDING, State.REDEEMED)
    return usable and invitation_settings(invitation.institution_id).enabled


def _find(condition: object, *, replaced: bool, lock: bool) -> Found | None:
    query = (
        select(
            Invitation,
            MediaItem,
            Institution.name,
            Registration.enabled,
            Deployment.enabled,
            TIMES_SWITCHED_OFF,
        )
        .join(MediaItem, MediaItem.id == Invitation.media_id)
        .join(Institution, Institution.id == Invitation.institution_id)
        .join(Registration, Registration.id == MediaItem.registration_id)
        .outerjoin(Deployment, Deployment.id == Invitation.deployment_id)
        .where(condition)  # type: ignore[arg-type]
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(of=Invitation, key_share=True)
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    invitation, item, institution_name, registration_on, deployment_on, times = row
    settings = invitation_settings(invitation.institution_id)
    return Found(
        invitation=invitation,
        item=item,
        institution_name=institution_name,
        settings=settings,
        policy=settings.policy(switched_on=registration_on and deployment_on is not False),
        times_switched_off=times,
        replaced=replaced,
    )

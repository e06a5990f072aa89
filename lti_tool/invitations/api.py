"""The JSON API of invitations, which the window on the media page uses."""

from __future__ import annotations

from flask import Blueprint, Response, request
from pydantic import BaseModel

from lti_tool.core.web.csrf import refuse_foreign
from lti_tool.core.web.openapi import described
from lti_tool.core.web.rate_limits import limiter
from lti_tool.invitations import listing, manage, suggesting
from lti_tool.invitations.invite import invite_with_link
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.permission import managed, see_as_inviter
from lti_tool.invitations.schemas import (
    InvitationChanged,
    InvitationCounts,
    InvitationLink,
    InvitationMade,
    Invitations,
    InvitationView,
    NewInvitation,
    NewLink,
    Suggestion,
    Suggestions,
    read_invitee,
    read_terms,
)
from lti_tool.media.models import MediaItem
from lti_tool.people.rosters import RosterState

blueprint = Blueprint("invitations", __name__, url_prefix="/api/v1")


@blueprint.get("/media/<media_id>/invitations")
@limiter.limit("300/minute")
@described(
    "Who is invited to the item: those who wait, then the newest first, the revoked ones last",
    answer=Invitations,
    query=("show", "q", "after"),
)
def list_invitations(media_id: str) -> Response:
    """List who is invited to the item, from ``?after=`` on.

    ``?q=`` finds people by the beginnings of names and addresses, ``?show=`` those who came in, did
    not yet, wait, or were revoked.
    """
    seen = see_as_inviter(media_id)
    asked = request.args
    wanted = listing.Wanted(
        which=asked.get("show", listing.Which.ALL),
        typed=asked.get("q", "")[:200],
        after=asked.get("after", ""),
    )
    page = listing.invitations_of(seen.item, wanted)
    return _json(
        Invitations(
            invitations=[InvitationView.of(one) for one in page.shown],
            after=page.after,
            counts=InvitationCounts.model_validate(page.counts),
        )
    )


@blueprint.post("/media/<media_id>/invitations")
@limiter.limit("120/minute")
@described(
    "Invite somebody; 200 with the invitation that was there before",
    body=NewInvitation,
    answer=InvitationMade,
    status=(201, 200),
)
def create_invitation(media_id: str) -> Response:
    """Invite somebody: 201, or 200 with the invitation that was there before."""
    seen = see_as_inviter(media_id)
    invited, link = invite_with_link(seen.principal, seen.item, read_invitee())
    answer = InvitationMade(
        created=invited.created,
        invitation=_view(invited.invitation, seen.item),
        link=link,
    )
    return _json(answer, 201 if invited.created else 200)


@blueprint.get("/media/<media_id>/invitees")
@limiter.limit("300/minute")
@described("Suggestions for what was typed so far", answer=Suggestions, query=("q",))
def suggest_invitees(media_id: str) -> Response:
    """Suggest people for what was typed so far, ``?q=``; nothing typed prepares them.

    So does whatever is answered with "reading": who waits for the list must get it, also where the
    course has learned of it since the window was opened.
    """
    seen = see_as_inviter(media_id)
    typed = request.args.get("q", "")[:200]
    found = suggesting.suggest(seen, typed)
    if not typed or found.roster is RosterState.READING:
        suggesting.prepare(seen.principal)
    people = [Suggestion.model_validate(one) for one in found.people]
    return _json(Suggestions(suggestions=people, roster=found.roster))


@blueprint.get("/invitations/<invitation_id>")
@limiter.limit("300/minute")
@described("One invitation as it is now", answer=InvitationView)
def show_invitation(invitation_id: str) -> Response:
    """Show one invitation as it is now, before something is done about it."""
    invitation, seen = managed(invitation_id)
    return _json(_view(invitation, seen.item))


@blueprint.get("/invitations/<invitation_id>/link")
@limiter.limit("120/minute")
@described("The present link, for copying; audited", answer=InvitationLink)
def copy_link(invitation_id: str) -> Response:
    """Hand out the present link, for copying; 409 for a revoked invitation, which has none.

    It is written down who asked; a page of another site asks in nobody's name where the browser
    says so.
    """
    refuse_foreign()
    invitation, seen = managed(invitation_id)
    return _json(InvitationLink(link=manage.copy_link(seen, invitation)))


@blueprint.post("/invitations/<invitation_id>/new-link")
@described(
    "Replace the link; the old one and its sessions end", body=NewLink, answer=InvitationChanged
)
def make_new_link(invitation_id: str) -> Response:
    """Replace the link; the old one stops working and its sessions end."""
    invitation, seen = managed(invitation_id)
    held, link = manage.replace_link(seen, invitation, read_terms())
    return _json(InvitationChanged(invitation=_view(held, seen.item), link=link))


@blueprint.post("/invitations/<invitation_id>/revoke")
@described("End the invitation and its sessions", answer=InvitationChanged)
def revoke(invitation_id: str) -> Response:
    """End the invitation and its sessions."""
    invitation, seen = managed(invitation_id)
    held = manage.revoke(seen, invitation)
    return _json(InvitationChanged(invitation=_view(held, seen.item)))


@blueprint.post("/invitations/<invitation_id>/reset-device")
@described("Free the device and give one use back", answer=InvitationChanged)
def reset_device(invitation_id: str) -> Response:
    """Free the device and give one use back."""
    invitation, seen = managed(invitation_id)
    held = manage.reset_device(seen, invitation)
    return _json(InvitationChanged(invitation=_view(held, seen.item)))


def _view(invitation: Invitation, item: MediaItem) -> InvitationView:
    return InvitationView.of(listing.one(invitation, item))


def _json(answer: BaseModel, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status, mimetype="application/json")

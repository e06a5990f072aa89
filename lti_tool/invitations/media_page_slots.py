"""What this room shows on the media page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from markupsafe import Markup
from sqlalchemy import func, select

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.web.pages import render
from lti_tool.core.web.urls import url
from lti_tool.invitations.link_terms import minutes_to_choose, uses_to_choose
from lti_tool.invitations.models import STANDS_ON, Invitation
from lti_tool.invitations.permission import may_invite
from lti_tool.invitations.rules import types_offered
from lti_tool.invitations.settings import invitation_settings
from lti_tool.invitations.terms_in_words import duration, often
from lti_tool.invitations.waiting import people_waiting
from lti_tool.media import slots
from lti_tool.media.access import counts_for
from lti_tool.media.models import Grant, MediaItem
from lti_tool.media.rules import Kind, Role
from lti_tool.media.slots import Mark, MenuItem
from lti_tool.people.sessions import Principal

DIALOG = "invite-dialog"

# Name, and what the type gives, on media that is not live.
TYPES = {
    Role.VIEWER: (lazy_gettext("Viewer"), lazy_gettext("Can open this page and watch or read.")),
    Role.MODERATOR: (lazy_gettext("Moderator"), lazy_gettext("Can also moderate questions.")),
    Role.SPEAKER: (lazy_gettext("Speaker"), lazy_gettext("Can also answer questions.")),
}


@dataclass(frozen=True)
class Stay:
    """How an invitee came here and until when they may stay."""

    inviter: str
    type: str
    until: datetime | None
    """None: as long as the role is theirs."""


def menu_entry(principal: Principal, item: MediaItem) -> MenuItem | None:
    """Make the entry «Invite users», for those who may."""
    if not may_invite(principal, item):
        return None
    return MenuItem(
        order=slots.INVITE,
        label=_("Invite users"),
        symbol="user-plus",
        opens=DIALOG,
        mark=_mark(item),
    )


def invite_button(principal: Principal, item: MediaItem) -> Markup | None:
    """Draw the button that opens the window as well, for those who may."""
    if not may_invite(principal, item):
        return None
    page = render("invitations/invite_button.html", dialog=DIALOG, waiting=_mark(item))
    return Markup(page)  # noqa: S704 - our own template, which escapes


def _mark(item: MediaItem) -> Mark:
    waiting = people_waiting(item)
    return Mark(waiting, _("Waiting for you: %(number)s", number=waiting))


def window(principal: Principal, item: MediaItem) -> Markup | None:
    """Draw the window behind it."""
    if not may_invite(principal, item):
        return None
    page = render("invitations/window.html", **window_context(item))
    return Markup(page)  # noqa: S704 - our own template, which escapes


def window_context(item: MediaItem) -> dict[str, object]:
    """Collect what the window's template needs."""
    settings = invitation_settings(item.institution_id)
    offered = types_offered(Kind(item.kind))
    return {
        "dialog": DIALOG,
        "item": item,
        "types": [(role.value, *TYPES[role]) for role in offered],
        "type_names": {role.value: str(TYPES[role][0]) for role in Role},
        "one_device": settings.one_device,
        "asks_email": settings.asks_email,
        "durations": [(one, duration(one)) for one in minutes_to_choose(settings.most)],
        "numbers": [(one, often(one)) for one in uses_to_choose(settings.most)],
        "waiting": _mark(item),
    }


def paste_entry(principal: Principal, item: MediaItem) -> MenuItem | None:
    """Make the entry «Use an invitation link», for people who came from the LMS."""
    if principal.kind != "launch" or not invitation_settings(item.institution_id).enabled:
        return None
    return MenuItem(
        order=slots.USE_LINK,
        label=_("Use an invitation link"),
        symbol="ticket",
        href=url("invitation.paste", media_id=item.id),
    )


def strip(principal: Principal, item: MediaItem) -> Markup | None:
    """Say who invited the session, as what, until when."""
    stay = stay_of(principal, item)
    if stay is None:
        return None
    page = render("invitations/strip.html", stay=stay, type_name=TYPES[Role(stay.type)][0])
    return Markup(page)  # noqa: S704 - as above


def stay_of(principal: Principal, item: MediaItem) -> Stay | None:
    """Return how the session or its person got a role on the item; None where nobody gave one."""
    row = db.session.execute(
        select(Invitation.created_by_name, Invitation.created_acting_for, Invitation.type)
        .join(Grant, Grant.source == STANDS_ON)
        .where(
            counts_for(principal),
            Grant.media_id == item.id,
            Grant.ended_at.is_(None),
            Invitation.media_id == item.id,
        )
        .order_by(Grant.created_at.desc(), Grant.id)
        .limit(1)
    ).one_or_none()
    until = principal.ends_at if principal.lasting_holder is None else None
    if row is None:
        return None
    name, acting_for, wanted = row
    return Stay("" if acting_for else name, wanted, until)


def endings(principal: Principal, item: MediaItem) -> str | None:
    """Say what deleting the item ends, as a sentence of the Delete window."""
    running = db.session.scalar(
        select(func.count())
        .select_from(Invitation)
        .where(
            Invitation.media_id == item.id,
            Invitation.institution_id == principal.institution_id,
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now(),
        )
    )
    if not running:
        return None
    return str(
        ngettext("%(num)d invitation stops working.", "%(num)d invitations stop working.", running)
    )

"""What the JSON API of this room takes and gives.

Times are ISO 8601 in UTC.
"""

from __future__ import annotations

from datetime import datetime

from flask import request
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict

from lti_tool.core.texts import one_line, shows_nothing
from lti_tool.core.web.json_body import json_body
from lti_tool.core.web.problems import FieldError, invalid
from lti_tool.invitations.invite import Invitee
from lti_tool.invitations.link_terms import AS_MUCH_AS_THERE_IS, TermsWanted
from lti_tool.invitations.listing import Shown
from lti_tool.invitations.rules import LONGEST_NAME, first_and_last_name
from lti_tool.people.emails import InvalidEmail, Mailbox, SeveralAddresses, read_mailbox
from lti_tool.people.rosters import RosterState


class NewInvitation(BaseModel):
    """Somebody to be invited.

    The address and both names are needed, the last name not of somebody who has only one
    (``one_name``). ``minutes`` and ``uses`` say for how long and how often the link works, within
    what the institution allows (-1, where it sets no limit: any number of times); without them it
    is as much as that. The answer names every field at fault.
    """

    model_config = ConfigDict(extra="forbid", str_max_length=1000)

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    one_name: bool = False
    type: str = "viewer"
    minutes: int | None = None
    uses: int | None = None


class NewLink(BaseModel):
    """For how long and how often a new link works, as when inviting; may be left out."""

    model_config = ConfigDict(extra="forbid")

    minutes: int | None = None
    uses: int | None = None


class InvitationView(BaseModel):
    """One invitation in the list.

    ``state`` is that of the present link, ``progress`` what has become of the person: ``not_used``
    (the link works), ``inside``, ``keeps_access`` (not inside now; has the role in the LMS),
    ``can_return`` (the link works), ``access_ended``, ``link_ended`` (never came in), ``revoked``.
    ``redeemed_at`` is when the person last came in, by this link or one that it replaced.
    ``uses_allowed`` -1: any number of times.
    """

    id: str
    email: str
    first_name: str
    last_name: str
    type: str
    state: str
    progress: str
    created_at: datetime
    invited_by: str
    invited_by_other: bool
    """Somebody else acted as this person in the LMS."""
    expires_at: datetime
    uses_made: int
    uses_allowed: int
    redeemed_at: datetime | None
    devices: int
    one_device: bool
    new_link_asked_at: datetime | None
    wrong_addresses: bool
    """Somebody tries wrong addresses with the link."""
    in_lms: bool
    """A person of the LMS holds the role: what ends it ends no session of theirs."""

    @classmethod
    def of(cls, shown: Shown) -> InvitationView:
        """Copy what is shown out of the database's rows."""
        row = shown.invitation
        return cls(
            id=row.id,
            email=row.email_shown,
            first_name=row.first_name,
            last_name=row.last_name,
            type=row.type,
            state=shown.state.value,
            progress=shown.progress.value,
            created_at=row.created_at,
            invited_by=row.created_by_name,
            invited_by_other=row.created_acting_for is not None,
            expires_at=row.expires_at,
            uses_made=row.uses_made,
            uses_allowed=row.uses_allowed,
            redeemed_at=shown.came_in_at,
            devices=shown.devices,
            one_device=shown.one_device,
            new_link_asked_at=row.new_link_asked_at,
            wrong_addresses=shown.wrong_addresses,
            in_lms=shown.in_lms,
        )


class InvitationCounts(BaseModel):
    """How many people the whole list is about, whatever part of it is shown.

    ``waiting``: who ask for a new link, or whose link somebody tries with wrong addresses. All but
    ``revoked`` are without those whose invitations were revoked.
    """

    model_config = ConfigDict(from_attributes=True)

    invited: int
    came_in: int
    waiting: int
    revoked: int


class Invitations(BaseModel):
    """Some invitations of one item, the newest first.

    Before them come those that wait for their inviter, behind them the revoked ones. ``after``,
    where it is not null, asks for the following ones.
    """

    invitations: list[InvitationView]
    after: str | None
    counts: InvitationCounts


class InvitationMade(BaseModel):
    """The answer to an invitation.

    Not ``created``: the person had been invited before.
    """

    created: bool
    invitation: InvitationView
    link: str


class InvitationChanged(BaseModel):
    """The answer to a change; the link where there is a new one."""

    invitation: InvitationView
    link: str | None = None


class InvitationLink(BaseModel):
    """The present link, for copying."""

    link: str


class Suggestion(BaseModel):
    """Somebody who might be meant; names may be empty.

    ``invited``: there is a link already.
    """

    model_config = ConfigDict(from_attributes=True)

    email: str
    first_name: str
    last_name: str
    invited: bool


class Suggestions(BaseModel):
    """The people who might be meant, at most eight.

    ``roster`` says what is known of the list of people in the course.
    """

    suggestions: list[Suggestion]
    roster: RosterState


def read_invitee() -> Invitee:
    """Read and check the request's body.

    A name that was pasted with the address fills the names that were left empty. Raises Problem
    400, or 422 with every field's error.
    """
    sent = json_body(NewInvitation)
    mailbox, errors = _mailbox(sent.email)
    whole = mailbox.name
    given, family = (whole, "") if sent.one_name else first_and_last_name("", "", whole)
    first, last = one_line(sent.first_name) or given, one_line(sent.last_name) or family
    errors += _name_errors("first_name", first, _("Please type the first name."))
    if last or not sent.one_name:
        errors += _name_errors("last_name", last, _("Please type the last name."))
    if errors:
        raise invalid(errors)
    terms = TermsWanted(sent.minutes, sent.uses)
    return Invitee(mailbox.address, first, last, sent.type, terms)


def read_terms() -> TermsWanted:
    """Read what is wanted of a new link; a request without a body wants nothing.

    Raises Problem 400, or 422 with every field's error.
    """
    if not request.get_data():  # which a body without a stated length has too
        return AS_MUCH_AS_THERE_IS
    sent = json_body(NewLink)
    return TermsWanted(sent.minutes, sent.uses)


def _mailbox(typed: str) -> tuple[Mailbox, list[FieldError]]:
    """Read the address, or say what is wrong with it."""
    try:
        return read_mailbox(typed), []
    except SeveralAddresses:
        message = _("These are several addresses. Invite one person at a time.")
    except InvalidEmail:
        message = _("Please enter one complete e-mail address, such as name@example.org.")
        if not typed.strip():
            message = _("Please type the e-mail address.")
    return Mailbox("", ""), [FieldError("email", message)]


def _name_errors(field: str, name: str, missing: str) -> list[FieldError]:
    if shows_nothing(name):
        return [FieldError(field, missing)]
    if len(name) > LONGEST_NAME:
        longest = _("At most %(number)d characters, please.", number=LONGEST_NAME)
        return [FieldError(field, longest)]
    return []

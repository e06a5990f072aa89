"""What the pages of a link are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, g, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from lti_tool.core.clock import now
from lti_tool.core.web.pages import render, speak_for
from lti_tool.core.web.urls import url
from lti_tool.invitations.ended_access import Ended
from lti_tool.invitations.lookup import Found
from lti_tool.invitations.proof import (
    bind_forms_to_browser,
    challenge_for,
    second_page_mark,
)
from lti_tool.invitations.redeem import Outcome
from lti_tool.invitations.rules import MONTHS_KEPT, Verdict, may_ask_again
from lti_tool.invitations.session_choice import beside_principal, trusted_principal
from lti_tool.media.rules import Kind
from lti_tool.people.emails import (
    InvalidEmail,
    SeveralAddresses,
    as_people_write_it,
    read_mailbox,
)
from lti_tool.people.rules import Impersonation
from lti_tool.people.sessions import Principal


def opening(
    token: str,
    outcome: Outcome,
    present: Sequence[Principal],
    *,
    error: str = "",
    notice: str = "",
) -> Response:
    """Draw the page that asks for the invited address, or for one press of a button."""
    found = outcome.found
    assert found is not None
    beside = beside_principal(found, present)
    page = render(
        "invitations/open.html",
        **_form(token, found),
        invitation=_who_invites_to_what(found),
        beside=beside,
        page_address=_page_of(found, beside) if beside else "",
        asks_email=found.settings.asks_email,
        trusted=trusted_principal(found, present),
        one_device=found.settings.one_device,
        months_kept=MONTHS_KEPT,
        error=error,
        notice=notice,
        email=typed_address(),
    )
    return make_response(page, 422 if error else 200)


def wrong_address(token: str, outcome: Outcome) -> Response:
    """Say that another address was invited, with the field to type it in.

    Only what was typed is repeated, and only to whoever typed it.
    """
    found, verdict = outcome.found, outcome.verdict
    assert found is not None
    assert verdict is not None
    page = render(
        verdict.page,
        **_form(token, found),
        typed=_as_read(typed_address()),
        email=typed_address(),
        reference=g.request_id,
        ways=ways_of_link(token),
        **_wish(None),
    )
    return make_response(page, verdict.status)


def typed_address() -> str:
    """Return what stands in the field for the address."""
    return request.form.get("email", "")[:1000]


def pasted_text() -> str:
    """Return what stands in the field for the link; it may be a whole message."""
    return request.form.get("link", "")[:100_000]


def needs_second_page(outcome: Outcome, present: Sequence[Principal]) -> bool:
    """Tell whether a button on a second page stands in for the typed address.

    Some mail scanners press the first button of a page; a second page stops them.
    """
    found = outcome.found
    if found is None or outcome.verdict is not None or found.settings.asks_email:
        return False
    return trusted_principal(found, present) is None


def second_page(token: str, outcome: Outcome) -> Response:
    """Draw the second page, for institutions that ask for no address."""
    found = outcome.found
    assert found is not None
    mark = second_page_mark(token)
    return make_response(render("invitations/second.html", **_form(token, found), second_page=mark))


def question(token: str, outcome: Outcome, typed: str) -> Response:
    """Ask what has to be asked before the link is used up."""
    found, asked = outcome.found, outcome.question
    assert found is not None
    assert asked is not None
    page = render(
        f"invitations/{asked.kind}.html",
        **_form(token, found),
        email=typed,
        second_page=second_page_mark(token),
        principal=asked.principal,
        page_address=_page_of(found, asked.principal),
    )
    return make_response(page)


@dataclass(frozen=True)
class Ways:
    """Where somebody who was refused can go on from; addresses, empty where there is none."""

    ask: str
    """Takes the wish for a new link, together with ``link``."""
    link: str = ""
    """The token, where ``ask`` does not hold it."""
    again: str = ""
    """The page of the link."""
    paste: str = ""
    """The form in which the link was pasted."""
    back: str = ""
    """The page of the media from which the link was used."""


def ways_of_link(token: str) -> Ways:
    """Give the ways on from the pages of the link itself."""
    return Ways(
        ask=url_for("invitation.new_link_wanted", token=token),
        again=url_for("invitation.opened", token=token),
    )


def ways_of_paste(media_id: str, token: str) -> Ways:
    """Give the ways on from a page in the LMS, which cannot show the pages of the link."""
    return Ways(
        ask=url("invitation.new_link_wanted_here", media_id=media_id),
        link=token,
        paste=url("invitation.paste", media_id=media_id),
        back=url("media.page", media_id=media_id),
    )


def refusal(outcome: Outcome, verdict: Verdict, ways: Ways) -> Response:
    """Draw the page of a refusal: what is the matter, and what can be done now.

    There is one for each refusal.
    """
    found = outcome.found
    if found is not None:
        speak_for(found.invitation.institution_id)
    minutes = -(-(outcome.retry_after or 0) // 60)
    page = render(
        verdict.page,
        shown_at=(ways.again or ways.paste) if found else "",  # the unknown have one page
        institution=found.institution_name if found else "",
        reference=g.request_id,
        retry=_in_minutes(minutes),
        ways=ways,
        **_wish(found if verdict.offers_new_link else None),
    )
    response = make_response(page, verdict.status)
    if outcome.retry_after is not None:
        response.headers["Retry-After"] = str(outcome.retry_after)
    return response


def _wish(found: Found | None) -> dict[str, object]:
    """Say when a new link was asked for, and whether one can be asked for now."""
    if found is None:
        return {"asked_at": None, "may_ask": False}
    asked_at = found.invitation.new_link_asked_at
    return {"asked_at": asked_at, "may_ask": may_ask_again(asked_at, now())}


def asked(shown_at: str, *, back: str = "") -> Response:
    """Confirm that the inviter will see the wish; ``shown_at``: the page it was asked on."""
    page = render("invitations/asked.html", shown_at=shown_at, back=back, reference=g.request_id)
    return make_response(page)


def ended(known: Ended) -> Response:
    """Tell a guest that their access ended, when and why, and what can be done now."""
    found = known.found
    speak_for(found.invitation.institution_id)
    page = render(
        "invitations/ended.html",
        shown_at=page_of_ended(known),
        known=known,
        institution=found.institution_name,
        inviter=_inviter(found),
        reference=g.request_id,
        **_wish(found if known.may_ask else None),
    )
    return make_response(page, 410)


def page_of_ended(known: Ended) -> str:
    """Return the address at which a guest reads that access ended."""
    return url("media.page", media_id=known.found.item.id, **{"as": known.handle})


def moved(outcome: Outcome, ways: Ways) -> str:
    """Say that the role went to the page that is open in another window."""
    found = outcome.found
    assert found is not None
    speak_for(found.invitation.institution_id)
    return render("invitations/moved.html", shown_at=ways.again, institution=found.institution_name)


def paste(
    media_id: str,
    current: Principal,
    *,
    link_error: str = "",
    email_error: str = "",
    notice: str = "",
    status: int = 422,
) -> Response:
    """Draw the form for a pasted link; ``status`` is that of an error."""
    page = render(
        "invitations/paste.html",
        shown_at=url("invitation.paste", media_id=media_id),
        media_id=media_id,
        challenge=challenge_for(current.session_id),
        link=pasted_text(),
        email=typed_address(),
        link_error=link_error,
        email_error=email_error,
        notice=notice,
        visitor=current.impersonation is Impersonation.VISITOR,
    )
    return make_response(page, status if link_error or email_error else 200)


def paste_elsewhere(media_id: str) -> Response:
    """Show the way to a tab of its own, where neither a key nor a cookie can be kept."""
    return make_response(render("invitations/paste_elsewhere.html", media_id=media_id))


def page_was_old() -> str:
    """Say that the form's challenge had run out; nothing has happened."""
    return str(_("This page was open for a while, so please press the button again."))


def address_missing(typed: str) -> str:
    """Say that nothing, or no address, was typed."""
    if not typed.strip():
        return str(_("Please type the e-mail address that your invitation was sent to."))
    try:
        read_mailbox(typed)
    except SeveralAddresses:
        return str(_("These are several addresses. Type the one that was invited."))
    except InvalidEmail:
        pass
    return str(_("Please enter one complete e-mail address, such as name@example.org."))


def address_wrong(typed: str) -> str:
    """Say that another address was invited."""
    return str(
        _(
            "You typed %(address)s, which is not the address that was invited. Use the one that "
            "the invitation came to; it may be your university or work address.",
            address=_as_read(typed),
        )
    )


def _as_read(typed: str) -> str:
    try:
        return as_people_write_it(read_mailbox(typed).address)
    except InvalidEmail:
        return typed


def no_link_found() -> str:
    """Say that what was pasted holds no link of ours."""
    return str(_("There is no complete invitation link in this text. Copy the whole link again."))


def several_links_found() -> str:
    """Say that what was pasted holds different links."""
    return str(_("There are different invitation links in this text. Paste just one of them."))


def link_unknown() -> str:
    """Say that there is no such link here."""
    return str(_("This link is incomplete or wrong. Copy it again from your invitation."))


_WHO_INVITES_TO_WHAT = {
    Kind.VIDEO: (
        lazy_gettext("%(inviter)s of %(institution)s invites you to watch a video"),
        lazy_gettext("%(institution)s invites you to watch a video"),
    ),
    Kind.AUDIO: (
        lazy_gettext("%(inviter)s of %(institution)s invites you to listen to a recording"),
        lazy_gettext("%(institution)s invites you to listen to a recording"),
    ),
    Kind.DOCUMENT: (
        lazy_gettext("%(inviter)s of %(institution)s invites you to read a document"),
        lazy_gettext("%(institution)s invites you to read a document"),
    ),
    Kind.IMAGE: (
        lazy_gettext("%(inviter)s of %(institution)s invites you to look at a picture"),
        lazy_gettext("%(institution)s invites you to look at a picture"),
    ),
}


def _inviter(found: Found) -> str:
    """Return the name of whoever invited; empty where it is not to be told.

    So where somebody else acted as that person.
    """
    told = found.settings.inviter_shown and found.invitation.created_acting_for is None
    return found.invitation.created_by_name if told else ""


def _who_invites_to_what(found: Found) -> str:
    """Say it in one sentence, without the title: whoever reads this may not be the invitee."""
    inviter = _inviter(found)
    with_name, without = _WHO_INVITES_TO_WHAT[Kind(found.item.kind)]
    sentence = str(with_name if inviter else without)
    return sentence % {"inviter": inviter, "institution": found.institution_name}


def _page_of(found: Found, principal: Principal) -> str:
    return url("media.page", media_id=found.item.id, **{"as": principal.handle})


def _form(token: str, found: Found) -> dict[str, str]:
    speak_for(found.invitation.institution_id)
    bind_forms_to_browser()
    return {
        "institution": found.institution_name,
        "action": url_for("invitation.redeemed", token=token),
        "shown_at": url_for("invitation.opened", token=token),
        "challenge": challenge_for(token),
        "challenge_address": url_for("invitation.challenge", token=token),
    }


def _in_minutes(minutes: int) -> str:
    if minutes >= 120:
        hours = -(-minutes // 60)
        return str(ngettext("in %(num)d hour", "in %(num)d hours", hours))
    return str(ngettext("in %(num)d minute", "in %(num)d minutes", max(1, minutes)))

"""The pages of a link: opening, the questions, the refusals, and pasting a link in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.core.ids import digest
from lti_tool.core.web.cookie_probe import require_cookies
from lti_tool.core.web.csrf import opens_session, sessionless
from lti_tool.core.web.problems import not_found
from lti_tool.core.web.rate_limits import limiter
from lti_tool.core.web.urls import SESSION_PARAMETER, url
from lti_tool.invitations import pages
from lti_tool.invitations.attempt_limit import client_of
from lti_tool.invitations.ended_access import ended_access
from lti_tool.invitations.link_finding import NoLink, SeveralLinks, token_in, token_of_path
from lti_tool.invitations.manage import ask_for_new_link, note_wish
from lti_tool.invitations.proof import (
    challenge_for,
    device_secret,
    form_of_this_browser,
    keep_device_secret,
    key_from_form,
    know_device,
    pressed_on_second_page,
)
from lti_tool.invitations.redeem import Arrival, Outcome, open_link, redeem
from lti_tool.invitations.rules import Verdict
from lti_tool.invitations.token import is_well_formed
from lti_tool.media.access import authorize, capabilities
from lti_tool.media.rules import Capability
from lti_tool.people.cookieless import bearer
from lti_tool.people.devices import StaleChallenge
from lti_tool.people.session_store import set_session_cookie
from lti_tool.people.sessions import Principal, principals

blueprint = Blueprint("invitation", __name__)


def _link_and_client() -> str:
    """Count by link and client.

    Whoever floods a link locks out their own address, not the browser the link belongs to.
    """
    token = str((request.view_args or {}).get("token", ""))
    return digest(f"{token}\0{client_of(request.remote_addr)}")


@blueprint.get("/i/", defaults={"token": ""})
@blueprint.get("/i/<token>")
@blueprint.get("/i/<path:token>")
def opened(token: str) -> AnyResponse:
    """Open a link, for a person or for whatever reads their mail.

    Changes nothing. What a mail program left around the link leads on to the clean one.
    """
    clean = None if is_well_formed(token) else token_of_path(token)
    if clean is not None:
        return redirect(url_for("invitation.opened", token=clean))
    present = principals()
    outcome = open_link(token, present)
    if outcome.verdict is not None:
        return _answer(outcome, pages.ways_of_link(token))
    return pages.opening(token, outcome, present)


@blueprint.get("/i/<token>/challenge")
def challenge(token: str) -> Response:
    """Give a new challenge to a page that stood open longer than five minutes."""
    if not is_well_formed(token):
        raise not_found()
    return jsonify(challenge=challenge_for(token))


@blueprint.post("/i/<token>")
@opens_session(form_of_this_browser)
@limiter.limit("120/minute", key_func=_link_and_client)
def redeemed(token: str) -> AnyResponse:
    """Let somebody use the link."""
    present = principals()
    opening = open_link(token, present)
    if opening.verdict is None:
        require_cookies()  # or the link would be used up for a session that nobody has
    if pages.needs_second_page(opening, present) and not pressed_on_second_page(token):
        return pages.second_page(token, opening)
    try:
        key = key_from_form(token)
    except StaleChallenge:
        if opening.verdict is None:
            return pages.opening(token, opening, present, notice=pages.page_was_old())
        key = None  # The answer does not depend on the device.
    arrival = Arrival(
        principals=present,
        client=client_of(request.remote_addr),
        typed=pages.typed_address(),
        key=key,
        device_secret=device_secret(framed=False),
        wish=request.form.get("use"),
    )
    outcome = redeem(token, arrival)
    if outcome.verdict is Verdict.WRONG_EMAIL:
        return pages.wrong_address(token, outcome)
    if outcome.needs_address:
        return pages.opening(token, outcome, present, error=pages.address_missing(arrival.typed))
    if outcome.question is not None:
        return pages.question(token, outcome, arrival.typed)
    return _answer(outcome, pages.ways_of_link(token))


@blueprint.post("/i/<token>/new-link")
@sessionless
@limiter.limit("60/minute", key_func=_link_and_client)
def new_link_wanted(token: str) -> AnyResponse:
    """Note that the invitee asks for a new link."""
    ways = pages.ways_of_link(token)
    if not ask_for_new_link(token):
        return _answer(_as_it_is(token, principals()), ways)
    return pages.asked(ways.again)


def ended(media_id: str) -> Response | None:
    """Tell a guest at the item's address that their access ended; None for everybody else.

    An old bookmark leads to a session that runs, where this browser holds one that may see it.
    """
    known = ended_access(media_id)
    if known is None:
        return None
    item = known.found.item
    seeing = [one for one in principals() if Capability.VIEW in capabilities(one, item)]
    if not seeing:
        return pages.ended(known)
    other = min(seeing, key=lambda one: one.kind != "guest")
    query = request.args.to_dict() | {SESSION_PARAMETER: other.handle}
    return make_response(redirect(f"{request.path}?{urlencode(query)}"))


@blueprint.post("/media/<media_id>/new-link")
@sessionless
@limiter.limit("60/minute")
def new_link_wanted_there(media_id: str) -> AnyResponse:
    """Note the wish as ``new_link_wanted`` does, for a guest whose access to the item ended."""
    known = ended_access(media_id, request.form.get("handle", ""))
    if known is None:
        raise not_found()
    if not note_wish(known.found):
        return pages.ended(known)
    return pages.asked(pages.page_of_ended(known))


@blueprint.get("/media/<media_id>/use-link")
def paste(media_id: str) -> AnyResponse:
    """Show the form for a link that somebody got by mail while they are in the LMS."""
    current = _from_the_lms(media_id)
    if bearer():
        return pages.paste_elsewhere(media_id)
    know_device(framed=True)
    return pages.paste(media_id, current)


@blueprint.get("/media/<media_id>/use-link/challenge")
def paste_challenge(media_id: str) -> Response:
    """Give a challenge as ``challenge`` does, for the form in which a link is pasted."""
    return jsonify(challenge=challenge_for(_from_the_lms(media_id).session_id))


@blueprint.post("/media/<media_id>/use-link")
@limiter.limit("60/minute")
def pasted(media_id: str) -> AnyResponse:
    """Use a pasted link in the session that sends it, and in no other."""
    current = _from_the_lms(media_id)
    if bearer():
        return pages.paste_elsewhere(media_id)
    try:
        token = token_in(pages.pasted_text(), lambda found: _worth(found, current))
    except SeveralLinks:
        return pages.paste(media_id, current, link_error=pages.several_links_found())
    except NoLink:
        return pages.paste(media_id, current, link_error=pages.no_link_found())
    if not _same_house(token, current):
        return pages.paste(media_id, current, link_error=pages.link_unknown())
    try:
        key = key_from_form(current.session_id)
    except StaleChallenge:
        return pages.paste(media_id, current, notice=pages.page_was_old())
    arrival = Arrival(
        principals=[current],
        client=client_of(request.remote_addr),
        typed=pages.typed_address(),
        key=key,
        device_secret=device_secret(framed=True),
        wish=current.handle,  # A session that is wished for leaves no question open.
    )
    outcome = redeem(token, arrival)
    if outcome.needs_address:
        error = pages.address_missing(arrival.typed)
        return pages.paste(media_id, current, email_error=error)
    if outcome.verdict is Verdict.WRONG_EMAIL:
        error = pages.address_wrong(arrival.typed)
        return pages.paste(media_id, current, email_error=error, status=outcome.verdict.status)
    return _answer(outcome, pages.ways_of_paste(media_id, token), framed=True)


@blueprint.post("/media/<media_id>/use-link/new-link")
@limiter.limit("60/minute")
def new_link_wanted_here(media_id: str) -> AnyResponse:
    """Note the wish as ``new_link_wanted`` does, for a pasted link.

    The pages of a link itself open in no frame.
    """
    current = _from_the_lms(media_id)
    token = token_of_path(request.form.get("link", "").rpartition("/")[2])
    if token is None or not _same_house(token, current):
        return pages.paste(media_id, current, link_error=pages.link_unknown())
    ways = pages.ways_of_paste(media_id, token)
    if not ask_for_new_link(token):
        return _answer(_as_it_is(token, [current]), ways, framed=True)
    return pages.asked(ways.paste, back=ways.back)


def _from_the_lms(media_id: str) -> Principal:
    """Find the launch session, named in the address, that sees the item.

    A guest opens each link by itself: not_found().
    """
    principal = authorize(media_id, named=True).principal
    if principal.kind != "launch":
        raise not_found()
    return principal


def _same_house(token: str, current: Principal) -> bool:
    """Tell whether the link is of the session's institution (tenant isolation).

    Nothing crosses institutions: there, a link of this one does not exist.
    """
    found = open_link(token, [current]).found
    return found is not None and found.invitation.institution_id == current.institution_id


def _worth(token: str, current: Principal) -> int:
    """Put a link that lets somebody in before one that is over, and both before others' links."""
    if not _same_house(token, current):
        return 0
    good = (None, Verdict.OWN_SESSION)
    return 2 if open_link(token, [current]).verdict in good else 1


def _as_it_is(token: str, present: Sequence[Principal]) -> Outcome:
    """Find what a link answers for which no new one can be asked."""
    outcome = open_link(token, present)
    return replace(outcome, verdict=outcome.verdict or Verdict.REMOVED)


def _answer(outcome: Outcome, ways: pages.Ways, *, framed: bool = False) -> AnyResponse:
    """Say a verdict.

    What has to be asked instead is the caller's business.
    """
    verdict = outcome.verdict
    assert verdict is not None
    if verdict not in (Verdict.ADMITTED, Verdict.OWN_SESSION) or outcome.found is None:
        return pages.refusal(outcome, verdict, ways)
    response: Response
    if outcome.moved:
        response = make_response(pages.moved(outcome, ways))
    else:
        target = {"media_id": outcome.found.item.id, "as": outcome.handle}
        response = make_response(redirect(url("media.page", **target), verdict.status))
    if outcome.new_session is not None:
        set_session_cookie(response, outcome.new_session)
    if outcome.device_secret is not None:
        keep_device_secret(response, outcome.device_secret, framed=framed)
    return response

"""Every verdict at the door: its page, its status, what it says and what it leaves behind."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from factories import SAME_ORIGIN, START
from invitation_scene import (
    ADA,
    TITLE,
    Scene,
    Visitor,
    device_cookie_alone,
    hidden_fields,
    without_noise,
)
from sqlalchemy import select, update

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.wrong_addresses import tried_by_others
from lti_tool.media.models import MediaItem


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor(app)


def assert_page(page, status: int, title: str) -> None:
    assert page.status_code == status
    assert title in page.text
    assert "X-Request-Id" in page.headers
    assert page.headers["X-Request-Id"] in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert TITLE not in page.text


def test_opening_asks_for_the_address_and_names_only_the_institution(scene, visitor) -> None:
    page = visitor.open(scene.link())
    assert page.status_code == 200
    assert "elm" in page.text
    assert 'type="email"' in page.text
    assert 'autocomplete="email"' in page.text
    assert TITLE not in page.text
    assert ADA not in page.text
    assert "13 months" in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert device_cookie_alone(page)


def test_an_answer_that_is_no_address_is_told_without_script(scene, visitor) -> None:
    page = visitor.send(scene.link(), "ada")

    assert page.status_code == 422
    assert "<title>Error: Your invitation from elm</title>" in page.text
    assert re.search(r'<input [^>]*id="field-email"[^>]*value="ada"[^>]* autofocus', page.text)
    assert " autofocus" not in visitor.open(scene.link()).text


def test_admitted(scene, visitor) -> None:
    invitation = scene.invite()
    answer = visitor.send(scene.path(invitation), f"  {ADA.upper()} ")
    assert answer.status_code == 303
    assert answer.location.startswith(f"/media/{scene.media_id}?as=")
    assert scene.fresh(invitation).uses_made == 1
    page = visitor.open(answer.location)
    assert page.status_code == 200
    assert TITLE in page.text
    assert "Invited by" in page.text
    assert "Prof" in page.text
    assert scene.audit() == ["created", "redeemed"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "left",
    [*".,);\"'*]}!:=/", "%3E", "%20", "%0A", "%E2%80%8B", "%C2%A0", "…", "»", "”", "/%3E", ").",
     "&amp;utm_source=x", "?utm_source=x", ".?fbclid=x", "%2520", "_", "%3Cbr%3E", "/?x"],
)  # fmt: skip
def test_what_a_mail_program_left_leads_to_the_clean_link(scene, visitor, method, left) -> None:
    path = scene.link()
    answer = getattr(visitor.client, method)(path + left)
    if left.startswith("?"):
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.location) == (302, path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert scene.audit() == ["created"]


@pytest.mark.parametrize("left", ["", ".", "%20", "/"])
def test_a_link_that_lost_its_end_stays_unknown(scene, visitor, left) -> None:
    assert_page(visitor.open(scene.link()[:-1] + left), 404, "incomplete or wrong")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 42 + "B", "A" * 44, "é" * 43, "A" * 5000])
def test_unknown(scene, visitor, method, token) -> None:
    unknown = visitor.client.get("/i/" + "A" * 43)
    page = (
        visitor.open(f"/i/{token}")
        if method == "get"
        else visitor.client.post(f"/i/{token}", headers={"Sec-Fetch-Site": "same-origin"})
    )
    assert_page(page, 404, "incomplete or wrong")
    assert without_noise(page) == without_noise(unknown)
    assert scene.audit() == []


def test_switched_off_module(scene, visitor) -> None:
    path = scene.link()
    scene.set(enable=False)
    assert_page(visitor.open(path), 410, "switched off")
    assert_page(visitor.send(path), 410, "switched off")
    assert scene.audit() == ["created", "refused (switched_off)"]


def test_switched_off_registration(scene, visitor) -> None:
    path = scene.link()
    scene.switch_off()
    assert_page(visitor.open(path), 410, "switched off")
    assert_page(visitor.send(path), 410, "switched off")


def test_switched_off_deployment(scene, visitor) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    inside = visitor.send(path).location
    assert visitor.open(inside).status_code == 200
    scene.switch_off("1")
    assert visitor.open(inside).status_code == 410, "whoever came in by its links is out"
    assert_page(visitor.open(path), 410, "switched off")
    assert_page(visitor.send(path), 410, "switched off")
    scene.switch_on("1")
    assert visitor.open(inside).status_code == 410, "and stays out"
    assert visitor.open(path).status_code == 200


def test_removed_by_revoking(scene, visitor) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    scene.revoke(invitation)
    assert_page(visitor.open(path), 410, "no longer available")
    assert_page(visitor.send(path), 410, "no longer available")
    assert scene.audit() == ["created", "revoked", "refused (removed)"]


def test_removed_with_its_media(scene, visitor) -> None:
    path = scene.link()
    scene.run(update(MediaItem).values(deleted_at=START))
    assert_page(visitor.open(path), 410, "no longer available")
    assert_page(visitor.send(path), 410, "no longer available")


def test_a_replaced_link_is_removed_and_the_new_one_works(scene, visitor) -> None:
    invitation = scene.invite()
    old = scene.path(invitation)
    new = scene.new_link(invitation)
    assert_page(visitor.open(old), 410, "newer link")
    assert_page(visitor.send(old), 410, "newer link")
    assert visitor.send(new).status_code == 303


def test_own_session_goes_straight_in_and_spends_nothing(scene, visitor) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    first = visitor.send(path)
    opened, pressed = visitor.open(path), visitor.send(path, "not even an address")
    assert opened.status_code == pressed.status_code == 303
    assert opened.location == pressed.location == first.location
    assert scene.fresh(invitation).uses_made == 1
    assert scene.audit() == ["created", "redeemed", "continued"]


def test_own_session_outlives_the_end_of_the_link(scene, visitor, clock) -> None:
    scene.set(link_duration=10)
    path = scene.link()
    visitor.send(path)
    clock.pass_(minutes=11)
    assert visitor.open(path).status_code == 303


def test_expired(scene, visitor, clock) -> None:
    scene.set(link_duration=10)
    path = scene.link()
    clock.pass_(minutes=10)
    for page in (visitor.open(path), visitor.send(path)):
        assert_page(page, 410, "has expired")
        assert "Ask for a new link" in page.text
    assert scene.audit() == ["created", "refused (expired)"]


def test_whoever_is_inside_goes_on_from_a_page_that_stood_open(scene, app, clock) -> None:
    visitor, path = Visitor(app, script=True), scene.link()
    old = hidden_fields(visitor.open(path).text)["challenge"]
    inside = visitor.send(path).location
    clock.pass_(minutes=6)
    form = {"email": ADA, **visitor.key.proof(old)}
    answer = visitor.client.post(path, data=form, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, inside)
    assert scene.audit() == ["created", "redeemed", "continued"]


def test_the_last_second_is_still_good(scene, visitor, clock) -> None:
    scene.set(link_duration=10)
    path = scene.link()
    clock.pass_(minutes=9, seconds=59)
    assert visitor.send(path).status_code == 303


def test_rest_after_five_wrong_addresses(scene, visitor, clock) -> None:
    path = scene.link()
    for _ in range(5):
        assert_page(visitor.send(path, "eve@partner.org"), 403, "another address")
    page = visitor.send(path)
    assert_page(page, 429, "wait a while")
    assert page.headers["Retry-After"] == str(15 * 60)
    assert "in 15 minutes" in page.text
    assert visitor.send(path, address="192.0.2.8").status_code == 303, "another client may go on"
    assert scene.audit()[-2:] == ["refused (rest)", "redeemed"]


def test_rest_ends(scene, visitor, clock) -> None:
    path = scene.link()
    for _ in range(5):
        visitor.send(path, "eve@partner.org")
    clock.pass_(minutes=14, seconds=59)
    assert visitor.send(path).status_code == 429
    clock.pass_(seconds=1)
    assert visitor.send(path).status_code == 303


def test_rest_for_everybody_after_thirty_in_an_hour(scene, visitor, clock) -> None:
    path = scene.link()
    for number in range(30):
        wrong = visitor.send(path, "eve@partner.org", address=f"192.0.2.{number + 1}")
        assert wrong.status_code == 403
    page = visitor.send(path, address="198.51.100.1")
    assert page.status_code == 429
    assert page.headers["Retry-After"] == "3600"
    assert "in 60 minutes" in page.text
    clock.pass_(minutes=60)
    assert visitor.send(path, address="198.51.100.1").status_code == 303


@pytest.mark.parametrize(
    "typed", ["", "   ", "ada", "ada@partner", "a b@c.de", "ada@partner.org, eve@partner.org"]
)
def test_what_is_no_address_is_no_try_and_stays_in_the_field(scene, visitor, typed) -> None:
    path = scene.link()
    for _ in range(8):
        page = visitor.send(path, typed)
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
        assert f'value="{typed.strip() and typed}"' in page.text
    assert visitor.send(path).status_code == 303
    assert scene.audit() == ["created", "redeemed"]


def test_wrong_email_says_so_without_blame(scene, visitor) -> None:
    invitation = scene.invite()
    page = visitor.send(scene.path(invitation), "eve@partner.org")
    assert_page(page, 403, "another address")
    assert "ask the person who invited you for a link for the address that you use" in page.text
    assert re.search(r"You typed <bdi[^>]*><strong>eve@partner.org<", page.text)
    assert 'aria-invalid="true"' in page.text
    as_browsers_send_it = visitor.send(scene.path(invitation), "eve@xn--bcher-kva.de")
    assert "<strong>eve@bücher.de<" in as_browsers_send_it.text
    assert re.search(r'<input [^>]*id="field-email"[^>]*value="eve@partner.org"', page.text)
    assert ADA not in page.text
    assert scene.fresh(invitation).uses_made == 0
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("script", [True, False])
def test_the_right_address_can_be_typed_where_the_wrong_one_stands(scene, app, script) -> None:
    path, visitor = scene.link(), Visitor(app, script=script)
    page = visitor.send(path, "eve@partner.org")
    form = {"email": ADA, **hidden_fields(page.text)}
    if visitor.key:
        form |= visitor.key.proof(form["challenge"])
    assert visitor.client.post(path, data=form, headers=SAME_ORIGIN).status_code == 303


def test_what_was_typed_is_shown_as_text(scene, visitor) -> None:
    page = visitor.send(scene.link(), '"><b>x</b>" <eve@partner>')
    assert page.status_code == 422
    assert "<b>x" not in page.text
    page = visitor.send(scene.link(), "a&amp@partner.org")
    assert page.status_code == 403
    assert "a&amp;amp@partner.org" in page.text


@pytest.mark.parametrize(
    ("invited", "typed"),
    [
        (ADA, f"Ada Byron <{ADA}>"),
        (ADA, f"\u202a{ADA}\u202c"),
        (ADA, f"{ADA}\u200b;"),
        (ADA, "ada＠partner.org"),
        ("o’brien@partner.org", "o'brien@partner.org"),
        ("o'brien@partner.org", "O’Brien@partner.org"),
        ("ipek@partner.org", "İpek@partner.org"),
        ("İpek@partner.org", "ipek@partner.org"),
        ("anne-marie@partner.org", "anne‑marie@partner.org"),
    ],
)
@pytest.mark.sqlite_only
def test_the_invited_address_is_recognised_however_it_is_written(
    scene, visitor, invited, typed
) -> None:
    assert visitor.send(scene.link(invited), typed).status_code == 303


def test_a_new_link_begins_without_wrong_addresses(scene, visitor) -> None:
    invitation = scene.invite()
    for _ in range(5):
        visitor.send(scene.path(invitation), "eve@partner.org")
    assert visitor.send(scene.path(invitation)).status_code == 429
    with scene.app.app_context():
        assert tried_by_others([invitation.id], START) == {invitation.id}
    path = scene.new_link(invitation)
    with scene.app.app_context():
        assert not tried_by_others([invitation.id], START)
    assert visitor.send(path).status_code == 303


def test_wrong_addresses_worry_the_inviter_for_a_day(scene, visitor, clock) -> None:
    tried, left_alone = scene.invite(), scene.invite("bob@partner.org")
    for number in range(5):
        visitor.send(scene.path(tried), "eve@partner.org", address=f"192.0.2.{number}")
    visitor.send(scene.path(left_alone), "eve@partner.org")
    both = [tried.id, left_alone.id]
    with scene.app.app_context():
        assert tried_by_others(both, clock.present) == {tried.id}
        assert not tried_by_others(both, clock.present + timedelta(days=1))
        assert not tried_by_others([], clock.present)


def test_a_bound_device_is_never_locked_out(scene, app, clock) -> None:
    scene.set(link_reusability=3)
    path = scene.link()
    home = Visitor(app, script=True)
    home.send(path)
    stranger = Visitor(app)
    for _ in range(6):
        stranger.send(path, "eve@partner.org")
    assert stranger.send(path).status_code == 429
    home.client._cookies.clear()
    for _ in range(7):
        assert home.send(path, "eve@partner.org").status_code == 403
    assert home.send(path).status_code == 303


@pytest.mark.sqlite_only
def test_a_flood_from_elsewhere_locks_nobody_out(scene, app) -> None:
    scene.set(link_reusability=3)
    invitation = scene.invite()
    path = scene.path(invitation)
    home = Visitor(app, script=True)
    home.send(path)
    home.client._cookies.clear()
    flood = {"headers": SAME_ORIGIN, "environ_base": {"REMOTE_ADDR": "192.0.2.9"}}
    stranger = app.test_client()
    for address, most in ((path, 120), (f"{path}/new-link", 60)):
        answers = [stranger.post(address, **flood).status_code for _ in range(most + 1)]
        assert answers.index(429) == most
    assert home.send(path).status_code == 303
    assert home.client.post(f"{path}/new-link", headers=SAME_ORIGIN).status_code == 200


def test_domain_refused(scene, visitor) -> None:
    path = scene.link()
    scene.set(blocked_email_domains="partner.org")
    assert_page(visitor.send(path, "eve@partner.org"), 403, "another address")
    assert_page(visitor.send(path), 403, "are not allowed")
    scene.set(blocked_email_domains="", allowed_email_domains="uni.edu")
    assert visitor.send(path).status_code == 403
    scene.set(allowed_email_domains="partner.org")
    assert visitor.send(path).status_code == 303


@pytest.mark.parametrize("script", [True, False])
def test_other_device(scene, app, script) -> None:
    scene.set(link_reusability=5)
    invitation = scene.invite()
    path = scene.path(invitation)
    assert Visitor(app, script=script).send(path).status_code == 303
    for second in (Visitor(app, script=True), Visitor(app, script=False)):
        page = second.send(path)
        assert_page(page, 403, "another browser")
        assert "Ask for a new link" in page.text
    assert scene.fresh(invitation).uses_made == 1
    scene.set(one_device=False)
    assert Visitor(app, script=True).send(path).status_code == 303


@pytest.mark.parametrize("script", [True, False])
def test_the_same_device_may_come_again(scene, app, script) -> None:
    scene.set(link_reusability=2)
    invitation = scene.invite()
    visitor = Visitor(app, script=script)
    assert visitor.enter(scene.path(invitation)).status_code == 200
    for name in [name for _, _, name in visitor.client._cookies if "foyer" in name]:
        visitor.client.delete_cookie(name, domain="localhost")
    assert visitor.send(scene.path(invitation)).status_code == 303
    assert scene.fresh(invitation).uses_made == 2


def test_a_link_bound_by_key_never_accepts_the_cookie(scene, app) -> None:
    scene.set(link_reusability=2)
    path = scene.link()
    visitor = Visitor(app, script=True)
    answer = visitor.send(path)
    assert not [c for c in answer.headers.getlist("Set-Cookie") if "device" in c]
    visitor.client._cookies.clear()
    visitor.key = None
    assert visitor.send(path).status_code == 403


def test_used_up(scene, app) -> None:
    scene.set(one_device=False)
    path = scene.link()
    Visitor(app).send(path)
    page = Visitor(app).send(path)
    assert_page(page, 410, "has been used")
    assert "Ask for a new link" in page.text


def test_on_one_device_the_second_device_is_named_before_the_uses(scene, app) -> None:
    path = scene.link()
    Visitor(app).send(path)
    assert Visitor(app).send(path).status_code == 403


def test_asking_for_a_new_link(scene, visitor, clock) -> None:
    scene.set(link_duration=10)
    invitation = scene.invite()
    clock.pass_(minutes=10)
    headers = {"Sec-Fetch-Site": "same-origin"}
    first_time = clock.present
    for minutes in (0, 30, 29):
        clock.pass_(minutes=minutes)
        page = visitor.client.post(f"{scene.path(invitation)}/new-link", headers=headers)
        assert page.status_code == 200
        assert "new link was sent" in page.text
    assert scene.fresh(invitation).new_link_asked_at == first_time
    clock.pass_(minutes=1)
    visitor.client.post(f"{scene.path(invitation)}/new-link", headers=headers)
    assert scene.fresh(invitation).new_link_asked_at == clock.present
    assert scene.audit() == ["created", "new_link_asked", "new_link_asked"]
    with scene.app.app_context():
        about = AuditRecord.action.startswith("invitation.")
        told = db.session.scalars(select(AuditRecord.details).where(about))
        assert {details["media"] for details in told} == {scene.media_id}


def test_who_asked_already_is_told_so_and_may_ask_again_after_an_hour(
    scene, visitor, clock, app
) -> None:
    path, button = scene.link(), "Ask for a new link</span>"
    assert Visitor(app).send(path).status_code == 303
    visitor.client.post(f"{path}/new-link", headers=SAME_ORIGIN)
    said = f'A new link was asked for on <time datetime="{clock.present:%Y-%m-%dT%H:%M:%SZ}"'
    for minutes, may_ask in ((59, False), (1, True)):
        clock.pass_(minutes=minutes)
        page = visitor.send(path)
        assert_page(page, 403, "another browser")
        assert said in page.text
        assert (button in page.text) is may_ask
    clock.pass_(days=2)
    assert said in visitor.open(path).text


@pytest.mark.parametrize("typed", ["eve@partner.org", "", ADA])
def test_an_answer_to_a_form_names_the_page_that_can_be_loaded_again(
    scene, visitor, typed, app
) -> None:
    path = scene.link()
    Visitor(app).send(path)
    named = f'<link rel="canonical" href="{path}">'
    assert named not in visitor.open(path).text
    assert named in visitor.send(path, typed).text
    assert named in visitor.client.post(f"{path}/new-link", headers=SAME_ORIGIN).text


def test_no_new_link_can_be_asked_for_what_is_gone(scene, visitor) -> None:
    invitation = scene.invite()
    scene.revoke(invitation)
    headers = {"Sec-Fetch-Site": "same-origin"}
    page = visitor.client.post(f"{scene.path(invitation)}/new-link", headers=headers)
    assert_page(page, 410, "no longer available")
    page = visitor.client.post(f"/i/{'A' * 43}/new-link", headers=headers)
    assert_page(page, 404, "incomplete")


def test_the_institution_and_the_inviter_are_named_and_nothing_else(scene: Scene, visitor) -> None:
    path = scene.link()
    scene.run(update(Invitation).values(first_name="Zebedee"))
    page = visitor.open(path)
    assert "Zebedee" not in page.text
    assert "Prof. Wren of elm invites you to watch a video" in page.text
    scene.set(inviter_shown=False)
    page = visitor.open(path)
    assert "elm invites you to watch a video" in page.text
    assert "Wren" not in page.text


def test_whoever_somebody_acted_as_is_not_named(scene: Scene, visitor) -> None:
    path = scene.link()
    scene.run(update(Invitation).values(created_acting_for="root"))
    assert "Wren" not in visitor.open(path).text
    strip = visitor.enter(path).text
    assert "You are here by invitation as" in strip
    assert "Invited by" not in strip


def test_the_pages_wear_the_institutions_colour(scene, visitor, clock) -> None:
    scene.set(accent_colour="#7a1f5c")
    path = scene.link()
    assert "#7a1f5c" in visitor.open(path).text
    clock.pass_(days=2)
    assert "#7a1f5c" in visitor.open(path).text

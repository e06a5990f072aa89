"""The API behind the window: what it takes, what it gives, and to whom."""

from __future__ import annotations

from io import BytesIO

import pytest
from factories import SAME_ORIGIN, START, School, page_of
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import ADA, DeviceKey, Scene, Visitor, make_scene

from lti_tool.core.db.session import transaction
from lti_tool.invitations import listing
from lti_tool.lti.models import Deployment
from lti_tool.people.rules import Standing

GOOD = {"email": ADA, "first_name": "Ada", "last_name": "Byron", "type": "viewer"}


@pytest.fixture
def teacher(app, scene) -> FlaskClient:
    return page_of(app, scene.teacher_session)


def post(client: FlaskClient, path: str, json: object = None):
    return client.post(path, json=json, headers=SAME_ORIGIN)


def address(scene: Scene) -> str:
    return f"/api/v1/media/{scene.media_id}/invitations"


def test_inviting(app, scene, teacher) -> None:
    answer = post(teacher, address(scene), {**GOOD, "email": f" {ADA.title()} "})
    assert answer.status_code == 201
    made = answer.get_json()
    assert made["created"]
    assert made["invitation"]["email"] == ADA.title()
    assert made["invitation"]["state"] == "pending"
    assert made["invitation"]["expires_at"] == "2026-03-03T09:00:00Z"
    assert made["invitation"]["uses_allowed"] == 1
    assert made["invitation"]["invited_by"]
    link = made["link"]
    assert link.startswith("http://localhost/i/")
    assert "as=" not in link
    assert Visitor(app).send(link.removeprefix("http://localhost")).status_code == 303


def test_a_second_invitation_answers_that_there_is_one(scene, teacher) -> None:
    first = post(teacher, address(scene), GOOD).get_json()
    answer = post(teacher, address(scene), {**GOOD, "email": ADA.upper(), "first_name": "A."})
    assert answer.status_code == 200
    second = answer.get_json()
    assert not second["created"]
    assert second["invitation"] == first["invitation"]
    assert second["link"] == first["link"]
    assert scene.audit() == ["created", "link_copied"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (f"{ADA}\u200b", ADA),
        (f"\u202a{ADA}\u202c", ADA),
        ("Ada＠partner.org", "Ada@partner.org"),
        (f"mailto:{ADA}?subject=Hello", ADA),
        (f"«{ADA}»;", ADA),
    ],
)
@pytest.mark.sqlite_only
def test_what_is_shown_and_copied_is_the_address_alone(scene, teacher, typed, shown) -> None:
    answer = post(teacher, address(scene), {**GOOD, "email": typed})
    assert answer.status_code == 201
    assert answer.get_json()["invitation"]["email"] == shown


@pytest.mark.parametrize(
    ("typed", "names", "kept"),
    [
        (f"Ada Lovelace <{ADA}>", ("", ""), ("Ada", "Lovelace")),
        (f'"Lovelace, Ada" <{ADA}>', ("", ""), ("Ada", "Lovelace")),
        (f"Ada King Lovelace <{ADA}>", ("", " "), ("Ada King", "Lovelace")),
        (f"Ada Lovelace <{ADA}>", ("Augusta", ""), ("Augusta", "Lovelace")),
        (f"Ada Lovelace <{ADA}>", ("Augusta", "Byron"), ("Augusta", "Byron")),
    ],
)
@pytest.mark.sqlite_only
def test_a_name_beside_the_address_fills_what_was_left_empty(
    scene, teacher, typed, names, kept
) -> None:
    first, last = names
    sent = {**GOOD, "email": typed, "first_name": first, "last_name": last}
    made = post(teacher, address(scene), sent).get_json()["invitation"]
    assert (made["first_name"], made["last_name"]) == kept
    assert made["email"] == ADA


def test_of_somebody_with_one_name_no_word_becomes_a_last_name(scene, teacher) -> None:
    sent = {"email": f"Sri Mulyani <{ADA}>", "one_name": True, "type": "viewer"}
    made = post(teacher, address(scene), sent).get_json()["invitation"]
    assert (made["first_name"], made["last_name"]) == ("Sri Mulyani", "")


def test_several_addresses_are_told_in_words_of_their_own(scene, teacher) -> None:
    answer = post(teacher, address(scene), {**GOOD, "email": f"{ADA}; bob@partner.org"})
    assert answer.status_code == 422
    assert "several addresses" in answer.get_json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("one", "other"), [("o’brien", "o'brien"), ("ipek", "İpek"), ("anne-marie", "anne‑marie")]
)
def test_who_was_invited_is_known_however_it_is_typed(scene, teacher, one, other) -> None:
    for first, second in ((one, other), (other, one)):
        made = post(teacher, address(scene), {**GOOD, "email": f"{first}@partner.org"}).get_json()
        again = post(teacher, address(scene), {**GOOD, "email": f"{second}@partner.org"})
        assert again.status_code == 200
        assert again.get_json()["link"] == made["link"]
        post(teacher, f"/api/v1/invitations/{made['invitation']['id']}/revoke")


def test_after_a_revocation_the_same_person_can_be_invited_again(scene, teacher) -> None:
    first = post(teacher, address(scene), GOOD).get_json()
    post(teacher, f"/api/v1/invitations/{first['invitation']['id']}/revoke")
    assert post(teacher, address(scene), GOOD).status_code == 201


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"email": ""}, ["email"]),
        ({"email": "ada"}, ["email"]),
        ({"email": "ada@partner.org, bob@partner.org"}, ["email"]),
        ({"first_name": " "}, ["first_name"]),
        ({"last_name": "\u0000"}, ["last_name"]),
        ({"first_name": "\u200b", "last_name": "\u2060\u0301"}, ["first_name", "last_name"]),
        ({"first_name": "x" * 101}, ["first_name"]),
        ({"email": "", "first_name": "", "last_name": ""}, ["email", "first_name", "last_name"]),
        ({"type": "moderator"}, ["type"]),
        ({"type": "owner"}, ["type"]),
        ({"first_name": 7}, ["first_name"]),
        ({"uses": 99}, ["uses"]),
        ({"uses": 0}, ["uses"]),
        ({"uses": -1}, ["uses"]),
        ({"uses": 10**30}, ["uses"]),
        ({"minutes": 1441}, ["minutes"]),
        ({"minutes": 0}, ["minutes"]),
        ({"minutes": "soon", "uses": "often"}, ["minutes", "uses"]),
        ({"minutes": 10**30, "uses": 2, "type": "owner"}, ["type", "minutes", "uses"]),
        ({"last_name": ""}, ["last_name"]),
        ({"first_name": "", "last_name": "", "one_name": True}, ["first_name"]),
        ({"last_name": "\u200b", "one_name": True}, ["last_name"]),
        ({"one_name": "perhaps"}, ["one_name"]),
        ({"colour": "red"}, ["body"]),
    ],
)
def test_errors_name_their_field(scene, teacher, changes, fields) -> None:
    answer = post(teacher, address(scene), {**GOOD, **changes})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert [error["field"] for error in problem["errors"]] == fields
    assert all(error["message"].endswith(".") for error in problem["errors"])
    assert problem["reference"]
    assert scene.audit() == []


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"minutes": 0}, "Choose at least 1 minute."),
        ({"minutes": 1441}, "Choose at most 1 day."),
        ({"uses": 0}, "Choose a number of times."),
        ({"uses": 2}, "Choose one time."),
    ],
)
def test_what_can_be_asked_for_is_said(scene, teacher, terms, said) -> None:
    (error,) = post(teacher, address(scene), {**GOOD, **terms}).get_json()["errors"]
    assert error["message"] == said


def test_somebody_with_one_name_only(app, scene, teacher) -> None:
    answer = post(
        teacher,
        address(scene),
        {**GOOD, "first_name": "Sukarno", "last_name": "", "one_name": True},
    )
    assert answer.status_code == 201
    made = answer.get_json()
    assert [made["invitation"][name] for name in ("first_name", "last_name")] == ["Sukarno", ""]
    guest = Visitor(app).enter(made["link"].removeprefix("http://localhost"))
    assert guest.status_code == 200
    (found,) = teacher.get(
        f"/api/v1/media/{scene.media_id}/invitees", query_string={"q": "suka"}
    ).get_json()["suggestions"]
    assert [found["first_name"], found["last_name"]] == ["Sukarno", ""]


def test_a_shorter_link_than_the_institution_allows(scene, teacher, clock) -> None:
    scene.set(link_reusability=5)
    made = post(teacher, address(scene), {**GOOD, "minutes": 60, "uses": "2"}).get_json()
    assert made["invitation"]["expires_at"] == "2026-03-02T10:00:00Z"
    assert made["invitation"]["uses_allowed"] == 2
    scene.set(link_duration=30, link_reusability=1)
    (listed,) = teacher.get(address(scene)).get_json()["invitations"]
    assert listed == made["invitation"], "copied: a later change does not reach it"


def test_a_new_link_may_be_shorter_too(scene, teacher) -> None:
    scene.set(link_reusability=5)
    made = post(teacher, address(scene), {**GOOD, "minutes": 60, "uses": 2}).get_json()
    again = f"/api/v1/invitations/{made['invitation']['id']}/new-link"
    shorter = post(teacher, again, {"minutes": 30, "uses": 3}).get_json()["invitation"]
    assert [shorter["expires_at"], shorter["uses_allowed"]] == ["2026-03-02T09:30:00Z", 3]
    longer = post(teacher, again, {"minutes": 1441, "uses": 6})
    assert longer.status_code == 422
    assert [one["field"] for one in longer.get_json()["errors"]] == ["minutes", "uses"]
    assert post(teacher, again, {"minute": 1}).status_code == 422
    in_pieces = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    stream = teacher.post(
        again,
        input_stream=BytesIO(b'{"minutes": 20}'),
        content_type="application/json",
        environ_overrides=in_pieces,
        headers=SAME_ORIGIN,
    )
    assert stream.get_json()["invitation"]["expires_at"] == "2026-03-02T09:20:00Z"
    full = post(teacher, again).get_json()["invitation"]
    assert [full["expires_at"], full["uses_allowed"]] == ["2026-03-03T09:00:00Z", 5]


@pytest.mark.parametrize("body", [None, [], "x", 7])
def test_a_body_that_is_no_object(scene, teacher, body) -> None:
    assert post(teacher, address(scene), body).status_code == 400


def test_blocked_domains_are_refused_at_the_field(scene, teacher) -> None:
    scene.set(blocked_email_domains="partner.org")
    answer = post(teacher, address(scene), {**GOOD, "email": "ada@mail.partner.org"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "email"
    assert post(teacher, address(scene), {**GOOD, "email": "ada@xpartner.org"}).status_code == 201


def test_the_list(app, scene, teacher, clock) -> None:
    scene.set(link_reusability=3)
    invitation = scene.invite()
    clock.pass_(minutes=1)
    scene.invite("bob@partner.org", first_name="Bob")
    clock.pass_(minutes=1)
    Visitor(app).send(scene.path(invitation))
    bob, ada = teacher.get(address(scene)).get_json()["invitations"]
    assert [bob["first_name"], ada["first_name"]] == ["Bob", "Ada"]
    assert [bob["state"], ada["state"]] == ["pending", "redeemed"]
    assert ada["redeemed_at"] == "2026-03-02T09:02:00Z"
    assert [bob["devices"], ada["devices"]] == [0, 1]
    assert "link" not in ada
    assert "token" not in str(ada)


@pytest.mark.every_database
def test_the_list_goes_on_to_the_last(app, scene, teacher, clock, monkeypatch) -> None:
    """Several of one moment; some whose invitees wait for a new link come first."""
    monkeypatch.setattr(listing, "PAGE", 3)
    clock.pass_(microseconds=1)
    for number in range(11):
        invitation = scene.invite(f"guest{number}@partner.org")
        if number % 3 == 0:
            Visitor(app).client.post(f"{scene.path(invitation)}/new-link", headers=SAME_ORIGIN)
        clock.pass_(microseconds=number % 2)
    pages, after = [], ""
    while after is not None:
        answer = teacher.get(address(scene), query_string={"after": after} if after else {})
        pages.append(answer.get_json()["invitations"])
        after = answer.get_json()["after"]
    assert [len(page) for page in pages] == [3, 3, 3, 2]
    listed = [one for page in pages for one in page]
    assert len({one["id"] for one in listed}) == 11
    expected = [(one["new_link_asked_at"] is None, one["created_at"]) for one in listed]
    assert [asked for asked, _ in expected] == [False] * 4 + [True] * 7
    for group in (expected[:4], expected[4:]):
        assert group == sorted(group, reverse=True)


@pytest.mark.every_database
def test_a_place_in_the_list_holds_when_the_invitation_changes(
    app, scene, teacher, clock, monkeypatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    for name in ("ada", "bob", "cleo"):
        path = scene.link(f"{name}@partner.org")
        Visitor(app).client.post(f"{path}/new-link", headers=SAME_ORIGIN)
        clock.pass_(minutes=1)
    first = teacher.get(address(scene)).get_json()
    (cleo,) = first["invitations"]
    post(teacher, f"/api/v1/invitations/{cleo['id']}/new-link")
    second = teacher.get(address(scene), query_string={"after": first["after"]}).get_json()
    assert [one["email"] for one in second["invitations"]] == ["bob@partner.org"]


@pytest.mark.parametrize("after", ["x", "other-1", "other-1-" + "a" * 27, "other--1-" + "a" * 26])
def test_a_place_that_no_list_gave(scene, teacher, after) -> None:
    answer = teacher.get(address(scene), query_string={"after": after})
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("one_device", [True, False])
def test_one_browser_with_and_without_script_is_one_device(app, scene, teacher, one_device) -> None:
    scene.set(link_reusability=2, one_device=one_device)
    invitation, guest = scene.invite(), Visitor(app)
    guest.enter(scene.path(invitation))
    for name in [name for _, _, name in guest.client._cookies if "foyer" in name]:
        guest.client.delete_cookie(name, domain="localhost")
    guest.key = DeviceKey()
    assert guest.send(scene.path(invitation)).status_code == 303
    (listed,) = teacher.get(address(scene)).get_json()["invitations"]
    assert [listed["uses_made"], listed["devices"]] == [2, 1]


def test_copying_the_link_does_not_make_a_new_one(scene, teacher) -> None:
    made = post(teacher, address(scene), GOOD).get_json()
    address_of_link = f"/api/v1/invitations/{made['invitation']['id']}/link"
    assert teacher.get(address_of_link).get_json() == {"link": made["link"]}
    assert teacher.get(address_of_link).get_json() == {"link": made["link"]}


def test_a_new_link_has_full_time_and_uses_and_ends_the_old_sessions(
    app, scene, teacher, clock
) -> None:
    invitation = scene.invite()
    guest = Visitor(app)
    inside = guest.send(scene.path(invitation)).location
    assert guest.open(inside).status_code == 200
    clock.pass_(hours=2)
    scene.set(link_duration=60)
    answer = post(teacher, f"/api/v1/invitations/{invitation.id}/new-link").get_json()
    assert answer["invitation"]["state"] == "pending"
    assert answer["invitation"]["uses_made"] == 0
    assert answer["invitation"]["devices"] == 0
    assert answer["invitation"]["expires_at"] == "2026-03-02T12:00:00Z"
    assert guest.open(inside).status_code == 410
    other = Visitor(app, script=True)
    assert other.send(answer["link"].removeprefix("http://localhost")).status_code == 303


def test_a_new_link_belongs_to_the_deployment_in_which_it_was_made(app, scene) -> None:
    """Of two deployments, the first inviter's is switched off."""
    invitation = scene.invite()
    with app.app_context():
        second = Deployment(
            registration_id=scene.school.registration_id, deployment_id="2", created_at=START
        )
        with transaction() as session:
            session.add(second)
        scene.switch_off("1")
        scene.school.deployment_id = second.id
    colleague = scene.launched("prof", Standing.MANAGER)
    answer = post(page_of(app, colleague), f"/api/v1/invitations/{invitation.id}/new-link")
    link = answer.get_json()["link"].removeprefix("http://localhost")
    guest = Visitor(app)
    entered = guest.send(link)
    assert entered.status_code == 303
    assert guest.open(entered.location).status_code == 200


def test_revoking_ends_sessions_at_once(app, scene, teacher) -> None:
    invitation = scene.invite()
    guest = Visitor(app)
    inside = guest.send(scene.path(invitation)).location
    answer = post(teacher, f"/api/v1/invitations/{invitation.id}/revoke")
    assert answer.get_json()["invitation"]["state"] == "revoked"
    assert guest.open(inside).status_code == 410
    again = post(teacher, f"/api/v1/invitations/{invitation.id}/revoke")
    assert again.status_code == 200
    assert scene.audit() == ["created", "redeemed", "revoked"]
    for verb in ("new-link", "reset-device"):
        assert post(teacher, f"/api/v1/invitations/{invitation.id}/{verb}").status_code == 409
    assert teacher.get(f"/api/v1/invitations/{invitation.id}/link").status_code == 409


def test_resetting_the_device_gives_one_use_back(app, scene, teacher) -> None:
    invitation = scene.invite()
    phone, laptop = Visitor(app), Visitor(app)
    inside = phone.send(scene.path(invitation)).location
    assert laptop.send(scene.path(invitation)).status_code == 403
    answer = post(teacher, f"/api/v1/invitations/{invitation.id}/reset-device").get_json()
    assert answer["invitation"]["uses_made"] == 0
    assert answer["link"] is None
    assert phone.open(inside).status_code == 410
    assert laptop.send(scene.path(invitation)).status_code == 303
    assert phone.send(scene.path(invitation)).status_code == 403


def test_only_a_bound_device_gives_a_use_back(app, scene, teacher) -> None:
    scene.set(link_reusability=3)
    invitation, phone = scene.invite(), Visitor(app, script=True)
    for _ in range(2):
        phone.enter(scene.path(invitation))
        phone.client._cookies.clear()
    for _ in range(2):
        answer = post(teacher, f"/api/v1/invitations/{invitation.id}/reset-device").get_json()
        assert answer["invitation"]["uses_made"] == 1
    assert scene.audit() == ["created", "redeemed", "redeemed", "device_reset"]


def test_the_wish_for_a_new_link_shows_until_there_is_one(app, scene, teacher, clock) -> None:
    invitation = scene.invite()
    Visitor(app).client.post(f"{scene.path(invitation)}/new-link", headers=SAME_ORIGIN)
    clock.pass_(minutes=1)
    scene.invite("bob@partner.org")
    listed = teacher.get(address(scene)).get_json()["invitations"]
    assert [one["new_link_asked_at"] is not None for one in listed] == [True, False]
    answer = post(teacher, f"/api/v1/invitations/{invitation.id}/new-link").get_json()
    assert answer["invitation"]["new_link_asked_at"] is None


@pytest.mark.parametrize("how", ["reset", "came in", "answer lost"])
def test_or_until_it_is_needed_no_more(app, scene, teacher, how) -> None:
    """Whoever gets in meanwhile waits for nobody."""
    scene.set(link_reusability=2)
    invitation, guest = scene.invite(), Visitor(app, script=True)
    if how != "came in":
        guest.send(scene.path(invitation))
        guest.client._cookies.clear()
    Visitor(app).client.post(f"{scene.path(invitation)}/new-link", headers=SAME_ORIGIN)
    if how == "reset":
        post(teacher, f"/api/v1/invitations/{invitation.id}/reset-device")
    else:
        assert guest.send(scene.path(invitation)).status_code == 303
    answer = teacher.get(address(scene)).get_json()
    assert answer["invitations"][0]["new_link_asked_at"] is None
    assert answer["counts"]["waiting"] == 0


@pytest.mark.parametrize("script", ["é", "e\u0301"])
def test_a_long_address_in_any_spelling_fits_its_column(scene, teacher, script) -> None:
    label = script * 40
    typed = f" {'a' * 60}@{label}.{label}.{label}.org"
    answer = post(teacher, address(scene), {**GOOD, "email": typed})
    assert answer.status_code == 201
    shown = answer.get_json()["invitation"]["email"]
    assert shown == f"{'a' * 60}@{'.'.join(['é' * 40] * 3)}.org"
    label = script * 50
    too_long = f"{'a' * 60}@{'.'.join([label] * 4)}.org"
    refused = post(teacher, address(scene), {**GOOD, "email": too_long})
    assert refused.status_code == 422
    assert [one["field"] for one in refused.get_json()["errors"]] == ["email"]


# Who may ----------------------------------------------------------------------------------------

ROUTES = [
    ("GET", "/api/v1/media/{media}/invitations"),
    ("POST", "/api/v1/media/{media}/invitations"),
    ("GET", "/api/v1/media/{media}/invitees?q=ada"),
    ("GET", "/api/v1/invitations/{invitation}"),
    ("GET", "/api/v1/invitations/{invitation}/link"),
    ("POST", "/api/v1/invitations/{invitation}/new-link"),
    ("POST", "/api/v1/invitations/{invitation}/revoke"),
    ("POST", "/api/v1/invitations/{invitation}/reset-device"),
]


def ask(client: FlaskClient, method: str, path: str) -> tuple[int, dict[str, object]]:
    json = GOOD if method == "POST" and path.endswith("invitations") else None
    answer = client.open(path, method=method, json=json, headers=SAME_ORIGIN)
    problem = answer.get_json()
    problem.pop("reference", None)
    return answer.status_code, problem


def nobody(client: FlaskClient, method: str, path: str) -> tuple[int, dict[str, object]]:
    return ask(client, method, path.format(media="a" * 26, invitation="b" * 26))


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_other_institutions_ids_are_ids_of_nothing(
    app: Flask, scene, other_school: School, method, path
) -> None:
    other = make_scene(app, other_school)
    foreign = other.invite()
    here = scene.invite()
    client = page_of(app, scene.teacher_session)
    unknown = nobody(client, method, path)
    assert unknown[0] == 404
    theirs = path.format(media=other.media_id, invitation=foreign.id)
    assert ask(client, method, theirs) == unknown
    mixed = f"{theirs}{'&' if '?' in theirs else '?'}as={scene.teacher_session.handle}"
    assert ask(client, method, mixed) == unknown
    stranger = page_of(app, other.teacher_session)
    ours = path.format(media=scene.media_id, invitation=here.id)
    assert ask(stranger, method, ours) == unknown


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("wrong", ["%00", "x", "..", "é", "a" * 300, "{media}"])
def test_what_is_no_id_is_the_id_of_nothing(app, scene, method, path, wrong) -> None:
    client = page_of(app, scene.teacher_session)
    unknown = nobody(client, method, path)
    assert ask(client, method, path.format(media=wrong, invitation=wrong)) == unknown


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_those_who_may_not_invite_get_the_same_answer(app, scene, method, path) -> None:
    invitation = scene.invite()
    ours = path.format(media=scene.media_id, invitation=invitation.id)
    with app.app_context():
        guest = scene.school.guest("x@partner.org", scene.media_id)
    sessions = [
        scene.launched("student", Standing.LEARNER),
        scene.launched("ta", Standing.ASSISTANT),
        scene.launched("prof", Standing.LEARNER),
        guest,
    ]
    for session in sessions:
        client = page_of(app, session)
        assert ask(client, method, ours) == nobody(client, method, path)
    scene.set(enable=False)
    client = page_of(app, scene.teacher_session)
    assert ask(client, method, ours) == nobody(client, method, path)
    no_session = app.test_client()
    assert ask(no_session, method, ours)[0] == 401
    assert ask(no_session, method, ours) == nobody(no_session, method, path)


@pytest.mark.parametrize("setting", ["prof", "someone, prof"])
def test_named_people_may(app, scene, setting) -> None:
    scene.set(allowed_users=setting)
    session = scene.launched("prof", Standing.LEARNER)
    assert post(page_of(app, session), address(scene), GOOD).status_code == 201


def test_the_menu_has_the_item_for_those_who_may(app, scene, teacher) -> None:
    page = teacher.get(f"/media/{scene.media_id}").text
    assert "Invite users" in page
    assert 'id="invite-dialog"' in page
    student = page_of(app, scene.launched("student")).get(f"/media/{scene.media_id}")
    assert student.status_code == 200
    assert "Invite users" not in student.text
    assert "invite-dialog" not in student.text
    assert "Use an invitation link" in student.text
    scene.set(enable=False)
    assert "Invite users" not in teacher.get(f"/media/{scene.media_id}").text


def test_deleting_says_how_many_invitations_it_ends(scene, teacher) -> None:
    scene.invite()
    scene.invite("bob@partner.org")
    page = teacher.get(f"/media/{scene.media_id}/delete").text
    assert "2 invitations stop working." in page

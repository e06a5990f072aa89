"""What an administrator may type, what it becomes, and from when on it counts."""

from __future__ import annotations

import pytest
from invitation_scene import Scene, Visitor

from lti_tool.core.institutions import SettingError, registry
from lti_tool.invitations.link_terms import LinkTerms
from lti_tool.invitations.settings import invitation_settings


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("enable", "off", False),
        ("link_duration", "1", 1),
        ("link_reusability", "-1", -1),
        ("link_reusability", "25", 25),
        ("one_device", "off", False),
        ("allowed_users", "Contributor", ["contributor"]),
        ("allowed_users", "user-1, User-2", ["user-1", "User-2"]),
        ("email_check", "off", "off"),
        ("lms_email_trusted", "on", True),
        (
            "allowed_email_domains",
            "Uni.EDU, *.partner.org @x.de",
            ["partner.org", "uni.edu", "x.de"],
        ),
        ("blocked_email_domains", "münchen.de", ["xn--mnchen-3ya.de"]),
        ("blocked_email_domains", "", []),
        ("guest_session", "168", 168),
    ],
)
def test_what_may_be_typed(context, name, typed, value) -> None:
    setting = registry()[name]
    assert setting.parse(typed) == value
    assert setting.parse(setting.show(value)) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("enable", "perhaps"),
        ("link_duration", "0"),
        ("link_duration", "-1"),
        ("link_duration", "one day"),
        ("link_reusability", "0"),
        ("link_reusability", "-2"),
        ("allowed_users", ""),
        ("allowed_users", "manager, user-1"),
        ("email_check", "code"),
        ("allowed_email_domains", "http://uni.edu"),
        ("blocked_email_domains", "ada@uni.edu"),
        ("guest_session", "0"),
        ("guest_session", "169"),
    ],
)
def test_what_may_not(context, name, typed) -> None:
    with pytest.raises(SettingError) as refused:
        registry()[name].parse(typed)
    assert str(refused.value)


def test_the_defaults_are_those_of_the_law(app, school) -> None:
    with app.app_context():
        found = invitation_settings(school.institution_id)
    assert found.enabled
    assert found.most == LinkTerms(minutes=1440, uses=1)
    assert found.one_device
    assert found.allowed_users.minimal == "manager"
    assert found.asks_email
    assert not found.lms_email_trusted
    assert found.allowed_domains == found.blocked_domains == ()
    assert found.guest_idle.total_seconds() == 12 * 3600


def test_duration_and_reusability_are_copied_when_the_link_is_made(app, scene: Scene) -> None:
    invitation = scene.invite()
    before = (invitation.expires_at, invitation.uses_allowed)
    scene.set(link_duration=5, link_reusability=7)
    assert (scene.fresh(invitation).expires_at, scene.fresh(invitation).uses_allowed) == before
    scene.new_link(invitation)
    renewed = scene.fresh(invitation)
    assert (renewed.expires_at - renewed.generated_at).total_seconds() == 300
    assert renewed.uses_allowed == 7


def test_a_guest_session_ends_after_the_idle_limit_once_the_link_has_ended(
    app, scene, clock
) -> None:
    scene.set(link_duration=60, guest_session=2)
    visitor = Visitor(app)
    inside = visitor.send(scene.link()).location
    clock.pass_(minutes=100)
    assert visitor.open(inside).status_code == 200, "activity"
    clock.pass_(minutes=119)
    assert visitor.open(inside).status_code == 200
    clock.pass_(minutes=121)
    assert visitor.open(inside).status_code == 410


def test_a_guest_session_lasts_as_long_as_its_link(app, scene, clock) -> None:
    scene.set(link_duration=3 * 1440, guest_session=1)
    visitor = Visitor(app)
    inside = visitor.send(scene.link()).location
    clock.pass_(days=2, hours=23)
    assert visitor.open(inside).status_code == 200
    clock.pass_(hours=2)
    assert visitor.open(inside).status_code == 410


def test_a_guest_session_never_lasts_longer_than_a_week(app, scene, clock) -> None:
    scene.set(link_duration=30 * 1440)
    visitor = Visitor(app)
    inside = visitor.send(scene.link()).location
    clock.pass_(days=6, hours=23)
    assert visitor.open(inside).status_code == 200
    clock.pass_(hours=1)
    assert visitor.open(inside).status_code == 410

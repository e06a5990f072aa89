"""One person, one spelling; one domain rule, whole labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.invitations.domains import InvalidDomain, domain_permitted, normalise_domain
from lti_tool.people.emails import InvalidEmail, domain_of, normalise_email


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("ada@uni.edu", "ada@uni.edu"),
        ("  Ada@Uni.EDU\n", "ada@uni.edu"),
        ("\u00a0ada@uni.edu\u00a0", "ada@uni.edu"),
        ("jose\u0301@uni.edu", "jos\u00e9@uni.edu"),
        ("ada@m\u00fcnchen.de", "ada@xn--mnchen-3ya.de"),
        ("ada@MU\u0308NCHEN.de", "ada@xn--mnchen-3ya.de"),
        ("ada@xn--mnchen-3ya.de", "ada@xn--mnchen-3ya.de"),
        ("ada+lecture@uni.edu", "ada+lecture@uni.edu"),
        ("ada@campus.local", "ada@campus.local"),
        ("ada@lms.test", "ada@lms.test"),
    ],
)
def test_normal_form(typed, normal) -> None:
    assert normalise_email(typed) == normal


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "ada", "ada@", "@uni.edu", "ada@uni", "ada@localhost", "a b@uni.edu", "ada@@uni.edu",
     "ada@uni..edu", "ada@-uni.edu", "ada@[127.0.0.1]", '"a b"@uni.edu', "a\0b@uni.edu",
     "ada@uni.edu, eve@uni.edu", "Ada <ada@uni.edu>", "x" * 250 + "@uni.edu", "ada@uni.edu\nbcc:x"],
)  # fmt: skip
def test_what_is_no_address(typed) -> None:
    with pytest.raises(InvalidEmail):
        normalise_email(typed)


@given(st.emails() | st.text(max_size=30) | st.builds("{}@uni.edu".format, st.text(max_size=20)))
def test_the_normal_form_is_its_own_normal_form(text) -> None:
    try:
        normal = normalise_email(text)
    except InvalidEmail:
        return
    assert normalise_email(normal) == normal
    assert normalise_email(f"  {normal.upper()} ") == normal or normal.upper().lower() != normal


def test_domain_of() -> None:
    assert domain_of("ada@mail.uni.edu") == "mail.uni.edu"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("Uni.EDU", "uni.edu"), ("@uni.edu", "uni.edu"), ("*@uni.edu", "uni.edu"),
     ("*.uni.edu", "uni.edu"),
     (".uni.edu", "uni.edu"), ("uni.edu.", "uni.edu"), ("m\u00fcnchen.de", "xn--mnchen-3ya.de")],
)  # fmt: skip
def test_domain_names_in_settings(typed, normal) -> None:
    assert normalise_domain(typed) == normal


@pytest.mark.parametrize(
    "typed", ["", " ", "uni edu", "uni..edu", "-uni.edu", "a@b.edu", "http://x.y"]
)
def test_what_is_no_domain(typed) -> None:
    with pytest.raises(InvalidDomain):
        normalise_domain(typed)


@pytest.mark.parametrize(
    ("domain", "allowed", "blocked", "permitted"),
    [
        ("uni.edu", [], [], True),
        ("uni.edu", ["uni.edu"], [], True),
        ("mail.uni.edu", ["uni.edu"], [], True),
        ("a.b.uni.edu", ["uni.edu"], [], True),
        ("myuni.edu", ["uni.edu"], [], False),
        ("uni.edu.evil.com", ["uni.edu"], [], False),
        ("uni.edu", ["mail.uni.edu"], [], False),
        ("edu", ["uni.edu"], [], False),
        ("uni.edu", [], ["uni.edu"], False),
        ("mail.uni.edu", [], ["uni.edu"], False),
        ("myuni.edu", [], ["uni.edu"], True),
        ("uni.edu", ["uni.edu"], ["uni.edu"], False),
        ("mail.uni.edu", ["uni.edu"], ["mail.uni.edu"], False),
        ("mail.uni.edu", ["mail.uni.edu"], ["uni.edu"], False),
        ("gmail.com", ["uni.edu"], ["mail.uni.edu"], False),
    ],
)
def test_domain_rules(domain, allowed, blocked, permitted) -> None:
    assert domain_permitted(domain, allowed, blocked) is permitted


labels = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
domains = st.lists(labels, min_size=2, max_size=4).map(".".join)


@given(domains, labels)
def test_a_look_alike_suffix_never_matches(domain, extra) -> None:
    assert not domain_permitted(extra + domain, [domain], [])
    assert domain_permitted(extra + domain, [], [domain])
    assert domain_permitted(f"{extra}.{domain}", [domain], [])
    assert not domain_permitted(f"{extra}.{domain}", [], [domain])

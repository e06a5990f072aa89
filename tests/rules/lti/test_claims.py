"""What a launch message must say to be believed."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import target_link
from lti_tool.lti.rules import (
    CLAIM,
    RESOURCE_LINK,
    ClaimError,
    Expected,
    check_claims,
    check_header,
    error_code,
    is_id,
    label,
    language,
    mapping,
    text,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
OURS = "https://foyer.example.edu"
ISSUER = "https://lms.example.edu"
EXPECTED = Expected(
    signs_as=ISSUER.__eq__,
    client_id="client-1",
    origin=OURS,
    target_link_uri=f"{OURS}/lti/launch",
    deployment_hint="1",
)
GONE = object()


def claims(**changes: Any) -> dict[str, Any]:
    """Honest claims with changes; LTI's own names are short, GONE takes one out."""
    honest: dict[str, Any] = {
        "iss": ISSUER,
        "aud": EXPECTED.client_id,
        "sub": "person-1",
        "iat": SECONDS,
        "exp": SECONDS + 60,
        "nonce": "n",
        CLAIM + "version": "1.3.0",
        CLAIM + "message_type": RESOURCE_LINK,
        CLAIM + "deployment_id": "1",
        CLAIM + "target_link_uri": EXPECTED.target_link_uri,
        CLAIM + "roles": [],
        CLAIM + "resource_link": {"id": "link-1"},
    }
    for name, value in changes.items():
        full = CLAIM + name if CLAIM + name in honest else name
        if value is GONE:
            del honest[full]
        else:
            honest[full] = value
    return honest


def refused(said: dict[str, Any], expected: Expected = EXPECTED) -> ClaimError | None:
    try:
        check_claims(said, expected, NOW)
    except ClaimError as error:
        return error
    return None


def test_an_honest_message_is_believed() -> None:
    assert refused(claims()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["client-1"]},
        {"azp": "client-1"},
        {"exp": SECONDS - 59, "iat": SECONDS - 119},
        {"iat": SECONDS + 60, "exp": SECONDS + 120},
        {"nbf": SECONDS + 60},
        {"nbf": None},
        {"iat": SECONDS - 3660, "exp": SECONDS},
        {"iat": float(SECONDS), "exp": SECONDS + 0.5},
        {"roles": [""]},
        {"roles": ["Instructor", "anything at all"]},
        {"roles": "Instructor"},
        {"roles": [None, "Instructor", 1]},
        {"deployment_id": "d" * 255},
        {"sub": "https://sakai.example/user/6d1d"},
        {"resource_link": {"id": "1", "title": None, "unknown": {}}},
        {"https://example.org/new": [1, 2]},
        {"aud": ["client-1"], "azp": ["client-1"]},
        {"exp": str(SECONDS + 60), "iat": str(SECONDS)},
        {"deployment_id": 1},
        {"sub": 31},
        {"resource_link": {"id": 201}},
        {"resource_link": {}},
        {"resource_link": []},
        {"resource_link": {"id": None, "title": "From a menu"}},
        {"aud": ["client-1", "client-1"], "azp": "client-1"},
        {CLAIM + "context": None},
        {CLAIM + "context": []},
        {CLAIM + "context": {}},
        {CLAIM + "context": {"id": 7, "title": 8}},
        {CLAIM + "context": {"id": "c" * 255}},
        {"target_link_uri": "HTTPS://Foyer.Example.edu:443/a/../lti/./launch"},
    ],
)
def test_a_valid_variation_is_believed(changes: dict[str, Any]) -> None:
    expected = Expected(ISSUER.__eq__, EXPECTED.client_id, OURS, EXPECTED.target_link_uri, None)
    assert refused(claims(**changes), expected) is None


UNTRUSTED = [
    ("iss", {"iss": GONE}),
    ("iss", {"iss": "https://lms.example.edu/"}),
    ("iss", {"iss": "https://LMS.example.edu"}),
    ("aud", {"aud": GONE}),
    ("aud", {"aud": "client-2"}),
    ("aud", {"aud": []}),
    ("aud", {"aud": {"client-1": 1}}),
    ("aud", {"aud": "client-1 client-2"}),
    ("aud", {"aud": ["client-1", "other"]}),
    ("aud", {"aud": ["client-1", "other"], "azp": "client-1"}),
    ("azp", {"azp": "other"}),
    ("azp", {"azp": ""}),
    ("azp", {"azp": ["client-1", "other"]}),
    ("exp", {"exp": GONE}),
    ("exp", {"exp": "tomorrow"}),
    ("exp", {"exp": True}),
    ("exp", {"exp": f"{SECONDS}.5"}),
    ("exp", {"exp": "9" * 400}),
    ("exp", {"exp": None}),
    ("exp", {"exp": SECONDS - 60}),
    ("exp", {"exp": math.nan}),
    ("exp", {"exp": math.inf}),
    ("iat", {"iat": GONE}),
    ("iat", {"iat": False}),
    ("iat", {"iat": SECONDS + 61}),
    ("iat", {"iat": SECONDS - 3661}),
    ("iat", {"iat": math.nan}),
    ("iat", {"iat": -math.inf}),
    ("nonce", {"nonce": GONE}),
    ("nonce", {"nonce": ""}),
    ("nonce", {"nonce": ["n"]}),
    ("nbf", {"nbf": SECONDS + 61}),
    ("nbf", {"nbf": "tomorrow"}),
    ("nbf", {"nbf": math.nan}),
    ("deployment_id", {"deployment_id": "2"}),
    ("target_link_uri", {"target_link_uri": "https://attacker.example/lti/launch"}),
    ("target_link_uri", {"target_link_uri": f"{OURS}.attacker.example/lti/launch"}),
    ("target_link_uri", {"target_link_uri": f"{OURS}/another/page"}),
    ("target_link_uri", {"target_link_uri": "javascript:alert(1)"}),
]

INCOMPLETE = [
    ("version", {"version": GONE}),
    ("version", {"version": "11.3"}),
    ("version", {"version": "1.3"}),
    ("version", {"version": 1.3}),
    ("message_type", {"message_type": GONE}),
    ("deep_linking_settings", {"message_type": "LtiDeepLinkingRequest"}),
    ("message_type", {"message_type": [RESOURCE_LINK]}),
    ("deployment_id", {"deployment_id": GONE}),
    ("deployment_id", {"deployment_id": ""}),
    ("deployment_id", {"deployment_id": True}),
    ("deployment_id", {"deployment_id": 1.5}),
    ("deployment_id", {"deployment_id": ["1"]}),
    ("deployment_id", {"deployment_id": "d" * 256}),
    ("deployment_id", {"deployment_id": "dé"}),
    ("deployment_id", {"deployment_id": "1\x00"}),
    ("target_link_uri", {"target_link_uri": GONE}),
    ("target_link_uri", {"target_link_uri": None}),
    ("sub", {"sub": ""}),
    ("sub", {"sub": None}),
    ("sub", {"sub": False}),
    ("sub", {"sub": 3.1}),
    ("sub", {"sub": {"id": "person-1"}}),
    ("sub", {"sub": 10**400}),
    ("sub", {"sub": "s" * 256}),
    ("sub", {"sub": "a\x00b"}),
    ("sub", {"sub": "half a pair \ud800"}),
    ("roles", {"roles": GONE}),
    ("roles", {"roles": None}),
    ("roles", {"roles": {"Instructor": True}}),
    ("resource_link", {"resource_link": GONE}),
    ("resource_link", {"resource_link": "link-1"}),
    ("resource_link", {"resource_link": {"id": True}}),
    ("resource_link", {"resource_link": {"id": ["link-1"]}}),
    ("resource_link", {"resource_link": {"id": "l" * 256}}),
    ("context", {CLAIM + "context": "course-1"}),
    ("context", {CLAIM + "context": {"id": "c" * 256}}),
    ("context", {CLAIM + "context": {"id": True}}),
    ("context", {CLAIM + "context": {"id": {"value": "7"}}}),
    ("resource_link", {"resource_link": {"id": "\udfff"}}),
]


@pytest.mark.parametrize(("part", "changes"), UNTRUSTED)
def test_the_sender_is_not_who_it_says(part: str, changes: dict[str, Any]) -> None:
    error = refused(claims(**changes))
    assert error is not None
    assert error.part == part
    assert error.untrusted


@pytest.mark.parametrize(("part", "changes"), INCOMPLETE)
def test_a_part_is_missing_or_unfit(part: str, changes: dict[str, Any]) -> None:
    error = refused(claims(**changes))
    assert error is not None
    assert error.part == part
    assert not error.untrusted


@pytest.mark.parametrize(("lacks", "custom"), [(True, {}), (False, {"show": "gallery"})])
def test_a_menu_may_open_the_tool_without_a_link(lacks: bool, custom: dict[str, str]) -> None:
    """Of products that do so, and from the entry in a course's menu that we asked for."""
    said = {**claims(resource_link=GONE), CLAIM + "custom": custom}
    assert refused(said, replace(EXPECTED, may_lack_link=lacks)) is None


def test_a_target_however_long_and_however_spelled() -> None:
    long = f"{OURS}/lti/launch?" + "q=%20%c3%bc&" * 400
    same = long.replace("%20", "+").replace("%c3%bc", "%C3%BC")
    expected = replace(EXPECTED, target_link_uri=target_link.kept(long))
    assert len(expected.target_link_uri) < 100
    assert refused(claims(target_link_uri=same), expected) is None
    assert refused(claims(target_link_uri=same + "&q=other"), expected) is not None


def test_without_a_target_in_the_login_it_still_must_be_ours() -> None:
    expected = Expected(ISSUER.__eq__, EXPECTED.client_id, OURS, "", None)
    for good in (OURS, f"{OURS}/", f"{OURS}/media/x"):
        assert refused(claims(target_link_uri=good), expected) is None
    for bad in (f"{OURS}@attacker.example/", f"{OURS}:8443/", "https://foyer.example.ed"):
        error = refused(claims(target_link_uri=bad), expected)
        assert error is not None
        assert error.untrusted


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted(claims())


@given(st.sampled_from(NAMES), JSON)
def test_any_value_of_any_claim_is_believed_or_refused_by_name(name: str, value: Any) -> None:
    said = {**claims(), name: value}
    error = refused(said)
    if error is not None:
        assert error.part in {name.removeprefix(CLAIM), "azp"}


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_whatever_is_not_a_launch_is_refused(said: dict[str, Any]) -> None:
    assert refused(said) is not None


@pytest.mark.parametrize("kid", ["k1", "-1480524216", "2026-01-01T00:00:00Z"])
def test_a_fit_header_gives_its_key_id(kid: str) -> None:
    assert check_header({"alg": "RS256", "kid": kid, "typ": "JWT", "jku": "https://x"}) == kid


def test_a_key_id_may_be_a_number_as_in_the_key_set() -> None:
    assert check_header({"alg": "RS256", "kid": 7}) == "7"


@pytest.mark.parametrize(
    ("part", "header"),
    [
        ("alg", {"kid": "k"}),
        ("alg", {"alg": "none", "kid": "k"}),
        ("alg", {"alg": "None", "kid": "k"}),
        ("alg", {"alg": "HS256", "kid": "k"}),
        ("alg", {"alg": "RS384", "kid": "k"}),
        ("alg", {"alg": ["RS256"], "kid": "k"}),
        ("kid", {"alg": "RS256"}),
        ("kid", {"alg": "RS256", "kid": ""}),
        ("kid", {"alg": "RS256", "kid": ["7"]}),
        ("kid", {"alg": "RS256", "kid": True}),
    ],
)
def test_an_unfit_header_is_refused(part: str, header: dict[str, Any]) -> None:
    with pytest.raises(ClaimError) as caught:
        check_header(header)
    assert caught.value.part == part
    assert caught.value.untrusted


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_what_counts_as_an_id_can_be_stored(value: str) -> None:
    if is_id(value):
        assert 0 < len(value) <= 255
        assert "\x00" not in value
        value.encode()


@given(JSON | st.text(alphabet=st.characters(codec=None)), st.integers(1, 400))
def test_a_kept_text_is_one_line_of_bounded_length(value: Any, longest: int) -> None:
    kept = text(value, longest)
    kept.encode()
    assert len(kept) <= longest
    assert not any(ord(letter) < 32 for letter in kept)
    if not isinstance(value, str):
        assert kept == ""


@pytest.mark.parametrize(
    ("said", "kept"),
    [("Week 1", "Week 1"), (2026, "2026"), (1.5, "1.5"), (True, ""), (None, ""), ([1], "")],
)
def test_a_title_may_be_a_number(said: Any, kept: str) -> None:
    assert label(said) == kept
    assert label("x" * 400) == "x" * 255
    assert label(10**5000) == ""


@pytest.mark.parametrize(
    ("values", "tag"),
    [
        (("en-US",), "en-US"),
        (("en_US",), "en-US"),
        (("es_mx", "de"), "es-mx"),
        ((None, "de"), "de"),
        (("../../etc/passwd", "pt_br"), "pt-br"),
        (("en-AU-x-unimelb",), "en-AU-x-unimelb"),
        (("sr_RS_#Latn",), "sr-RS"),
        (("zh_TW_#Hant", "de"), "zh-TW"),
        (("de_DE.UTF-8@euro",), "de-DE"),
        (("#Latn", ".de", "@", "he"), "he"),
        (("e", 7, "", ["en"]), None),
        (("en" + "-abc" * 12,), None),
        ((), None),
    ],
)
def test_the_first_language_tag_is_taken(values: tuple[Any, ...], tag: str | None) -> None:
    assert language(*values) == tag


def test_what_is_no_object_counts_as_an_empty_one() -> None:
    assert mapping({"id": "1"}) == {"id": "1"}
    for value in (None, "text", ["id"], 7):
        assert mapping(value) == {}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("login_required", "login_required"),
        ("ACCESS_DENIED", "access_denied"),
        ("user cancelled", "user_cancelled"),
        ("Not <b>allowed</b> 0800 123\n", "not_b_allowed_b"),
        ("x" * 1000, "x" * 64),
        ("", ""),
    ],
)
def test_a_platforms_error_code_is_kept_in_its_own_letters(said: str, code: str) -> None:
    assert error_code(said) == code

"""Whatever one LMS gets signed is good at no other one (RFC 7523, the confused deputy)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.confused_deputy import (
    Tenant,
    audience_host,
    canonical,
    confusion,
    same_address,
)
from lti_tool.lti.platforms import FAMILIES, family_of

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
VENDOR = "https://canvas.instructure.com"
BETA = "https://canvas.beta.instructure.com"

VICTIM = Tenant(
    name="victim",
    family="moodle",
    issuer="https://victim.example",
    client_id="v1",
    token_url="https://victim.example/token",
    jwks_url="https://victim.example/jwks",
    auth_audience=None,
    self_registered=True,
    audience_by_operator=False,
    since=(BEGIN, "1"),
)
EVIL = replace(
    VICTIM,
    name="evil",
    issuer="https://evil.example",
    client_id="e1",
    token_url="https://evil.example/token",
    jwks_url="https://evil.example/jwks",
    since=(BEGIN + timedelta(days=1), "2"),
)
STRICT = replace(VICTIM, family="canvas")


def part(tenant: Tenant, *others: Tenant) -> str | None:
    found = confusion(tenant, others)
    return found.part if found else None


def takes(tenant: Tenant, issuer: str, audience: str) -> bool:
    """Whether an assertion of ours is good there."""
    own = {canonical(one) for one in (tenant.token_url, tenant.auth_audience) if one}
    checks = family_of(tenant.family).checks_audience
    return issuer == tenant.client_id and (not checks or canonical(audience) in own)


# The same address, however it is written ----------------------------------------------------------

SPELLINGS = [
    "https://victim.example/token",
    "HTTPS://VICTIM.example/token",
    "https://victim.example:443/token",
    "https://victim.example./token",
    "https://victim.example/token/",
    "https://victim.example/%74oken",
    "https://victim.example/%2574oken",
    "https://victim.example//token",
    "https://victim.example/x/../token",
    "https://v%69ctim.example/token",
    "https://me@victim.example/token",
    "https://\uff56ictim.example/token",
    "https:\\\\victim.example\\token",
    "http://victim.example/token",
    "//victim.example/token",
    "victim.example/token",
    " https://victim.example/token#x",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_address_in_many_spellings(spelling: str) -> None:
    assert canonical(spelling) == canonical("https://victim.example/token")
    for said in (replace(EVIL, auth_audience=spelling), _by_operator(spelling)):
        assert part(said, VICTIM) == "authorization_server"


@pytest.mark.parametrize(
    "other",
    [
        "https://victim.example:8443/token",
        "https://victim.example/token/7",
        "https://victim.example/token?key=7",
        "https://victim.example.evil.example/token",
        "https://victim.example@evil.example/token",
        "https://evil.example/victim.example/token",
    ],
)
def test_another_address(other: str) -> None:
    assert canonical(other) != canonical("https://victim.example/token")


def test_international_names_are_one_in_both_forms() -> None:
    assert canonical("https://b\u00fccher.example/") == canonical("https://XN--bcher-kva.example")


@given(st.text(max_size=60))
def test_any_text_can_be_compared(text: str) -> None:
    for written in (text, f"https://{text}", f"https://victim.example/{text}"):
        assert canonical(written) == canonical(f" {written}\n")
        assert "/" not in audience_host(written)
        same_address(written, text)


@given(st.text("abcXYZ./-", max_size=12), st.data())
def test_percent_encoding_makes_no_other_address(path: str, data: st.DataObject) -> None:
    address = f"https://victim.example/{path}"
    written = "".join(
        f"%{ord(letter):02x}" if data.draw(st.booleans()) else letter for letter in path
    )
    assert canonical(f"https://victim.example/{written}") == canonical(address)


@pytest.mark.parametrize(
    ("audience", "host"),
    [
        ("https://LMS.example:8443/x", "lms.example"),
        ("lms.example", "lms.example"),
        ("lms.example:443/token", "lms.example"),
        ("https://lms.example.", "lms.example"),
        ("https://victim.example@evil.example/", ""),
        ("https://victim.example\\@evil.example/", ""),
        ("victim.example evil.example", ""),
        ("urn:victim", "urn"),
        ("mailto:me@victim.example", ""),
        ("https://", ""),
        ("", ""),
        ("?", ""),
    ],
)
def test_the_host_of_an_audience(audience: str, host: str) -> None:
    assert audience_host(audience) == host


# Who is confused with whom -----------------------------------------------------------------------


def _by_operator(audience: str) -> Tenant:
    return replace(EVIL, auth_audience=audience, self_registered=False, audience_by_operator=True)


def _now(tenant: Tenant) -> Tenant:
    return replace(tenant, since=None)


@pytest.mark.parametrize("alike", ["V1", "v1\u200b", "ｖ1", "v\u03011", "v1\u00a0", " v1"])
def test_a_client_id_that_a_database_takes_for_anothers(alike: str) -> None:
    assert part(replace(EVIL, client_id=alike), VICTIM) == "client_id"


def test_a_client_id_of_two() -> None:
    evil = replace(EVIL, client_id="v1")
    assert part(evil, VICTIM) == "client_id"
    assert part(VICTIM, evil) is None
    assert part(replace(evil, self_registered=False), VICTIM) is None
    for later in (replace(VICTIM, since=(BEGIN + timedelta(days=9), "3")), _now(VICTIM)):
        assert part(later, evil) == "client_id"
    by_hand = replace(later, self_registered=False)
    assert (part(by_hand, evil), part(evil, by_hand)) == (None, "client_id")


def test_two_products_that_check_audiences_may_have_one_client_id() -> None:
    """Each Canvas of a school's own counts from the same number."""
    one = replace(EVIL, client_id="v1", family="canvas")
    assert part(one, STRICT) is None
    assert part(replace(one, family="moodle"), STRICT) == "client_id"
    neighbour = replace(one, token_url="https://victim.example./token/")
    assert part(neighbour, STRICT) == "client_id", "its access tokens would be the other's"


@pytest.mark.parametrize(("theirs", "mine"), [(VENDOR, BETA), (BETA, VENDOR)])
def test_a_vendors_issuer_is_borrowed(theirs: str, mine: str) -> None:
    hosted = replace(
        STRICT,
        issuer=theirs,
        token_url="https://elm.instructure.com/login/oauth2/token",
        jwks_url="https://sso.canvaslms.com/api/lti/security/jwks",
    )
    evil = replace(EVIL, family="canvas", issuer=mine, client_id="v1")
    later = replace(hosted, since=(BEGIN + timedelta(days=9), "3"))
    for school in (hosted, later):
        assert part(evil, school) == "client_id"
        assert part(school, evil) is None
    stages = replace(hosted, issuer=mine, token_url="https://elm.beta.instructure.com/token")
    assert part(stages, hosted) is None, "one school's own two stages"
    assert part(replace(evil, client_id="e1"), hosted) is None


def test_an_audience_that_is_an_others() -> None:
    named = replace(VICTIM, auth_audience="https://id.example/victim")
    for said in ("https://victim.example/token", "https://id.example/victim/"):
        assert part(replace(EVIL, auth_audience=said), named) == "authorization_server"
        assert part(_now(_by_operator(said)), named) == "authorization_server"
    assert part(named, replace(EVIL, auth_audience="https://id.example/victim")) is None


def test_an_audience_on_an_others_host() -> None:
    """Neighbours below one domain pass for one another's own."""
    said = "https://victim.example/other"
    assert part(replace(EVIL, auth_audience=said), VICTIM) == "authorization_server"
    assert part(_by_operator(said), VICTIM) is None, "an operator means the address"
    own = replace(EVIL, token_url="https://victim.example/token/7", auth_audience=said)
    assert part(own, VICTIM) is None, "it is its own host as well"


def test_an_operator_has_named_it_before() -> None:
    """Now he may not; where he has, it is his."""
    said = "https://id.example/t"
    heard = replace(VICTIM, auth_audience=said)
    assert part(_by_operator(said), heard) is None
    assert part(heard, _by_operator(said)) == "authorization_server"
    assert part(replace(_by_operator(said), since=None), heard) == "authorization_server"
    first = replace(_by_operator(said), token_url="https://oak.example/token", since=(BEGIN, "0"))
    assert part(_by_operator(said), first) == "authorization_server"
    assert part(first, _by_operator(said)) is None


def test_one_token_address_for_many_schools() -> None:
    """Whoever gets such an assertion is whom it is for."""
    common = {"token_url": "https://auth.example/token", "auth_audience": "https://api.example/t"}
    assert part(replace(EVIL, **common), replace(VICTIM, **common)) is None
    elsewhere = {**common, "token_url": "https://auth.example/token/"}
    assert part(replace(EVIL, **elsewhere), replace(VICTIM, **common)) == "authorization_server"


def test_who_is_at_home_there_is_not_shut_out_by_who_came_first() -> None:
    squatter = replace(EVIL, auth_audience="https://victim.example/id", since=(BEGIN, "0"))
    for victim in (VICTIM, replace(VICTIM, auth_audience="https://victim.example/id")):
        assert part(victim, squatter) is None
        assert part(squatter, victim) == "authorization_server"


# The laws ----------------------------------------------------------------------------------------

ADDRESSES = [
    *(f"https://{host}.example/{path}" for host in "ab" for path in ("token", "%74oken/")),
    "https://elm.instructure.com/token",
]


@st.composite
def tenants(draw: st.DrawFn) -> list[Tenant]:
    def one(number: int) -> Tenant:
        self_registered = draw(st.booleans())
        by_operator = draw(st.booleans())
        token_url = draw(st.sampled_from(ADDRESSES))
        said = draw(st.sampled_from([None, *ADDRESSES]))
        return Tenant(
            name=str(number),
            family=draw(st.sampled_from(["canvas", "canvas", *FAMILIES])),
            issuer=draw(st.sampled_from(["https://a.example", "https://b.example", VENDOR, BETA])),
            client_id=draw(st.sampled_from("xxy")),
            token_url=token_url,
            jwks_url=token_url,
            auth_audience=said,
            self_registered=self_registered,
            audience_by_operator=by_operator and said is not None,
            since=(BEGIN, str(number)),
        )

    return [one(number) for number in range(draw(st.integers(2, 4)))]


@given(tenants())
def test_what_one_gets_is_good_at_no_other(everybody: list[Tenant]) -> None:
    good = [one for one in everybody if not _confused(one, everybody)]
    for one in good:
        if not one.self_registered:
            continue
        for other in good:
            if other is not one and not same_address(one.token_url, other.token_url):
                assert not takes(other, one.client_id, one.auth_audience or one.token_url)


@given(tenants())
def test_a_newcomer_shuts_out_nobody_who_names_only_himself(everybody: list[Tenant]) -> None:
    *before, newcomer = everybody
    newcomer = replace(newcomer, self_registered=True, audience_by_operator=False)
    own = {"issuer": "https://a.example", "auth_audience": None, "audience_by_operator": False}
    modest = replace(before[0], **own)
    assert confusion(modest, before[1:]) == confusion(modest, [*before[1:], newcomer])


def _confused(one: Tenant, everybody: list[Tenant]) -> bool:
    return confusion(one, [other for other in everybody if other is not one]) is not None

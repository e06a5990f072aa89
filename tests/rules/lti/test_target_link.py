"""One target, however a platform spells it; never one of somebody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.target_link import canonical, kept, leads_to

OURS = "https://foyer.example.edu"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{OURS}/x?q=a%20b", f"{OURS}/x?q=a+b"),
        (f"{OURS}/x", "HTTPS://FOYER.example.EDU/x"),
        (f"{OURS}/x", f"{OURS}:443/x"),
        ("http://foyer.example.edu/x", "http://foyer.example.edu:80/x"),
        (f"{OURS}/x", f"{OURS}/a/../x"),
        (f"{OURS}/x", f"{OURS}/./x"),
        (f"{OURS}/x", f"{OURS}/%78"),
        (f"{OURS}/%C3%BC", f"{OURS}/%c3%bc"),
        (f"{OURS}/%C3%BC", f"{OURS}/ü"),
        (f"{OURS}/x", f"{OURS}/x/"),
        (OURS, f"{OURS}/"),
        (f"{OURS}/x", f" {OURS}/x "),
        (f"{OURS}/x?a=1&b", f"{OURS}/x?a=1&b="),
        (f"{OURS}/x", f"{OURS}/x#part"),
        (f"{OURS}/x?q=a%20b", f"{OURS}/x?q=a b"),
        (f"{OURS}/a%20b", f"{OURS}/a b"),
        (f"{OURS}/x", "https://foyer.example.edu./x"),
        (f"{OURS}/x", "https://ｆoyer。example.edu/x"),
        ("https://xn--frde-5qa.example/x", "https://Förde.example/x"),
    ],
)
def test_spellings_of_one_address(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)
    assert kept(one) == kept(other)
    assert canonical(canonical(one)) == canonical(one)
    assert leads_to(one, OURS) == leads_to(other, OURS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{OURS}/x", f"{OURS}/y"),
        (f"{OURS}/x", f"{OURS}/X"),
        (f"{OURS}/a%2Fb", f"{OURS}/a/b"),
        (f"{OURS}/x?a=1", f"{OURS}/x?a=2"),
        (f"{OURS}/x?a=1&a=2", f"{OURS}/x?a=2&a=1"),
        (f"{OURS}/x?a=%26b", f"{OURS}/x?a=&b"),
        (f"{OURS}/x", "http://foyer.example.edu/x"),
        (f"{OURS}/x", f"{OURS}:8443/x"),
        (f"{OURS}/x?{'a' * 3000}", f"{OURS}/x?{'a' * 3001}"),
        (f"{OURS}/x?a=%20{'a' * 20_000}", f"{OURS}/x?a=+{'a' * 20_000}"),  # too long to be read
    ],
)
def test_two_addresses(one: str, other: str) -> None:
    assert kept(one) != kept(other)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        f"{OURS}.evil.example/",
        f"{OURS}@evil.example/",
        f"{OURS}\\@evil.example/",
        f"{OURS}:443@evil.example/",
        "https://evil.example\\@foyer.example.edu/",
        "https://evil@foyer.example.edu/",
        f"{OURS}\t.evil.example/",
        f"{OURS} .evil.example/",
        f"{OURS}. .evil.example/",
        f"{OURS}../",
        f"https://evil.example/../{OURS}",
        f"{OURS}:8443/",
        "//foyer.example.edu/",
        "javascript:https://foyer.example.edu/",
        "https://[::1",
        "https://foyer.example.edu:port/",
        "",
    ],
)
def test_what_is_not_ours(address: str) -> None:
    assert not leads_to(address, OURS)


@pytest.mark.parametrize("address", [OURS, f"{OURS}/", f"{OURS}/media/x", f"{OURS}?x=1"])
def test_what_is_ours(address: str) -> None:
    assert leads_to(address, OURS)


def test_an_own_host_in_letters_of_its_own() -> None:
    assert leads_to("https://xn--frde-5qa.example/x", "https://förde.example")


@given(st.text(alphabet=st.characters(codec=None)) | st.from_regex(r"https?://.{0,60}"))
def test_any_text_at_all_has_one_form_that_fits(address: str) -> None:
    assert len(kept(address)) <= 2048
    assert canonical(canonical(address)) == canonical(address)

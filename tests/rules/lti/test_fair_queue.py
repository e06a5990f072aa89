"""A full queue makes room for a newcomer at the cost of the most crowded domain."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.registration.fair_queue import Waiting, domain, who_leaves


def queue(*hosts: str) -> list[Waiting]:
    return [Waiting(str(number), host) for number, host in enumerate(hosts)]


def leaves(newcomer: str, *hosts: str) -> str | None:
    found = who_leaves(queue(*hosts), newcomer)
    return found.host if found else None


CROWD = tuple(f"a{number}.evil.example" for number in range(5))


@pytest.mark.parametrize(
    ("newcomer", "hosts", "gone"),
    [
        ("lms.elm.edu", CROWD, "a4.evil.example"),
        ("lms.elm.edu", (*CROWD, "lms.oak.edu"), "a4.evil.example"),
        ("lms.elm.edu", ("lms.elm.edu", *CROWD), "a4.evil.example"),
        ("a9.evil.example", CROWD, None),
        ("a9.evil.example", (*CROWD, "lms.oak.edu"), None),
        ("deep.below.evil.example", CROWD, None),
        ("lms.elm.edu", ("lms.oak.edu", "lms.ash.edu", "lms.fir.edu"), None),
        ("lms.elm.edu", ("lms.oak.edu", "lms.oak.edu"), "lms.oak.edu"),
        ("lms.elm.edu", ("lms.elm.edu", "lms.oak.edu", "lms.oak.edu"), None),
        # Many share a public suffix.
        ("lms.elm.edu.au", ("a1.evil.edu.au", "a2.evil.edu.au"), "a2.evil.edu.au"),
        ("lms.elm.edu.au", ("lms.oak.edu.au", "a.evil.edu.au", "b.evil.edu.au"), "b.evil.edu.au"),
        ("a3.evil.edu.au", ("a1.evil.edu.au", "a2.evil.edu.au"), None),
        ("elm.lms.example", ("oak.lms.example", "ash.lms.example"), None),
        # Addresses are counted by their networks.
        ("203.0.113.9", ("198.51.100.1", "198.51.100.2"), "198.51.100.2"),
        ("198.51.100.3", ("198.51.100.1", "198.51.100.2"), None),
        ("2001:db8:1::1", ("2001:db8:2::1", "2001:db8:2:1::2"), "2001:db8:2:1::2"),
        ("2001:db8:2:9::1", ("2001:db8:2::1", "2001:db8:2:1::2"), None),
        ("localhost", (), None),
    ],
)
def test_who_makes_room(newcomer: str, hosts: tuple[str, ...], gone: str | None) -> None:
    assert leaves(newcomer, *hosts) == gone


HOSTS = st.lists(
    st.sampled_from(["lms", "a", "b", "evil", "elm", "edu", "au"]), min_size=1, max_size=4
).map(".".join)


@given(st.lists(HOSTS, max_size=12), HOSTS)
def test_it_gets_no_more_crowded_by_it(hosts: list[str], newcomer: str) -> None:
    found = who_leaves(queue(*hosts), newcomer)
    if found is None:
        return
    before = Counter(domain(host, 2) for host in hosts)
    after = before - Counter([domain(found.host, 2)]) + Counter([domain(newcomer, 2)])
    assert sorted(after.values(), reverse=True) <= sorted(before.values(), reverse=True)
    assert len([host for host in hosts if domain(host, 2) == domain(found.host, 2)]) > 1


@given(st.integers(2, 50), st.integers(0, 5))
def test_one_domain_keeps_nobody_out(many: int, honest: int) -> None:
    crowd = [f"x{number}.evil.example" for number in range(many)]
    others = [f"lms.school{number}.edu" for number in range(honest)]
    assert leaves("lms.elm.edu", *others, *crowd) == crowd[-1]
    assert leaves("more.evil.example", *others, *crowd) is None

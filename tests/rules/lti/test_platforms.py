"""How Sakai, Canvas and Moodle differ where their services are asked."""

from __future__ import annotations

from typing import Any

import pytest

from lti_tool.lti.platforms import FAMILIES, family_of
from lti_tool.lti.rules import MEMBERSHIP, platform_id, role_uris


@pytest.mark.parametrize("name", FAMILIES)
def test_each_says_where_to_allow_what(name: str) -> None:
    family = family_of(name)
    assert family.allows_rosters() != family.allows_grades()
    for sentence in (family.allows_rosters(), family.allows_grades()):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert (name.title() if name != "other" else "LMS") in sentence


@pytest.mark.parametrize("name", FAMILIES)
def test_an_empty_answer_is_an_empty_list_in_sakai_alone(name: str) -> None:
    assert family_of(name).empty_means_none() is (name == "sakai")


@pytest.mark.parametrize("name", FAMILIES)
def test_a_link_header_in_order_is_left_as_it_is(name: str) -> None:
    written = '<https://lms.example/\u00e9?A=b>; rel="next"'
    assert family_of(name).link_header(written) == written


@pytest.mark.parametrize(
    ("base_url", "doubted"),
    [
        ("https://foyer.example.edu", False),
        ("https://foyer.example.edu:443", False),
        ("https://93.184.215.14", False),
        ("https://foyer.example.edu:8443", True),
        ("http://localhost:8000", True),
        ("http://foyer.localhost", True),
        ("http://foyer", True),
        ("http://127.0.0.1", True),
        ("https://10.1.2.3", True),
        ("https://[::1]", True),
    ],
)
def test_moodle_does_not_read_from_everywhere(base_url: str, doubted: bool) -> None:
    assert bool(family_of("moodle").doubts(base_url)) is doubted
    for name in FAMILIES:
        if name != "moodle":
            assert family_of(name).doubts(base_url) == ""


@pytest.mark.parametrize(
    ("roles", "uris"),
    [
        (["Instructor"], [f"{MEMBERSHIP}#Instructor"]),
        (["Instructor", f"{MEMBERSHIP}#Instructor"], [f"{MEMBERSHIP}#Instructor"]),
        (["Instructor#TeachingAssistant"], [f"{MEMBERSHIP}#Instructor#TeachingAssistant"]),
        (["urn:lti:role:ims/lis/Learner"], ["urn:lti:role:ims/lis/Learner"]),
        ([" Learner ", "", " ", 7, None, ["x"], "a\x00b"], [f"{MEMBERSHIP}#Learner"]),
        (["x" * 256], []),
        ("Learner", [f"{MEMBERSHIP}#Learner"]),
        ("Learner, Instructor,", [f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"]),
        (None, []),
        ({"Learner": 1}, []),
    ],
)
def test_roles_of_a_list(roles: Any, uris: list[str]) -> None:
    assert role_uris(roles) == tuple(uris)


def test_roles_beyond_measure_are_cut() -> None:
    assert len(role_uris([f"Role{number}" for number in range(999)])) == 50


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2", "2"),
        (2, "2"),
        (0, "0"),
        (True, None),
        (2.5, None),
        ("", None),
        (None, None),
        ("x" * 255, "x" * 255),
        ("x" * 256, None),
        (10**300, None),
        ("\ud800", None),
    ],
)
def test_ids_of_a_services_answer(value: Any, expected: str | None) -> None:
    assert platform_id(value) == expected


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("said", [True, False, None])
def test_a_column_is_offered_where_it_is_made(name: str, said: bool | None) -> None:
    """Deep Linking 2.0 §4.4.1: where nothing is said nothing can be assumed. Moodle never says."""
    offered = family_of(name).takes_line_items(said)
    assert offered is (said is True or (said is None and name == "moodle"))

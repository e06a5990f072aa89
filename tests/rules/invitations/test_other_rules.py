"""Who may invite, what an item offers, how long things last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whole_names import WHOLE_NAMES

from lti_tool.invitations.rules import (
    first_and_last_name,
    forget_before,
    link_end,
    may_invite,
    read_allowed_users,
    search_text,
    types_offered,
)
from lti_tool.media.rules import Kind
from lti_tool.people.rules import GUEST_SESSION_LIMIT, session_end

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STANDINGS = ["administrator", "manager", "assistant", "designer", "learner", "observer", "none"]


def asks(**changes: object) -> bool:
    facts = {
        "module_on": True,
        "related": True,
        "owns": False,
        "standing": "manager",
        "user_id": "u1",
        "allowed": read_allowed_users(["manager"]),
    }
    return may_invite(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("allowed", "standings"),
    [
        ("contributor", {"administrator", "manager", "assistant", "designer"}),
        ("manager", {"administrator", "manager"}),
        ("administrator", {"administrator"}),
    ],
)
def test_the_minimal_role_is_measured_by_standing(allowed, standings) -> None:
    setting = read_allowed_users([allowed])
    assert {s for s in STANDINGS if asks(standing=s, allowed=setting)} == standings


def test_the_owner_counts_as_contributor_only() -> None:
    assert asks(standing="learner", owns=True, allowed=read_allowed_users(["contributor"]))
    assert not asks(standing="learner", owns=True, allowed=read_allowed_users(["manager"]))


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("allowed", ["contributor", "manager", "administrator", "u1"])
def test_neither_module_nor_relation_can_be_missing(standing, allowed) -> None:
    setting = read_allowed_users([allowed])
    assert not asks(module_on=False, standing=standing, owns=True, allowed=setting)
    assert not asks(related=False, standing=standing, owns=True, allowed=setting)


def test_named_people() -> None:
    setting = read_allowed_users(["u1", "u2", "u3"])
    assert asks(standing="learner", allowed=setting)
    assert not asks(user_id="u4", allowed=setting)
    assert not asks(user_id=None, allowed=setting)
    assert not asks(standing="administrator", user_id="u4", allowed=setting)


def test_an_empty_list_lets_nobody_invite() -> None:
    assert not asks(standing="administrator", owns=True, allowed=read_allowed_users([]))


@pytest.mark.parametrize(
    ("told", "names"),
    [
        (("Ada", "Lovelace", "Ada Lovelace"), ("Ada", "Lovelace")),
        *((("", "", whole), names) for whole, names in WHOLE_NAMES.items()),
        (("Plato", "", "Plato"), ("Plato", "")),
        (("", "Plato", "Plato"), ("Plato", "")),
        (("", "Lovelace", "Ada Lovelace"), ("", "Lovelace")),
        (("", "Lovelace", ""), ("", "Lovelace")),
        (("", "", ""), ("", "")),
    ],
)
def test_the_names_that_an_invitation_wants(told, names) -> None:
    assert first_and_last_name(*told) == names


@pytest.mark.parametrize("typed", ["Plato", "pl", "plato@uni"])
def test_somebody_with_one_name_is_found(typed) -> None:
    texts = search_text("plato@uni.edu", "Plato", "").split("\n")
    assert any(text.startswith(typed.lower()) for text in texts)


@pytest.mark.parametrize("kind", list(Kind))
def test_media_offer_viewer_only(kind) -> None:
    assert types_offered(kind) == ("viewer",)


def test_a_link_lasts_its_minutes() -> None:
    assert link_end(NOW, 1440) == NOW + timedelta(days=1)


@given(
    active=st.timedeltas(timedelta(0), timedelta(days=7)),
    end=st.timedeltas(timedelta(days=-3), timedelta(days=30)),
    idle=st.integers(60, 7 * 86_400),
)
def test_a_guest_session_ends_at_the_later_of_two_within_a_week(active, end, idle) -> None:
    last = NOW + GUEST_SESSION_LIMIT
    result = session_end(last, NOW + end, idle, NOW + active)
    assert result == min(last, max(NOW + end, NOW + active + timedelta(seconds=idle)))


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2025, 2, 1, 12, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), datetime(2024, 12, 15, tzinfo=UTC)),
        (datetime(2026, 3, 31, tzinfo=UTC), datetime(2025, 2, 28, tzinfo=UTC)),
    ],
)
def test_invitations_are_forgotten_thirteen_months_after_their_end(now, before) -> None:
    assert forget_before(now) == before

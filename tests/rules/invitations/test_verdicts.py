"""The table of verdicts: every row alone, every pair in its order, and every status."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.invitations.rules import (
    Attempt,
    Device,
    Link,
    Policy,
    Presented,
    State,
    Verdict,
    greet,
    judge,
    state_of,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINE = Presented(key="my-key", cookie="my-cookie")
THEIRS = Device("key", "their-key")


@dataclass(frozen=True)
class Case:
    """Everything `judge` looks at, in a state in which it admits."""

    link: Link | None = field(
        default_factory=lambda: Link(
            match="ada@uni.edu",
            domain="uni.edu",
            expires_at=NOW + timedelta(hours=1),
            uses_allowed=1,
            uses_made=0,
            removed=False,
            device=None,
        )
    )
    policy: Policy = field(
        default_factory=lambda: Policy(switched_on=True, asks_email=True, one_device=True)
    )
    attempt: Attempt = field(default_factory=lambda: Attempt(typed="ada@uni.edu", presented=MINE))

    def link_with(self, **changes: object) -> Case:
        return replace(self, link=self.link and replace(self.link, **changes))

    def policy_with(self, **changes: object) -> Case:
        return replace(self, policy=replace(self.policy, **changes))

    def attempt_with(self, **changes: object) -> Case:
        return replace(self, attempt=replace(self.attempt, **changes))

    def judged(self) -> Verdict:
        return judge(self.link, self.policy, self.attempt, NOW)


# In the order of the table: what makes each verdict apply.
ROWS = [
    (Verdict.UNKNOWN, lambda case: replace(case, link=None)),
    (Verdict.SWITCHED_OFF, lambda case: case.policy_with(switched_on=False)),
    (Verdict.REMOVED, lambda case: case.link_with(removed=True)),
    (Verdict.OWN_SESSION, lambda case: case.attempt_with(own_session=True)),
    (Verdict.EXPIRED, lambda case: case.link_with(expires_at=NOW)),
    (Verdict.REST, lambda case: case.attempt_with(rests_until=NOW + timedelta(seconds=1))),
    (Verdict.WRONG_EMAIL, lambda case: case.attempt_with(typed="eve@uni.edu")),
    (Verdict.DOMAIN_REFUSED, lambda case: case.policy_with(blocked_domains=["uni.edu"])),
    (Verdict.OTHER_DEVICE, lambda case: case.link_with(device=THEIRS)),
    (Verdict.USED_UP, lambda case: case.link_with(uses_made=1)),
]
STATUSES = {
    Verdict.UNKNOWN: 404,
    Verdict.SWITCHED_OFF: 410,
    Verdict.REMOVED: 410,
    Verdict.OWN_SESSION: 303,
    Verdict.EXPIRED: 410,
    Verdict.REST: 429,
    Verdict.WRONG_EMAIL: 403,
    Verdict.DOMAIN_REFUSED: 403,
    Verdict.OTHER_DEVICE: 403,
    Verdict.USED_UP: 410,
    Verdict.ADMITTED: 303,
}


def test_nothing_wrong_is_admitted() -> None:
    assert Case().judged() is Verdict.ADMITTED


@pytest.mark.parametrize(("verdict", "spoil"), ROWS, ids=[row[0] for row in ROWS])
def test_each_row_alone(verdict, spoil) -> None:
    assert spoil(Case()).judged() is verdict


@pytest.mark.parametrize(("first", "second"), list(combinations(ROWS, 2)))
def test_of_two_that_apply_the_earlier_row_answers(first, second) -> None:
    assert first[1](second[1](Case())).judged() is first[0]
    assert second[1](first[1](Case())).judged() is first[0]


@given(st.sets(st.sampled_from(range(len(ROWS)))))
def test_of_any_that_apply_the_first_row_answers(indexes) -> None:
    case = Case()
    for index in indexes:
        case = ROWS[index][1](case)
    expected = ROWS[min(indexes)][0] if indexes else Verdict.ADMITTED
    assert case.judged() is expected


def test_every_verdict_has_its_status() -> None:
    assert {verdict: verdict.status for verdict in Verdict} == STATUSES


@pytest.mark.parametrize(("verdict", "spoil"), ROWS, ids=[row[0] for row in ROWS])
def test_opening_says_at_once_only_what_it_may(verdict, spoil) -> None:
    case = spoil(Case())
    said = greet(case.link, case.policy, case.attempt.own_session, NOW)
    early = ROWS[:5]
    assert said is (verdict if verdict in [row[0] for row in early] else None)


def test_a_bound_device_is_never_locked_out() -> None:
    case = Case().link_with(device=MINE.binding(), uses_allowed=2, uses_made=1)
    resting = case.attempt_with(rests_until=NOW + timedelta(days=1))
    assert resting.judged() is Verdict.ADMITTED


def test_a_rest_that_is_over_is_no_rest() -> None:
    assert Case().attempt_with(rests_until=NOW).judged() is Verdict.ADMITTED


def test_a_key_is_bound_before_a_cookie_and_never_accepts_one() -> None:
    assert MINE.binding() == Device("key", "my-key")
    cookie_only = Presented(key=None, cookie="my-key")
    case = Case().link_with(device=MINE.binding(), uses_allowed=2, uses_made=1)
    assert case.attempt_with(presented=cookie_only).judged() is Verdict.OTHER_DEVICE


def test_a_cookie_stays_good_when_the_browser_later_has_a_key_too() -> None:
    bound = Presented(key=None, cookie="my-cookie").binding()
    case = Case().link_with(device=bound, uses_allowed=2, uses_made=1)
    assert case.judged() is Verdict.ADMITTED


def test_without_the_one_device_setting_any_device_will_do() -> None:
    case = Case().link_with(device=THEIRS, uses_allowed=2, uses_made=1)
    assert case.policy_with(one_device=False).judged() is Verdict.ADMITTED


def test_unlimited_uses_never_run_out() -> None:
    assert Case().link_with(uses_allowed=-1, uses_made=10**6).judged() is Verdict.ADMITTED


def test_no_address_is_asked_where_the_check_is_off() -> None:
    case = Case().policy_with(asks_email=False).attempt_with(typed=None)
    assert case.judged() is Verdict.ADMITTED


def test_a_trusted_lms_stands_in_for_the_typed_address() -> None:
    case = Case().attempt_with(typed=None, trusted=True)
    assert case.judged() is Verdict.ADMITTED


def test_the_last_moment_is_still_good() -> None:
    assert Case().link_with(expires_at=NOW + timedelta(microseconds=1)).judged() is Verdict.ADMITTED


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.PENDING),
        ({"uses_made": 1, "uses_allowed": 2}, State.REDEEMED),
        ({"uses_made": 1}, State.USED_UP),
        ({"expires_at": NOW}, State.EXPIRED),
        ({"expires_at": NOW, "uses_made": 1, "uses_allowed": 2}, State.EXPIRED),
        ({"expires_at": NOW, "uses_made": 1}, State.EXPIRED),
        ({"removed": True, "uses_made": 1}, State.REVOKED),
    ],
)
def test_state_in_the_list(changes, state) -> None:
    link = Case().link_with(**changes).link
    assert link is not None
    assert state_of(link, NOW) is state

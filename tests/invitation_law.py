"""The law of invitations as a machine that tries to break it.

Within one generation no sequence of opens, attempts, redemptions, revocations and clock steps
redeems past the end then in force, past the uses, or from a device other than the bound one. And a
lost answer burns nothing: for ten minutes the device that asked gets it again, without a use, as
long as it has not used what it was given. The machine keeps its own books from the answers alone,
and asks a world (the pure rules, or the real verbs on a database) to act.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lti_tool.invitations.link_terms import UNLIMITED
from lti_tool.invitations.rules import LOST_ANSWER, Verdict

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IN_LMS = "browser in the LMS"
"""Whoever sits there came by launches; what the link gives is theirs at each of them."""
DEVICES = ("phone", "laptop", "browser without script", IN_LMS)


class World(Protocol):
    """What the machine can do to invitations. Times are aware UTC."""

    def start(self, minutes: int, uses: int) -> None: ...
    def set_clock(self, now: datetime) -> None: ...
    def configure(self, *, one_device: bool, minutes: int, uses: int) -> None: ...
    def open(self, device: str, *, old_link: bool) -> None: ...
    def attempt(self, device: str, *, right_address: bool, old_link: bool, lost: bool) -> Verdict:
        """What the server answers; where the answer is ``lost``, the device never learns of it.
        Else it goes on to the page at once.
        """

    def launch(self) -> None:
        """Somebody comes from the LMS once more; what was open before is over."""

    def new_link(self) -> None: ...
    def revoke(self) -> None: ...
    def reset_device(self) -> None: ...
    def check(self) -> None:
        """Assert what only this world can see."""

    def finish(self) -> None: ...


@dataclass
class Generation:
    """What the machine wrote down about one link."""

    ends_at: datetime
    uses: int
    admitted: int = 0
    given_back: int = 0
    bound: str | None = None
    unanswered: dict[str, datetime] = field(default_factory=dict)
    """Which device spent a use when, and has not got its answer yet."""


@dataclass
class Settings:
    one_device: bool = True
    minutes: int = 60
    uses: int = 1


class InvitationLaw(RuleBasedStateMachine):
    """Subclasses say which world."""

    world: World

    def make_world(self) -> World:
        raise NotImplementedError

    @initialize(minutes=st.integers(1, 120), uses=st.sampled_from([1, 1, 2, 3, UNLIMITED]))
    def generate(self, minutes: int, uses: int) -> None:
        self.now = START
        self.revoked = False
        self.settings = Settings(minutes=minutes, uses=uses)
        self.world = self.make_world()
        self.world.start(minutes, uses)
        self.generations = [self._next_generation()]

    def _next_generation(self) -> Generation:
        end = self.now + timedelta(minutes=self.settings.minutes)
        return Generation(ends_at=end, uses=self.settings.uses)

    @rule(minutes=st.sampled_from([0, 1, 5, 15, 59, 60, 61, 24 * 60]), seconds=st.integers(0, 1))
    def time_passes(self, minutes: int, seconds: int) -> None:
        self.now += timedelta(minutes=minutes, seconds=seconds)
        self.world.set_clock(self.now)

    @rule(
        one_device=st.booleans(),
        minutes=st.integers(1, 120),
        uses=st.sampled_from([1, 2, UNLIMITED]),
    )
    def settings_change(self, one_device: bool, minutes: int, uses: int) -> None:
        self.settings = Settings(one_device, minutes, uses)
        self.world.configure(one_device=one_device, minutes=minutes, uses=uses)

    @rule(device=st.sampled_from(DEVICES), old_link=st.booleans())
    def somebody_opens(self, device: str, old_link: bool) -> None:
        self.world.open(device, old_link=old_link)

    @rule(device=st.sampled_from(DEVICES), lost=st.booleans())
    def the_invitee_redeems(self, device: str, lost: bool) -> None:
        self._attempt(device, right_address=True, old_link=False, lost=lost)

    @rule(
        device=st.sampled_from(DEVICES),
        right_address=st.booleans(),
        old_link=st.booleans(),
        lost=st.booleans(),
    )
    def somebody_attempts(
        self, device: str, right_address: bool, old_link: bool, lost: bool
    ) -> None:
        self._attempt(device, right_address=right_address, old_link=old_link, lost=lost)

    @precondition(lambda self: hasattr(self, "generations") and self._waiting())
    @rule(data=st.data(), lost=st.booleans())
    def a_lost_answer_is_asked_for_again(self, data: st.DataObject, lost: bool) -> None:
        device = data.draw(st.sampled_from(self._waiting()))
        verdict = self._attempt(device, right_address=True, old_link=False, lost=lost)
        # Whoever typed wrong addresses may have to rest, unless the link is bound to them.
        allowed = {Verdict.ADMITTED}
        if device != self.generations[-1].bound:
            allowed.add(Verdict.REST)
        if device == IN_LMS:  # who was given the role has it, whether they learnt of it or not
            allowed = {Verdict.OWN_SESSION}
        assert verdict in allowed, "a lost answer burnt a use"

    def _waiting(self) -> list[str]:
        """The devices that have a right to their answer now."""
        link = self.generations[-1]
        if self.revoked or self.now >= link.ends_at:
            return []
        return [
            device
            for device, at in link.unanswered.items()
            if self.now - at < LOST_ANSWER
            and (not self.settings.one_device or device == link.bound)
        ]

    def _attempt(self, device: str, *, right_address: bool, old_link: bool, lost: bool) -> Verdict:
        old_link = old_link and len(self.generations) > 1
        link = self.generations[-1]
        again = not old_link and device in self._waiting()
        verdict = self.world.attempt(
            device, right_address=right_address, old_link=old_link, lost=lost
        )
        if verdict is not Verdict.ADMITTED:
            return verdict
        assert not old_link, "a replaced link let somebody in"
        assert right_address, "a wrong address let somebody in"
        assert not self.revoked, "a revoked invitation let somebody in"
        assert self.now < link.ends_at, "redeemed past its end"
        if not again:
            link.admitted += 1
            link.unanswered[device] = self.now
        if not lost:
            del link.unanswered[device]
        if link.uses != UNLIMITED:
            assert link.admitted - link.given_back <= link.uses, "redeemed past its uses"
        if self.settings.one_device and link.bound is not None:
            assert device == link.bound, "redeemed from another device"
        link.bound = link.bound or device
        return verdict

    @rule()
    def the_person_of_the_lms_launches_again(self) -> None:
        self.world.launch()

    @precondition(lambda self: not self.revoked)
    @rule()
    def the_inviter_makes_a_new_link(self) -> None:
        self.world.new_link()
        self.generations.append(self._next_generation())

    @precondition(lambda self: not self.revoked)
    @rule()
    def the_inviter_resets_the_device(self) -> None:
        self.world.reset_device()
        link = self.generations[-1]
        if link.admitted > link.given_back:
            link.given_back += 1
        link.bound = None
        link.unanswered.clear()

    @precondition(lambda self: len(self.generations) > 1)
    @rule()
    def the_inviter_revokes(self) -> None:
        self.world.revoke()
        self.revoked = True

    @invariant()
    def the_world_is_sound(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.finish()

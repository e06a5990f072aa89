"""The law against the pure rules alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import settings
from invitation_law import IN_LMS, START, InvitationLaw
from selection import examples

from lti_tool.invitations.rules import (
    LOST_ANSWER,
    Attempt,
    Link,
    Policy,
    Presented,
    Verdict,
    greet,
    judge,
    link_end,
)


class PureWorld:
    """Invitations kept in one value."""

    def start(self, minutes: int, uses: int) -> None:
        self.now = START
        self.policy = Policy(switched_on=True, asks_email=True, one_device=True)
        self.minutes, self.uses = minutes, uses
        self.inside: set[str] = set()
        self.unanswered: dict[str, datetime] = {}
        self.link = self.fresh()

    def fresh(self) -> Link:
        end = link_end(self.now, self.minutes)
        return Link("ada@uni.edu", "uni.edu", end, self.uses, 0, False, None)

    def set_clock(self, now: datetime) -> None:
        self.now = now

    def configure(self, *, one_device: bool, minutes: int, uses: int) -> None:
        self.policy = replace(self.policy, one_device=one_device)
        self.minutes, self.uses = minutes, uses

    def found(self, old_link: bool) -> Link:
        return replace(self.link, removed=True) if old_link else self.link

    def open(self, device: str, *, old_link: bool) -> None:
        before = self.link
        greet(self.found(old_link), self.policy, device in self.inside, self.now)
        assert self.link == before

    def attempt(self, device: str, *, right_address: bool, old_link: bool, lost: bool) -> Verdict:
        presented = Presented(key=None if "without" in device else device, cookie=device)
        asked_at = self.unanswered.get(device)
        unanswered = asked_at is not None and self.now - asked_at < LOST_ANSWER
        attempt = Attempt(
            typed="ada@uni.edu" if right_address else "eve@uni.edu",
            presented=presented,
            own_session=device in self.inside,
            unanswered=unanswered,
        )
        verdict = judge(self.found(old_link), self.policy, attempt, self.now)
        if verdict is Verdict.ADMITTED:
            if not unanswered:
                bound = self.link.device or presented.binding()
                self.link = replace(self.link, uses_made=self.link.uses_made + 1, device=bound)
                self.unanswered[device] = self.now
            if not lost or device == IN_LMS:
                self.inside.add(device)
            if not lost:
                del self.unanswered[device]
        return verdict

    def launch(self) -> None:
        """It is another session, and the same person."""

    def new_link(self) -> None:
        self.link = self.fresh()
        self._empty()

    def _empty(self) -> None:
        self.inside.clear()
        self.unanswered.clear()

    def revoke(self) -> None:
        self.link = replace(self.link, removed=True)
        self._empty()

    def reset_device(self) -> None:
        if self.link.device is not None:
            self.link = replace(self.link, device=None, uses_made=self.link.uses_made - 1)
            self._empty()

    def check(self) -> None:
        assert self.link.uses_allowed == -1 or self.link.uses_made <= self.link.uses_allowed

    def finish(self) -> None:
        pass


class PureLaw(InvitationLaw):
    def make_world(self) -> PureWorld:
        return PureWorld()


TestPureLaw = PureLaw.TestCase
TestPureLaw.settings = settings(max_examples=examples(150), stateful_step_count=30)

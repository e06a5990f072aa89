"""The law of invitations against the real verbs, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import pytest
from factories import TestClock, browser, granted_roles, make_school
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from invitation_law import IN_LMS, START, InvitationLaw
from invitation_scene import ADA, Scene, make_scene
from selection import examples
from sqlalchemy import func, select

from lti_tool.core.db.session import db, transaction
from lti_tool.invitations.links import token_of
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.redeem import Arrival, open_link, redeem
from lti_tool.invitations.rules import Verdict
from lti_tool.media.access import Capability, capabilities
from lti_tool.media.models import Grant, MediaItem
from lti_tool.people.models import ToolSession
from lti_tool.people.session_store import end_sessions
from lti_tool.people.sessions import Principal, live_sessions_of

pytestmark = [pytest.mark.every_database, pytest.mark.slow]

_names = count()


class DatabaseWorld:
    """One invitation in a school of its own; three browsers that keep their sessions."""

    def __init__(self, app: Flask, clock: TestClock) -> None:
        self.app, self.clock = app, clock

    def start(self, minutes: int, uses: int) -> None:
        self.clock.present = START
        with self.app.app_context():
            school = make_school(f"school {next(_names)}")
        self.scene: Scene = make_scene(self.app, school)
        self.configure(one_device=True, minutes=minutes, uses=uses)
        self.invitation = self.scene.invite()
        self.tokens = [self._token()]
        self.sessions: dict[str, list[str]] = {}
        with self.app.app_context():
            self.course_id = school.course("Another course")
        self.launch()

    def launch(self) -> None:
        with self.app.app_context():
            for before in self.sessions.get(IN_LMS, []):
                with transaction():
                    end_sessions(session_id=before)
            launched = self.scene.school.launched("student", course_id=self.course_id)
        self.sessions[IN_LMS] = [launched.session_id]

    def _token(self) -> str:
        with self.app.app_context():
            return token_of(self.scene.fresh(self.invitation))

    def set_clock(self, now: datetime) -> None:
        self.clock.present = now

    def configure(self, *, one_device: bool, minutes: int, uses: int) -> None:
        self.scene.set(one_device=one_device, link_duration=minutes, link_reusability=uses)

    def _viewers(self, device: str) -> list[Principal]:
        return live_sessions_of(self.sessions.get(device, []))

    def open(self, device: str, *, old_link: bool) -> None:
        with self.app.app_context():
            open_link(self.tokens[0 if old_link else -1], self._viewers(device))

    def attempt(self, device: str, *, right_address: bool, old_link: bool, lost: bool) -> Verdict:
        with self.app.app_context():
            over = device == IN_LMS and not self._viewers(device)
        if over:
            self.launch()
        with self.app.app_context():
            principals = self._viewers(device)
            outcome = redeem(
                self.tokens[0 if old_link else -1],
                Arrival(
                    principals=principals,
                    wish=principals[0].handle if device == IN_LMS else None,
                    client=device,
                    typed=ADA if right_address else "eve@partner.org",
                    key=None if "without" in device else device,
                    device_secret=device,
                ),
            )
        if outcome.new_session is not None and not lost:
            self.sessions.setdefault(device, []).append(outcome.new_session.session_id)
            page = browser(self.app, outcome.new_session).get(
                f"/media/{self.scene.media_id}", query_string={"as": outcome.handle}
            )
            assert page.status_code == 200
        assert outcome.verdict is not None
        return outcome.verdict

    def new_link(self) -> None:
        self.scene.new_link(self.invitation)
        self.tokens.append(self._token())

    def revoke(self) -> None:
        self.scene.revoke(self.invitation)

    def reset_device(self) -> None:
        self.scene.reset_device(self.invitation)

    def check(self) -> None:
        """No session holds a capability that none of its own running grants gives."""
        with self.app.app_context():
            item = db.session.get(MediaItem, self.scene.media_id)
            row = db.session.get(Invitation, self.invitation.id)
            assert item is not None
            assert row is not None
            source = f"invitation:{row.id}:{row.generation}"
            live = live_sessions_of([one for many in self.sessions.values() for one in many])
            for principal in live:
                roles = granted_roles(principal.session_id, item.id)
                expected = {Capability.VIEW} if roles else set()
                assert capabilities(principal, item) == expected
            running = db.session.scalars(
                select(Grant.source).where(Grant.media_id == item.id, Grant.ended_at.is_(None))
            ).all()
            assert set(running) <= {source}, "a grant outlived its link"
            assert not (running and row.revoked_at), "a grant outlived a revocation"
            guests = [principal for principal in live if principal.kind == "guest"]
            assert not (guests and row.revoked_at), "a session outlived a revocation"
            lasting = select(func.count()).where(Grant.person_id.is_not(None))
            held = db.session.scalar(
                lasting.where(Grant.media_id == item.id, Grant.ended_at.is_(None))
            )
            for principal in self._viewers(IN_LMS):
                may = Capability.VIEW in capabilities(principal, item)
                assert may is bool(held), "a person's role is another at each launch"
            open_now = db.session.scalar(
                select(func.count())
                .select_from(ToolSession)
                .where(ToolSession.stands_on == source, ToolSession.ended_at.is_(None))
            )
            assert (open_now or 0) <= row.uses_made, "one use has two sessions"

    def finish(self) -> None:
        pass


def test_the_law_holds_on_the_database(app: Flask, clock: TestClock) -> None:
    class DatabaseLaw(InvitationLaw):
        def make_world(self) -> DatabaseWorld:
            return DatabaseWorld(app, clock)

    few = settings(
        max_examples=examples(40),
        stateful_step_count=30,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(DatabaseLaw, settings=few)

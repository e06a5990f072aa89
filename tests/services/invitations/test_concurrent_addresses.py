"""What is typed at the same moment: wrong addresses, and one address in several spellings."""

from __future__ import annotations

from collections import Counter

import pytest
from factories import all_at_once
from flask import Flask
from invitation_scene import ADA, Scene
from sqlalchemy import func, select

from lti_tool.core.db.session import db
from lti_tool.invitations.invite import Invitee, invite
from lti_tool.invitations.links import token_of
from lti_tool.invitations.models import Invitation, WrongAddress
from lti_tool.invitations.redeem import Arrival, redeem
from lti_tool.invitations.rules import Verdict

pytestmark = [pytest.mark.every_database]


def test_five_wrong_addresses_are_looked_at_however_many_come_at_once(
    app: Flask, scene: Scene
) -> None:
    invitation = scene.invite()
    with app.app_context():
        token = token_of(invitation)

    def guess() -> Verdict | None:
        with app.app_context():
            return redeem(token, Arrival([], "192.0.2.1", typed="eve@partner.org")).verdict

    verdicts = Counter(all_at_once([guess] * 12))
    assert verdicts == {Verdict.WRONG_EMAIL: 5, Verdict.REST: 7}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WrongAddress)) == 5


def test_one_address_in_several_spellings_is_one_invitation(app: Flask, scene: Scene) -> None:
    spellings = [ADA, f"Ada Byron <{ADA}>", f"{ADA}\u200b", ADA.replace("@", "＠")] * 2

    def invited(spelling: str) -> str:
        with app.app_context():
            seen = scene.seen()
            invitee = Invitee(spelling, "Ada", "Byron", "viewer")
            return invite(seen.principal, seen.item, invitee).invitation.id

    made = all_at_once([lambda one=one: invited(one) for one in spellings])
    assert len(set(made)) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 1

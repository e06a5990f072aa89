"""Whatever was read before: the row count of one UPDATE decides who gets in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from invitation_scene import ADA, Scene, Visitor
from sqlalchemy.orm.attributes import set_committed_value

from lti_tool.core.clock import now
from lti_tool.core.db.session import db, transaction
from lti_tool.invitations import redeem
from lti_tool.invitations.lookup import find_by_token
from lti_tool.invitations.rules import Attempt, Presented, Verdict

pytestmark = pytest.mark.every_database

LATE = Presented(key="late", cookie="late")


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        ("nothing", None),
        ("redeemed here", Verdict.OTHER_DEVICE),
        ("redeemed, any device", Verdict.USED_UP),
        ("new link", Verdict.REMOVED),
        ("revoked", Verdict.REMOVED),
        ("expired", Verdict.EXPIRED),
    ],
)
def test_the_loser_of_a_race_reads_why(app, scene: Scene, meanwhile, told) -> None:
    if meanwhile == "redeemed, any device":
        scene.set(one_device=False)
    invitation = scene.invite()
    path = scene.path(invitation)
    with app.app_context():
        stale = find_by_token(path.removeprefix("/i/"))
        assert stale is not None
        moment = now()
        if meanwhile.startswith("redeemed"):
            assert Visitor(app).send(path).status_code == 303
        elif meanwhile == "new link":
            scene.new_link(invitation)
        elif meanwhile == "revoked":
            scene.revoke(invitation)
        elif meanwhile == "expired":
            moment += timedelta(days=1)
        attempt = Attempt(typed=ADA, presented=LATE)
        with transaction():
            db.session.refresh(stale.invitation)
            set_committed_value(stale.invitation, "generation", invitation.generation)
            won = redeem._consume(stale, LATE, moment)
            assert won is (told is None)
            if told is not None:
                assert redeem._why_lost(stale, attempt, moment) is told

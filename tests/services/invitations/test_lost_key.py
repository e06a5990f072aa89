"""What a lost invitation key costs: links that were sent work, but cannot be shown again."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import School
from flask import Flask
from invitation_scene import make_scene

from lti_tool.core.keyfiles import KeyRing
from lti_tool.invitations.links import EXTENSION, address_of, token_of
from lti_tool.invitations.redeem import open_link


def test_a_key_made_in_place_of_a_lost_one_shows_no_wrong_link(
    app: Flask, school: School, tmp_path: Path
) -> None:
    scene = make_scene(app, school)
    invitation = scene.invite()
    with app.test_request_context():
        token = token_of(scene.fresh(invitation))
        assert address_of(scene.fresh(invitation)).endswith(token)
        lost = KeyRing(tmp_path / "other", "invitation")
        lost.current()
        app.extensions[EXTENSION] = lost
        with pytest.raises(KeyError):
            address_of(scene.fresh(invitation))
        assert open_link(token, []).verdict is None

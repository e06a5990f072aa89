"""What the last page of a registration tells an administrator to do in their LMS."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.core.web.pages import render
from lti_tool.lti.registration.dynamic import Done


def page(app: Flask, outcome: str) -> str:
    host = "moodle.example.edu"
    done = Done(outcome, host, "moodle", host, (host,), f"https://{host}")  # type: ignore[arg-type]
    with app.test_request_context():
        return render("lti/registered.html", done=done, by_itself=False)


@pytest.mark.parametrize("outcome", ["ready", "waiting"])
def test_a_new_tool_waits_in_moodle(app: Flask, outcome: str) -> None:
    told = page(app, outcome)
    assert "“Pending”" in told
    assert "Press the pencil" in told
    assert "has set some" not in told


@pytest.mark.parametrize("outcome", ["renewed", "unchanged"])
def test_moodles_update_sets_settings_back(app: Flask, outcome: str) -> None:
    told = page(app, outcome)
    assert "has set some of the tool’s settings back" in told
    assert "“Pending”" not in told

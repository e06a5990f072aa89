from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from cookieless import Tab
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import TOOL, reads_keys_of, register
from lms_program import running_lms

from lti_tool.lti.launch import Launch
from lti_tool.lti.launching.receive import receive
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import CertifierProfile


@pytest.fixture
def suite(app: Flask, clock: TestClock, key_ring: KeyRing) -> Iterator[Platform]:
    """The certification suite, which the tool knows."""
    platform = Platform(TOOL, profile=CertifierProfile(), keys=key_ring, now=clock)
    with running_lms(platform):
        register(app, platform, platform.schools[0])
        reads_keys_of(app, platform)
        yield platform


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def launch(app: Flask, suite: Platform) -> Iterator[Callable[[str], Launch]]:
    """Makes a launch of the suite and gives what the tool was told, in a context to go on in."""

    def make(user: str) -> Launch:
        tab = Tab(app)
        form = suite.answer(tab.begin(suite, user))
        (kept,) = tab.stored.values()
        return receive(form.fields, (), TOOL, from_storage=kept)

    with app.test_request_context("/lti/launch"):
        yield make

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import TOOL, register
from lms_program import running_lms

from sandbox.keys import KeyRing
from sandbox.platform import Platform


@pytest.fixture
def bare_lms(clock: TestClock, key_ring: KeyRing) -> Iterator[Platform]:
    """A running platform with two schools under one issuer, which the tool does not know yet."""
    platform = Platform(TOOL, keys=key_ring, now=clock)
    with running_lms(platform):
        yield platform


@pytest.fixture
def lms(app: Flask, bare_lms: Platform) -> Platform:
    """The platform, with its first school registered."""
    register(app, bare_lms, bare_lms.schools[0])
    return bare_lms


@pytest.fixture
def both_schools(app: Flask, lms: Platform) -> Platform:
    """The platform, with both schools registered under its one issuer."""
    register(app, lms, lms.schools[1])
    return lms


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()

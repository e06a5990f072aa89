from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from house import TestClock
from lms import TOOL, register

from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import CertifierProfile
from sandbox.serve import running


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    return KeyRing()


@pytest.fixture
def suite(app: Flask, clock: TestClock, key_ring: KeyRing) -> Iterator[Platform]:
    """The certification suite, which the tool knows."""
    platform = Platform(TOOL, profile=CertifierProfile(), keys=key_ring, now=clock)
    with running(platform):
        register(app, platform, platform.schools[0])
        yield platform


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()

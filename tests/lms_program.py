"""The sandbox's web programs, each built once: to build one takes longer than most tests."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import Flask

from sandbox.app import create_app
from sandbox.platform import Platform
from sandbox.profiles.base import Paths
from sandbox.serve import running

_built: dict[tuple[str, Paths], Flask] = {}


def program_of(platform: Platform) -> Flask:
    """The program of this product, which plays this platform until it is asked for the next."""
    product = platform.profile.name, platform.profile.paths
    if product not in _built:
        _built[product] = create_app(platform)
    _built[product].extensions["sandbox"] = platform
    return _built[product]


def running_lms(platform: Platform) -> AbstractContextManager[str]:
    """Serve the platform, the only one of its product in this test, until the block ends."""
    return running(platform, program=program_of(platform))

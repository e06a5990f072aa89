"""The platform that the running web program plays."""

from __future__ import annotations

from typing import cast

from flask import current_app

from sandbox.platform import Platform


def current_platform() -> Platform:
    return cast(Platform, current_app.extensions["sandbox"])

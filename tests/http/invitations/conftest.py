from __future__ import annotations

import pytest
from factories import School
from flask import Flask
from invitation_scene import Scene, make_scene


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)

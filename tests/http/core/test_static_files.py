"""The built front end as browsers get it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask

pytestmark = pytest.mark.sqlite_only


def built(app: Flask) -> str:
    manifest = json.loads((Path(str(app.static_folder)) / "manifest.json").read_text())
    return f"/static/{manifest['app.css']}"


def test_files_are_kept_for_good_since_their_names_carry_their_content(app: Flask) -> None:
    answer = app.test_client().get(built(app))
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/css")
    assert answer.cache_control.immutable
    assert answer.cache_control.public
    assert answer.cache_control.max_age == 365 * 86_400


def test_a_packed_copy_goes_to_whoever_accepts_it(app: Flask) -> None:
    plain = app.test_client().get(built(app))
    packed = app.test_client().get(built(app), headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.content_type.startswith("text/css")
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in plain.headers


def test_a_name_longer_than_any_file_has_is_no_error(app: Flask) -> None:
    for length in (252, 255, 5000):
        address = f"/static/{'A' * length}.js"
        answer = app.test_client().get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 404


def test_nothing_outside_the_folder_is_served(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/static/../lti_tool/config.py").status_code == 404
    assert client.get("/static/nothing.css").status_code == 404


def test_a_page_in_a_sealed_frame_may_draw_on_them(app: Flask) -> None:
    """Its origin is opaque, so our own files are another origin's to it."""
    answer = app.test_client().get(built(app))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

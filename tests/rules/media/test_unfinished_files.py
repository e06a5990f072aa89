"""Programs that copy or download keep room for the whole file first: zeros, which never came."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import media_samples as samples
import pytest
from PIL import Image

from lti_tool.media.intake.probe_child import films, pictures
from lti_tool.media.intake.probe_child.refusal import Refused

NOISE = Image.effect_noise((320, 240), 90).convert("RGB")
FILMS: dict[str, tuple[str, dict[str, Any]]] = {
    "mp4": ("mov", {}),
    "webm": ("matroska", {"video": "libvpx", "audio": "libopus"}),
    "ogg": ("ogg", {"video": None, "audio": "libopus"}),
    "wav": ("wav", {"video": None, "audio": "pcm_s16le"}),
}
PICTURES = ("JPEG", "PNG")


def made(form: str, folder: Path) -> bytes:
    if form in FILMS:
        return samples.film(folder / f"a.{form}", **FILMS[form][1]).read_bytes()
    buffer = io.BytesIO()
    NOISE.save(buffer, form)
    return buffer.getvalue()


def said(data: bytes, form: str, folder: Path) -> str:
    look_at = films.look_at if form in FILMS else pictures.look_at
    reader = FILMS[form][0] if form in FILMS else form
    try:
        found = look_at(io.BytesIO(data), reader, 0, len(data), folder)
    except Refused as refused:
        return refused.code
    return str(found.get("code", "whole"))


@pytest.mark.parametrize("form", [*PICTURES, "mp4", "webm", "ogg"])
@pytest.mark.parametrize("percent", [50, 90])
def test_half_a_file_and_zeros_are_no_file(tmp_path: Path, form: str, percent: int) -> None:
    data = made(form, tmp_path)
    assert said(data, form, tmp_path) == "whole"
    arrived = len(data) * percent // 100
    unfinished = data[:arrived] + bytes(len(data) - arrived)
    assert said(unfinished, form, tmp_path) == "truncated"


@pytest.mark.parametrize("form", PICTURES)
def test_a_whole_picture_may_have_zeros_behind_it(tmp_path: Path, form: str) -> None:
    assert said(made(form, tmp_path) + bytes(3_000_000), form, tmp_path) == "whole"


def test_a_silent_sound_is_whole(tmp_path: Path) -> None:
    data = made("wav", tmp_path)
    assert not any(data[200:])
    assert said(data, "wav", tmp_path) == "whole"

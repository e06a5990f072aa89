"""The sample media are what they say, and are made once."""

from __future__ import annotations

from pathlib import Path

import av
import pypdfium2
import pytest
import webvtt
from PIL import Image

from sandbox import samples
from sandbox.samples import film, guide, picture, sounds


def test_the_film_is_h264_and_aac_and_starts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film.make(path, seconds=2)
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 1280, 720)
        assert audio.codec_context.name == "aac"
        assert video.frames == 2 * film.RATE
        assert (container.duration or 0) / 1_000_000 == pytest.approx(2, abs=0.1)
    head = path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_the_captions_fit_the_film(tmp_path: Path) -> None:
    film.make_captions(tmp_path / "film.vtt")
    cues = webvtt.read(str(tmp_path / "film.vtt")).captions
    assert len(cues) == len(film.CUES)
    assert cues[-1].end_in_seconds < film.SECONDS


def test_the_sounds_are_aac(tmp_path: Path) -> None:
    path = tmp_path / "sounds.m4a"
    sounds.make(path)
    with av.open(str(path)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["aac"]
        assert (container.duration or 0) / 1_000_000 == pytest.approx(20, abs=0.1)


def test_the_guide_has_four_pages_of_text(tmp_path: Path) -> None:
    guide.make(tmp_path / "guide.pdf")
    with pypdfium2.PdfDocument(tmp_path / "guide.pdf") as document:
        assert len(document) == 4
        page = document[0]
        text = page.get_textpage().get_text_bounded()
    assert "A stream is never the same twice" in text


def test_the_picture_is_a_jpeg(tmp_path: Path) -> None:
    picture.make(tmp_path / "picture.jpg")
    with Image.open(tmp_path / "picture.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (1600, 1000))


def test_only_what_is_missing_is_made(tmp_path: Path) -> None:
    for sample in samples.SAMPLES:
        if sample.kind == "video":
            (tmp_path / sample.file).write_bytes(b"a film that is there already")
    assert "river-morning.mp4" not in samples.make(tmp_path)
    assert samples.make(tmp_path) == []
    wanted = {name for s in samples.SAMPLES for name in (s.file, s.captions) if name}
    assert {path.name for path in tmp_path.iterdir()} == wanted


def test_an_interrupted_start_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(samples, "_MAKERS", {"a.bin": breaks})
    with pytest.raises(KeyboardInterrupt):
        samples.make(tmp_path)
    assert list(tmp_path.iterdir()) == []

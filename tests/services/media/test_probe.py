"""What a file is said to be, from its first byte to the verdict."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import media_samples as samples
import pytest
from av.video.reformatter import Colorspace
from PIL import Image

from lti_tool.media.formats import Reason, Refused
from lti_tool.media.intake.probe import Probed, probe
from lti_tool.media.intake.probe_child import films


def probed(data: bytes, folder: Path) -> Probed:
    path = folder / "upload"
    path.write_bytes(data)
    return probe(path, "upload", folder)


@pytest.mark.parametrize(
    ("was", "entry", "reason", "named"),
    [
        (b"avc1", b"xyz9", Reason.VIDEO_CODEC, "unknown"),
        (b"avc1", b"hvc1", Reason.VIDEO_CODEC, "H.265 (HEVC)"),
        (b"mp4a", b"enca", Reason.COPY_PROTECTED, ""),
    ],
)
def test_what_cannot_be_decoded_is_not_called_damaged(
    tmp_path: Path, was: bytes, entry: bytes, reason: Reason, named: str
) -> None:
    film = samples.film(tmp_path / "a.mp4").read_bytes()
    with pytest.raises(Refused) as refused:
        probed(film.replace(was, entry), tmp_path)
    assert (refused.value.reason, refused.value.found) == (reason, named)


def test_a_film_that_could_be_played_but_for_its_damage_is_called_damaged(tmp_path: Path) -> None:
    film = samples.film(tmp_path / "a.mp4", faststart=False).read_bytes()
    at, end = film.find(b"mdat") + 4, film.rfind(b"moov") - 4
    with pytest.raises(Refused) as refused:
        probed(film[:at] + bytes(end - at) + film[end:], tmp_path)
    assert refused.value.reason is Reason.BROKEN


@pytest.mark.parametrize("tag", [b"\x55\0", b"\xfe\xff"])
def test_an_mp3_that_a_program_made_a_wav_is_an_mp3(tmp_path: Path, tag: bytes) -> None:
    wav = samples.film(tmp_path / "a.wav", video=None, audio="libmp3lame").read_bytes()
    at = wav.find(b"fmt ") + 8
    length = int.from_bytes(wav[at - 4 : at], "little")
    assert wav[at : at + 2] == b"\x55\0"
    if tag == b"\xfe\xff":  # WAVE_FORMAT_EXTENSIBLE, which tells the kind at its end
        form = tag + wav[at + 2 : at + 16] + struct.pack("<HHI", 22, 0, 0)
        form += b"\x55\0" + bytes.fromhex("000000001000800000aa00389b71")
        wav = wav[: at - 4] + struct.pack("<I", len(form)) + form + wav[at + length :]
    found = probed(wav, tmp_path)
    assert found.content_type == "audio/mpeg"
    assert found.duration_ms is not None
    assert abs(found.duration_ms - 2000) < 100
    served = b"".join(found.media.blocks())
    assert served[0] == 0xFF
    with pytest.raises(Refused) as refused:
        probed(wav[: len(wav) // 2], tmp_path)
    assert refused.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("codec", ["libopus", pytest.param("flac", marks=pytest.mark.breadth)])
def test_a_chain_of_sounds_is_as_long_as_its_links_together(tmp_path: Path, codec: str) -> None:
    """Chromium plays them one after another, whether or not they have numbers of their own."""
    link = samples.film(tmp_path / "a.ogg", video=None, audio=codec, seconds=4).read_bytes()
    found = probed(link * 3, tmp_path)
    assert found.duration_ms is not None
    assert abs(found.duration_ms - 12_000) < 100


def brightness(film: Path, folder: Path) -> list[int]:
    probed(film.read_bytes(), folder)
    with Image.open(folder / "poster.webp") as poster:
        return list(poster.convert("L").resize((16, 9)).tobytes())


@pytest.mark.parametrize(
    ("transfer", "grey"), [(18, 98), pytest.param(16, 131, marks=pytest.mark.breadth)]
)
def test_the_poster_of_an_hdr_film_is_not_pale(tmp_path: Path, transfer: int, grey: int) -> None:
    """What half of the signal stands for (ITU-R BT.2100) is told apart from half of sRGB's."""
    plain = brightness(samples.film(tmp_path / "a.mp4"), tmp_path)
    film = samples.film(tmp_path / "b.mp4", colours=(9, transfer, 9))
    meant = brightness(film, tmp_path)
    found = [new for old, new in zip(plain, meant, strict=True) if 125 <= old <= 130]
    assert found
    assert all(abs(one - grey) <= 8 for one in found)


def test_a_large_film_that_tells_no_matrix_has_the_one_of_hdtv(tmp_path: Path) -> None:
    """As browsers take it: the same numbers are other colours by the matrix of older films."""
    told = samples.film(tmp_path / "a.mp4", seconds=1, size=(1280, 720), colours=(1, 1, 1))
    untold = samples.film(tmp_path / "b.mp4", seconds=1, size=(1280, 720))
    frames = []
    for film in (told, untold):
        with av.open(str(film)) as container:
            stream = container.streams.video[0]
            frame = next(container.decode(stream))
            frames.append(films.matrix_of(frame, stream))
    assert frames == [None, Colorspace.ITU709]

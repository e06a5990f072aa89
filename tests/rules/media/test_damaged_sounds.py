"""Sounds with something between their parts are whole, and are served without it."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import av
import media_samples as samples
import pytest

from lti_tool.media.intake.probe_child.films import CLEAN
from lti_tool.media.intake.probe_child.pieces import Pieced
from lti_tool.media.intake.probe_child.refusal import Refused

ID3V1 = b"TAG" + b"SECRET".ljust(125, b"\0")


def served(data: bytes, reader: str) -> bytes:
    source = io.BytesIO(data)
    return Pieced(source, CLEAN[reader](source, 0, len(data))).readall()


def packets(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data)) as container:
        return [bytes(one) for one in container.demux() if one.size]


def test_tags_around_mp3_and_between_joined_ones(tmp_path: Path) -> None:
    sound = samples.film(tmp_path / "a.mp3", video=None, audio="libmp3lame").read_bytes()
    bare = served(sound, "mp3")
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 38, 1, 0x80000000) + bytes(8)
    lyrics = b"LYRICSBEGINSECRET" + b"000017" + b"LYRICS200"
    for tags in (ID3V1, b"SECRET" + ape, lyrics + ID3V1, b"SECRET" + ape + ID3V1):
        assert served(sound + tags, "mp3") == bare
    assert served(sound + ID3V1 + sound, "mp3") == bare + bare


def test_recordings_whose_header_could_not_be_finished(tmp_path: Path) -> None:
    sound = samples.sound_wav(tmp_path / "a.wav").read_bytes()
    at = sound.find(b"data")
    streamed = b"RIFF\xff\xff\xff\xff" + sound[8:at] + b"data\xff\xff\xff\xff" + sound[at + 8 :]
    wrong = b"RIFF\x01\0\0\0" + sound[8:]
    odd = sound[:at] + b"LIST\x05\0\0\0SECRT" + sound[at:]  # and no byte to make it even
    behind = b"LIST\x12\0\0\0INFOINAM\6\0\0\0SECRETid3 \6\0\0\0SECRET"
    untold = sound[: at + 4] + bytes(4) + sound[at + 8 :]
    for changed in (streamed, wrong, odd, streamed + behind, untold + behind):
        assert served(changed, "wav") == sound


def pages(path: Path) -> list[bytes]:
    """The pages of a sound in Ogg, of one second each."""
    data = samples.film(path / "a.ogg", video=None, audio="libopus", seconds=6).read_bytes()
    pages = [b"OggS" + page for page in data.split(b"OggS")[1:]]
    assert len(pages) > 6
    return pages


@pytest.mark.parametrize(
    "junk", [b"12345678", bytes(300), b"OggS", b"OggS\0" + b"\xff" * 400, ID3V1]
)
def test_what_lies_between_the_pages_of_an_ogg_goes(tmp_path: Path, junk: bytes) -> None:
    ogg = pages(tmp_path)
    whole = served(b"".join(ogg), "ogg")
    assert served(b"".join([*ogg[:4], junk, *ogg[4:]]), "ogg") == whole
    assert served(b"".join(ogg) + ID3V1 + b"".join(ogg), "ogg") == whole + whole


def test_a_damaged_page_takes_no_other_with_it(tmp_path: Path) -> None:
    ogg = pages(tmp_path)
    expected = packets(b"".join(ogg[:4] + ogg[5:]))
    for count in (b"\x01", b"\xff"):
        damaged = ogg[4][:26] + count + ogg[4][27:]
        assert packets(served(b"".join([*ogg[:4], damaged, *ogg[5:]]), "ogg")) == expected


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_an_ogg_whose_last_page_is_cut_is_refused(tmp_path: Path, cut: int) -> None:
    ogg = pages(tmp_path)
    with pytest.raises(Refused, match="truncated"):
        served(b"".join(ogg[:5]) + ogg[5][:cut], "ogg")


def test_the_order_of_chunks_decides_nothing(tmp_path: Path) -> None:
    sound = samples.sound_wav(tmp_path / "a.wav").read_bytes()
    head, form, data = sound[:12], sound[12:36], sound[36:]
    odd = b"LIST\x05\0\0\0SECRT"
    for changed in (
        head + odd + form + data,
        head + odd + b"\0" + form + data,
        head + data + form,
        head + data + odd + form,
        head + form + data + b"bext\x06\0\0\0SECRET",
    ):
        assert served(changed, "wav") == sound
    with pytest.raises(Refused, match="truncated"):
        served(head + data[:-1000], "wav")

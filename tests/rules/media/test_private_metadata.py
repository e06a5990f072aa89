"""What a film or a sound tells beside picture and sound is not in what is served of it."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path

import av
import media_samples as samples
import pytest

from lti_tool.media.intake.probe_child.films import CLEAN
from lti_tool.media.intake.probe_child.pieces import ZEROS, Pieced, blanked, joined
from lti_tool.media.intake.probe_child.refusal import Refused

SECRET = "SECRET+48.2082"
TAGS = {
    "title": f"{SECRET} title",
    "comment": f"{SECRET} comment",
    "artist": f"{SECRET} artist",
    "location": f"{SECRET}/",
    "com.apple.quicktime.location.ISO6709": f"{SECRET}/",
    "make": f"{SECRET} camera",
}


def served(data: bytes, reader: str, begin: int = 0) -> bytes:
    source = io.BytesIO(data)
    return Pieced(source, CLEAN[reader](source, begin, len(data))).readall()


def packets(data: bytes) -> list[tuple[int, int | None, int | None, str]]:
    """What the codecs get: stream, times and bytes."""
    with av.open(io.BytesIO(data)) as container:
        return [
            (one.stream.index, one.pts, one.dts, hashlib.sha256(bytes(one)).hexdigest())
            for one in container.demux()
            if one.size
        ]


MAKES: dict[str, tuple[str, dict[str, object]]] = {
    "mp4": ("mov", {}),
    "mov": ("mov", {}),
    "3gp": ("mov", {}),
    "webm": ("matroska", {"video": "libvpx", "audio": "libopus"}),
    "mp3": ("mp3", {"video": None, "audio": "libmp3lame"}),
    "flac": ("flac", {"video": None, "audio": "flac"}),
    "ogg": ("ogg", {"video": None, "audio": "libopus"}),
    "wav": ("wav", {"video": None, "audio": "pcm_s16le"}),
}


@pytest.mark.parametrize("form", MAKES)
def test_tags_go_and_the_codecs_get_the_same(tmp_path: Path, form: str) -> None:
    reader, make = MAKES[form]
    film = samples.film(tmp_path / f"film.{form}", **make)
    options = {"movflags": "use_metadata_tags"} if form == "mov" else {}
    tagged = samples.with_tags(film, form, TAGS, **options)
    assert SECRET.encode() in tagged
    clean = served(tagged, reader)
    assert SECRET.encode() not in clean
    assert packets(clean) == packets(tagged)


@pytest.mark.parametrize("major", [b"3gp4", b"3gp6", b"3gr7", b"3g2a"])
def test_a_phones_film_is_called_by_a_brand_that_firefox_plays(
    tmp_path: Path, major: bytes
) -> None:
    data = samples.film(tmp_path / "film.mp4").read_bytes()
    assert data[8:16] == b"isom\0\0\2\0"
    phone = data[:8] + major + data[12:16] + major + data[20:]
    clean = served(phone, "mov")
    assert clean[:24] == data[:8] + b"mp42" + data[12:16] + b"mp42" + data[20:24]
    assert packets(clean) == packets(data)


@pytest.mark.parametrize("handler", [b"meta", b"tmcd", b"text", b"sbtl", b"subt", b"clcp"])
@pytest.mark.parametrize("options", [{}, {"movflags": "frag_keyframe+empty_moov"}])
def test_tracks_of_positions_go_with_their_samples(
    tmp_path: Path, handler: bytes, options: dict[str, str]
) -> None:
    film = samples.film(tmp_path / "film.mp4")
    data = samples.with_positions(film, b"GPSU", handler, **options)
    assert data.count(b"GPSU") > 50
    clean = served(data, "mov")
    assert len(clean) == len(data)
    assert b"GPSU" not in clean
    assert packets(clean) == [one for one in packets(data) if one[0] < 2]


@pytest.mark.parametrize("kind", [0x11, 0x21])
def test_subtitles_and_marks_within_a_webm_go(tmp_path: Path, kind: int) -> None:
    film = samples.film(tmp_path / "film.webm", video="libvpx", audio="libopus")
    data = samples.with_marks(film, kind, b"GPS")
    assert data.count(b"GPS") > 50
    clean = served(data, "matroska")
    assert len(clean) == len(data)
    assert b"GPS" not in clean
    assert packets(clean) == [one for one in packets(data) if one[0] < 2]


def test_chapters_stay(tmp_path: Path) -> None:
    film = samples.with_chapters(samples.film(tmp_path / "film.mp4"))
    clean = served(film, "mov")
    assert clean.count(b"Chapter 1") == film.count(b"Chapter 1") == 2
    with av.open(io.BytesIO(clean)) as container:
        assert [one["metadata"]["title"] for one in container.chapters()] == [
            "Chapter 0",
            "Chapter 1",
        ]


STSD = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"mp4a")
DREF = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")


@pytest.mark.parametrize(
    ("way", "added"),
    [
        (DREF, samples.box(b"alis", b"\0\0\0\1SECRET path")),
        (STSD, samples.box(b"pinf", b"SECRET buyer")),
        (DREF[:2], samples.box(b"udta", b"SECRET")),
        (STSD[:5], samples.box(b"uuid", bytes(16) + b"SECRET")),
        ((*STSD[:2], b"edts"), samples.box(b"note", b"SECRET")),
        (DREF[:1], samples.box(b"mvex", samples.box(b"trep", b"SECRET"))),
    ],
)
def test_names_deep_within_an_mp4_go(tmp_path: Path, way: tuple[bytes, ...], added: bytes) -> None:
    film = samples.film(tmp_path / "film.mp4", faststart=False).read_bytes()
    data = samples.with_box(film, way, added)
    clean = served(data, "mov")
    assert b"SECRET" not in clean
    assert packets(clean) == packets(film)


@pytest.mark.parametrize("entry", [b"enca", b"drms", b"drmi", b"aavd"])
def test_what_is_locked_to_a_shop_is_refused(tmp_path: Path, entry: bytes) -> None:
    film = samples.film(tmp_path / "film.mp4", faststart=False).read_bytes()
    with pytest.raises(Refused, match="copy_protected"):
        served(film.replace(b"mp4a", entry), "mov")


def test_a_scheme_of_protection_in_an_mp4_is_refused(tmp_path: Path) -> None:
    film = samples.film(tmp_path / "film.mp4", faststart=False).read_bytes()
    with pytest.raises(Refused, match="copy_protected"):
        served(samples.with_box(film, STSD, samples.box(b"sinf", b"")), "mov")


def test_an_encrypted_webm_is_refused(tmp_path: Path) -> None:
    """Its TrackUID gives the room for ContentEncodings with ContentEncryption."""
    film = samples.film(tmp_path / "film.webm", video="libvpx", audio="libopus").read_bytes()
    at = film.find(b"\x73\xc5\x88")
    assert at > 0
    encryption = b"\x6d\x80\x88" + b"\x62\x40\x85" + b"\x50\x35\x82" + b"\xec\x80"
    with pytest.raises(Refused, match="copy_protected"):
        served(film[:at] + encryption + film[at + len(encryption) :], "matroska")


def test_boxes_of_makers_go(tmp_path: Path) -> None:
    film = samples.film(tmp_path / "film.mp4").read_bytes()
    xmp = struct.pack(">I", 40) + b"uuid" + bytes(16) + b"SECRET in an XMP"
    spare = struct.pack(">I", 16) + b"mdat" + b"SECRETxx"
    odd = struct.pack(">I", 16) + b"SECR" + b"SECRETxx"
    free = struct.pack(">I", 16) + b"free" + b"SECRETxx"
    trailer = bytes.fromhex("8db42d69") * 4 + b"SECRET"
    clean = served(film + xmp + spare + odd + free + trailer, "mov")
    assert b"SECRET" not in clean
    assert packets(clean) == packets(film)


@pytest.mark.parametrize(
    "unknown",
    [
        samples.box(b"\xa9xyz", b"SECRET"),
        samples.box(b"gps ", b"SECRET") + samples.box(b"thm ", b"SECRET"),
        struct.pack(">I4sQ", 1, b"inst", 22) + b"SECRET",
        bytes(512),
        bytes(9) + samples.box(b"free", b"SECRET"),
    ],
)
def test_unknown_boxes_before_the_header_are_stepped_over(tmp_path: Path, unknown: bytes) -> None:
    film = samples.film(tmp_path / "film.mp4", faststart=False).read_bytes()
    at = film.find(b"moov") - 4
    data = film[:at] + unknown + film[at:]
    clean = served(data, "mov")
    assert b"SECRET" not in clean
    assert len(clean) == len(data)
    assert packets(clean) == packets(film)


@pytest.mark.parametrize("before", [b"", b"\r\n", bytes(1000)])
@pytest.mark.parametrize("behind", [b"", b"\r\n", bytes(5000)])
def test_what_stands_around_an_mp4_goes(tmp_path: Path, before: bytes, behind: bytes) -> None:
    film = samples.film(tmp_path / "film.mp4").read_bytes()
    clean = served(before + film + behind, "mov", len(before))
    assert len(clean) == len(film)
    assert packets(clean) == packets(film)


@pytest.mark.parametrize("length", [0, 1 << 30])
def test_the_length_of_the_samples_box_decides_nothing(tmp_path: Path, length: int) -> None:
    film = samples.film(tmp_path / "film.mp4").read_bytes()
    at = film.rfind(b"mdat") - 4
    changed = film[:at] + struct.pack(">I", length) + film[at + 4 :]
    assert packets(served(changed, "mov")) == packets(film)


@pytest.mark.parametrize(("form", "cut"), [("mp4", 300), ("webm", 300), ("ogg", 30), ("wav", 3000)])
def test_what_is_cut_off_is_refused(tmp_path: Path, form: str, cut: int) -> None:
    reader, make = MAKES[form]
    data = samples.film(tmp_path / f"film.{form}", **make).read_bytes()
    with pytest.raises(Refused, match="truncated"):
        served(data[:-cut], reader)


def test_pieces() -> None:
    source = io.BytesIO(b"0123456789")
    zeros = [(2, (ZEROS, 1)), (2, (ZEROS, 2)), (1, (ZEROS, 1))]
    pieces = blanked(1, 9, [(6, b"ab"), *zeros, (3, b"overlaps"), (8, b"too long")])
    file = Pieced(source, pieces)
    assert file.readall() == b"\0\0\0" + b"45ab8"
    assert (file.seek(-3, io.SEEK_END), file.read(2), file.tell(), file.size) == (5, b"ab", 7, 8)
    assert file.first(4).readall() == b"\0\0\0" + b"4"
    assert joined([(0, 2), (2, 3), b"", b"x", b"y"]) == [(0, 5), b"xy"]

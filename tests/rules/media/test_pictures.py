"""Pictures are shown as they are meant, whatever is said about them."""

from __future__ import annotations

import io
import struct
import zlib
from array import array
from pathlib import Path
from typing import Any

import media_samples as samples
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from lti_tool.media.intake.probe_child import films, pictures
from lti_tool.media.intake.probe_child.films import turn_of
from lti_tool.media.intake.probe_child.refusal import Refused

NOISE = Image.effect_noise((320, 240), 90).convert("RGB")
# EXIF with the orientation 6 and a signed resolution that no fraction can be made of.
ODD_EXIF = (
    b"Exif\0\0II*\0"
    + struct.pack("<IH", 8, 2)
    + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    + struct.pack("<HHII", 0x011A, 10, 1, 38)
    + struct.pack("<Iii", 0, -(2**31), 1)
)


def written(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def shown(data: bytes, form: str, folder: Path) -> tuple[Image.Image, dict[str, Any]]:
    found = pictures.look_at(io.BytesIO(data), form, 0, len(data), folder)
    return Image.open(io.BytesIO((folder / "picture").read_bytes())), found


def profile(**primaries: tuple[float, float, float]) -> bytes:
    """An ICC profile of a matrix and a straight curve (ICC.1 §8.3): Display P3, Adobe RGB."""

    def fixed(*numbers: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(one * 65536) for one in numbers))

    curve = b"curv" + struct.pack(">IIH", 0, 1, round(2.2 * 256)) + b"\0\0"
    description = b"desc" + struct.pack(">II", 0, 2) + b"x\0" + bytes(79)
    tags = {
        b"desc": description,
        b"cprt": b"text\0\0\0\0x\0\0\0",
        b"wtpt": fixed(0.9642, 1, 0.8249),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    } | {f"{name}XYZ".encode(): fixed(*xyz) for name, xyz in primaries.items()}
    begin = 128 + 4 + 12 * len(tags)
    table, body = b"", b""
    for name, value in tags.items():
        table += name + struct.pack(">II", begin + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4sI4s4s4s", 0, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head = (head + bytes(12) + b"acsp").ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    whole = head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


WIDE = profile(r=(0.6097, 0.3111, 0.0195), g=(0.2053, 0.6257, 0.0609), b=(0.1492, 0.0632, 0.7446))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_odd_metadata_does_not_keep_a_picture_from_being_upright(tmp_path: Path, form: str) -> None:
    _, found = shown(written(NOISE, form, exif=ODD_EXIF), form, tmp_path)
    assert (found["width"], found["height"]) == (240, 320)
    assert found["poster_width"] < found["poster_height"]


@pytest.mark.parametrize(
    "chunk",
    [
        struct.pack(">I", 3) + b"tEXta\0b" + b"badc",
        struct.pack(">I", 6) + b"iCCPx\0\0bad" + struct.pack(">I", zlib.crc32(b"iCCPx\0\0bad")),
        struct.pack(">I", 4) + b"eXIf\xff\xff\xff\xff" + b"badc",
    ],
)
def test_damaged_chunks_beside_the_pixels(tmp_path: Path, chunk: bytes) -> None:
    png = written(NOISE, "PNG")
    image, _ = shown(png[:33] + chunk + png[33:], "PNG", tmp_path)
    assert image.convert("RGB").tobytes() == NOISE.tobytes()


@pytest.mark.parametrize("big_endian", [False, True])
def test_damaged_text_beside_an_orientation(tmp_path: Path, big_endian: bool) -> None:
    exif = Image.Exif()
    exif.endian = ">" if big_endian else "<"
    exif[0x0112] = 6
    png = written(NOISE, "PNG", exif=exif)
    damaged = struct.pack(">I", 3) + b"tEXta\0b" + b"badc"
    _, found = shown(png[:33] + damaged + png[33:], "PNG", tmp_path)
    assert (found["width"], found["height"]) == (240, 320)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations(tmp_path: Path, orientation: int) -> None:
    marked = Image.new("RGB", (64, 32), "black")
    marked.paste("red", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image, found = shown(written(marked, "JPEG", exif=exif.tobytes()), "JPEG", tmp_path)
    right, bottom = orientation in (2, 3, 6, 7), orientation in (3, 4, 7, 8)
    assert (found["width"], found["height"]) == ((64, 32) if orientation < 5 else (32, 64))
    corner = image.getpixel(
        (found["width"] - 4 if right else 4, found["height"] - 4 if bottom else 4)
    )
    assert isinstance(corner, tuple)
    assert corner[0] > 200


@pytest.mark.parametrize("cut", [0, 2, 20])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_marks_missing_at_the_end(tmp_path: Path, cut: int, options: dict[str, Any]) -> None:
    jpeg = written(NOISE, "JPEG", quality=90, **options)
    image, _ = shown(jpeg[: len(jpeg) - cut], "JPEG", tmp_path)
    assert image.size == (320, 240)


@pytest.mark.parametrize(
    ("form", "share"), [("JPEG", 0.5), ("JPEG", 0.85), ("PNG", 0.5), ("WEBP", 0.5), ("AVIF", 0.5)]
)
def test_half_pictures_are_cut_off(tmp_path: Path, form: str, share: float) -> None:
    data = written(NOISE, form)
    with pytest.raises(Refused, match="truncated"):
        shown(data[: int(len(data) * share)], form, tmp_path)


def test_half_a_progressive_photograph_is_cut_off(tmp_path: Path) -> None:
    data = written(NOISE, "JPEG", progressive=True)
    with pytest.raises(Refused, match="truncated"):
        shown(data[: len(data) // 2], "JPEG", tmp_path)


@pytest.mark.parametrize(("form", "missing"), [("PNG", 12), ("GIF", 1)])
def test_pictures_with_bytes_behind_or_without_their_trailer(
    tmp_path: Path, form: str, missing: int
) -> None:
    data = written(NOISE.convert("P"), form)
    for changed in (data[:-missing], data + b"more" * 500):
        image, _ = shown(changed, form, tmp_path)
        assert image.convert("RGB").tobytes() == NOISE.convert("P").convert("RGB").tobytes()


def test_a_photograph_too_large_to_be_decoded_whole_is_decoded_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_KEPT_PIXELS", 320 * 240 // 4)
    for form in ("JPEG", "PNG", "WEBP"):
        image, found = shown(written(NOISE, form), form, tmp_path)
        assert image.size == (found["width"], found["height"]) == (160, 120)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F", "I;16", "I;16B"]
)
@pytest.mark.parametrize("kept", [pictures.MAX_KEPT_PIXELS, 64])
def test_colours_are_the_same_where_the_picture_is_made_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, kept: int
) -> None:
    """A picture of one grey on the left, and of another on the right."""
    monkeypatch.setattr(pictures, "MAX_KEPT_PIXELS", kept)
    left, right = (0, 255) if mode == "1" else (117, 60)
    image = Image.new("L", (16, 16), left)
    image.paste(right, (8, 0, 16, 16))
    if mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(image.convert("RGB"), SRGB, lab, outputMode="LAB")
        assert converted is not None
        image = converted
    elif mode in ("I", "F", "I;16", "I;16B"):
        wide = image.convert("I").point(lambda value: value * 257)
        image = wide if mode == "I" else wide.convert("F" if mode == "F" else "I;16")
        if mode == "F":  # which tells no range of its own: the values there are reach from 0 to 255
            left, right = 255, 0
        if mode == "I;16B":
            image = Image.frombytes("I;16B", (16, 16), array("H", image.tobytes()).tobytes()[::-1])
            left, right = right, left
    else:
        image = image.convert(mode)
    result, _ = shown(written(image, "TIFF"), "TIFF", tmp_path)
    assert result.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    grey = result.convert("L")
    assert grey.width == (16 if kept > 64 else 8)
    for at, meant in ((1, left), (grey.width - 2, right)):
        value = grey.getpixel((at, 3))
        assert isinstance(value, int)
        assert abs(value - meant) < 4


def test_the_limits_leave_room_for_what_phones_make() -> None:
    limit = pictures.MAX_KEPT_PIXELS
    assert pictures._times_too_large(8160 * 6144, limit) == 1
    assert pictures._times_too_large(16320 * 12240, limit) == 2
    assert pictures.MAX_PIXELS >= 16320 * 12240


def test_colours_by_their_profile(tmp_path: Path) -> None:
    meant = ImageCms.profileToProfile(
        NOISE, ImageCms.ImageCmsProfile(io.BytesIO(WIDE)), SRGB, outputMode="RGB"
    )
    assert meant is not None
    assert meant.tobytes() != NOISE.tobytes()
    image, _ = shown(written(NOISE, "PNG", icc_profile=WIDE), "PNG", tmp_path)
    assert image.tobytes() == meant.tobytes()
    assert "icc_profile" not in image.info


@pytest.mark.parametrize("given", [b"junk" * 99, WIDE])
@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_profile_that_is_broken_or_for_other_colours_counts_for_nothing(
    tmp_path: Path, given: bytes, mode: str
) -> None:
    plain, _ = shown(written(NOISE.convert(mode), "JPEG"), "JPEG", tmp_path)
    before = plain.tobytes()
    image, _ = shown(written(NOISE.convert(mode), "JPEG", icc_profile=given), "JPEG", tmp_path)
    assert image.tobytes() == before


def test_what_one_sees_through_stays_so(tmp_path: Path) -> None:
    clear = NOISE.convert("RGBA")
    clear.putalpha(NOISE.getchannel(0))
    image, _ = shown(written(clear, "PNG", icc_profile=WIDE), "PNG", tmp_path)
    assert image.mode == "RGBA"
    assert image.getchannel("A").tobytes() == NOISE.getchannel(0).tobytes()


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("TIFF", "RGB"),
        ("TIFF", "CMYK"),
        ("TIFF", "F"),
        ("TIFF", "1"),
        ("BMP", "RGB"),
        ("AVIF", "RGB"),
    ],
)
def test_other_kinds_become_webp(tmp_path: Path, form: str, mode: str) -> None:
    _, found = shown(written(NOISE.convert(mode), form), form, tmp_path)
    assert (found["picture_format"], found["width"]) == ("WEBP", 320)


@pytest.mark.parametrize(
    ("tags", "is_page"),
    [({}, True), ({254: 2}, True), ({255: 3}, True), ({254: 1}, False), ({254: 4}, False),
     ({255: 2}, False)],
)  # fmt: skip
def test_a_scan_of_several_pages_is_no_picture(
    tmp_path: Path, tags: dict[int, int], is_page: bool
) -> None:
    """Smaller copies and masks are none of its pages (TIFF 6.0, NewSubfileType, SubfileType)."""
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer) as pages:
        NOISE.save(pages, "TIFF")
        for _ in range(2):
            pages.newFrame()
            NOISE.reduce(4).save(pages, "TIFF", tiffinfo=tags)
    if is_page:
        with pytest.raises(Refused, match="several_pages"):
            shown(buffer.getvalue(), "TIFF", tmp_path)
        return
    _, found = shown(buffer.getvalue(), "TIFF", tmp_path)
    assert found["width"] == 320


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("following", [8, 1 << 30])
def test_a_second_page_that_is_none_takes_nothing_from_the_first(
    tmp_path: Path, following: int
) -> None:
    data = written(NOISE, "TIFF")
    (begin,) = struct.unpack("<I", data[4:8])
    (entries,) = struct.unpack("<H", data[begin : begin + 2])
    at = begin + 2 + 12 * entries
    _, found = shown(data[:at] + struct.pack("<I", following) + data[at + 4 :], "TIFF", tmp_path)
    assert found["width"] == 320


def test_lab(tmp_path: Path) -> None:
    lab = ImageCms.profileToProfile(NOISE, SRGB, ImageCms.createProfile("LAB"), outputMode="LAB")
    assert lab is not None
    image, _ = shown(written(lab, "TIFF"), "TIFF", tmp_path)
    red, was = image.convert("RGB").resize((1, 1)), NOISE.resize((1, 1))
    assert abs(red.tobytes()[0] - was.tobytes()[0]) < 12


@pytest.mark.parametrize(
    ("form", "loop", "played"),
    [
        ("GIF", None, 1),
        ("GIF", 0, 0),
        ("GIF", 2, 3),
        ("PNG", 0, 0),
        ("PNG", 2, 2),
        ("WEBP", 0, 0),
        ("WEBP", 2, 2),
    ],
)
def test_how_often_it_plays(tmp_path: Path, form: str, loop: int | None, played: int) -> None:
    """GIF counts repetitions, WebP and APNG how often it plays in all."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    options = {} if loop is None else {"loop": loop}
    data = written(frames[0], form, save_all=True, append_images=frames[1:], duration=50, **options)
    image, _ = shown(data, form, tmp_path)
    assert (image.info["loop"], getattr(image, "n_frames", 1)) == (played, 2)


def test_a_gif_may_repeat_by_another_name(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = written(frames[0], "GIF", save_all=True, append_images=frames[1:], loop=3)
    image, _ = shown(data.replace(b"NETSCAPE2.0", b"ANIMEXTS1.0"), "GIF", tmp_path)
    assert image.info["loop"] == 4


def test_what_stands_for_an_animation_is_no_part_of_it(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    instead = Image.new("RGB", (8, 8), "lime")
    more: dict[str, Any] = {"save_all": True, "default_image": True, "append_images": frames}
    image, _ = shown(written(instead, "PNG", **more), "PNG", tmp_path)
    assert getattr(image, "n_frames", 1) == 2
    red, green, _ = image.convert("RGB").getpixel((4, 4))  # type: ignore[misc]
    assert red > 200 > green


@pytest.mark.parametrize(("kept", "side"), [(1 << 30, 8), (8 * 8 * 3 // 4, 4)])
def test_every_frame_is_shown_for_its_own_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, side: int
) -> None:
    monkeypatch.setattr(pictures, "MAX_KEPT_ANIMATION_PIXELS", kept)
    colours = [(255, 0, 0), (0, 0, 255), (0, 255, 0)]
    frames = [Image.new("RGB", (8, 8), colour) for colour in colours]
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:]}
    data = written(frames[0], "GIF", duration=[50, 10, 70], **options)
    image, found = shown(data, "GIF", tmp_path)
    assert image.size == (found["width"], found["height"]) == (side, side)
    for number, (colour, time) in enumerate(zip(colours, (50, 100, 70), strict=True)):
        image.seek(number)
        image.load()
        assert image.info["duration"] == time
        pixel = image.convert("RGB").getpixel((2, 2))
        assert isinstance(pixel, tuple)
        assert max(abs(one - other) for one, other in zip(pixel, colour, strict=True)) < 20


@pytest.mark.parametrize("a", [-1, 1])
@pytest.mark.parametrize("b", [-1, 1])
@pytest.mark.parametrize("sideways", [False, True])
def test_a_poster_is_turned_and_mirrored_as_the_matrix_sends_the_corners(
    a: int, b: int, sideways: bool
) -> None:
    matrix = (0, a, b, 0) if sideways else (a, 0, 0, b)
    image = Image.new("L", (4, 2))
    image.putpixel((0, 0), 255)
    numbers = [number << 16 for number in matrix]
    turn = turn_of(struct.pack("=9i", *numbers[:2], 0, *numbers[2:], 0, 0, 0, 1 << 30))
    result = image if turn is None else image.transpose(turn)
    # A corner's coordinates as seen from the middle: x' = ax + cy, y' = bx + dy.
    x, y = -matrix[0] - matrix[2], -matrix[1] - matrix[3]
    width, height = result.size
    assert result.getpixel((0 if x < 0 else width - 1, 0 if y < 0 else height - 1)) == 255
    assert (width, height) == ((2, 4) if sideways else (4, 2))


def test_h264_without_loss_tells_so(tmp_path: Path) -> None:
    """Its profile, High 4:4:4 Predictive, is played by few, whatever its colours are."""
    with samples.film(tmp_path / "a.mp4", seconds=1, audio=None, lossless=True).open("rb") as film:
        found = films.look_at(film, "mov", 0, film.seek(0, 2), tmp_path)
    assert found["pixel_format"] == "yuv420p lossless"


@pytest.mark.breadth
def test_h264_of_444_with_loss_is_not_called_lossless(tmp_path: Path) -> None:
    path = samples.film(tmp_path / "a.mp4", seconds=1, audio=None, pixel_format="yuv444p")
    with path.open("rb") as film:
        found = films.look_at(film, "mov", 0, film.seek(0, 2), tmp_path)
    assert found["pixel_format"] == "yuv444p"

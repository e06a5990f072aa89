"""Files become items, or are refused and leave nothing behind."""

from __future__ import annotations

import io
from pathlib import Path

import media_samples as samples
import pikepdf
import pytest
from factories import School
from flask import Flask
from PIL import Image, ImageChops, ImageOps, ImageStat
from sqlalchemy import func, select

from lti_tool.core.audit import OPERATOR, AuditRecord
from lti_tool.core.db.session import db
from lti_tool.media.delivery.storage import storage
from lti_tool.media.formats import Reason, Refused
from lti_tool.media.intake.ingest import Captions, Particulars, add_file
from lti_tool.media.models import MediaFile, MediaItem, Publication
from lti_tool.media.rules import InvalidText

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]


def particulars(school: School, **more: object) -> Particulars:
    facts = {
        "institution_id": school.institution_id,
        "registration_id": school.registration_id,
        "title": "Birds",
    }
    return Particulars(**(facts | more))  # type: ignore[arg-type]


def stored_files(app: Flask) -> list[Path]:
    root = Path(app.extensions["foyer.media.storage"].root)
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_film_with_captions(context: Flask, school: School, tmp_path: Path) -> None:
    film = samples.film(tmp_path / "talk.mp4")
    item = add_file(
        film,
        film.name,
        particulars(
            school,
            course_id=school.course_id,
            captions=(Captions(samples.VTT, "en", "English"),),
        ),
        OPERATOR,
    )
    assert (item.kind, item.width, item.height, item.duration_ms) == ("video", 128, 72, 2000)
    files = {one.role: one for one in db.session.scalars(select(MediaFile))}
    assert set(files) == {"original", "poster", "captions"}
    assert files["original"].content_type == "video/mp4"
    assert files["captions"].language == "en"
    kept = storage().path(files["original"].storage_key).read_bytes()
    assert (len(kept), b"Lavf" in film.read_bytes(), b"Lavf" in kept) == (
        film.stat().st_size,
        True,
        False,
    )
    assert db.session.get(Publication, (item.id, school.course_id)) is not None
    actions = set(db.session.scalars(select(AuditRecord.action)))
    assert {"media.added", "media.published"} <= actions


@pytest.mark.parametrize(
    ("name", "make", "kind", "content_type"),
    [
        ("a.webm", {"video": "libvpx", "audio": "libopus"}, "video", "video/webm"),
        ("a.m4a", {"video": None}, "audio", "audio/mp4"),
        ("a.mp3", {"video": None, "audio": "libmp3lame"}, "audio", "audio/mpeg"),
        ("a.ogg", {"video": None, "audio": "libopus"}, "audio", "audio/ogg"),
        ("a.flac", {"video": None, "audio": "flac"}, "audio", "audio/flac"),
        ("a.aac", {"video": None}, "audio", "audio/aac"),
    ],
)
def test_films_and_sounds(
    context: Flask,
    school: School,
    tmp_path: Path,
    name: str,
    make: dict[str, object],
    kind: str,
    content_type: str,
) -> None:
    path = samples.film(tmp_path / name, **make)  # type: ignore[arg-type]
    item = add_file(path, name, particulars(school), OPERATOR)
    original = db.session.scalars(select(MediaFile).where(MediaFile.role == "original")).one()
    assert (item.kind, original.content_type) == (kind, content_type)
    assert item.duration_ms is not None
    assert abs(item.duration_ms - 2000) < 50


def test_a_document_counts_its_pages_and_shows_the_first(
    context: Flask, school: School, tmp_path: Path
) -> None:
    item = add_file(samples.document(tmp_path / "a.pdf", 4), "a.pdf", particulars(school), OPERATOR)
    assert (item.kind, item.pages) == ("document", 4)
    poster = db.session.scalars(select(MediaFile).where(MediaFile.role == "poster")).one()
    with Image.open(storage().path(poster.storage_key)) as image:
        assert max(image.size) == 1280


def test_a_picture_is_written_anew_without_its_place(
    context: Flask, school: School, tmp_path: Path
) -> None:
    photo = samples.picture_with_place(tmp_path / "a.jpg")
    assert b"SECRET-PLACE" in photo.read_bytes()
    add_file(photo, "a.jpg", particulars(school), OPERATOR)
    for path in stored_files(context):
        assert b"SECRET-PLACE" not in path.read_bytes()
        with Image.open(path) as image:
            assert not image.getexif()


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.webp"])
def test_pictures(context: Flask, school: School, tmp_path: Path, name: str) -> None:
    item = add_file(samples.picture(tmp_path / name), name, particulars(school), OPERATOR)
    assert (item.kind, item.width, item.height) == ("image", 160, 90)


def kept_picture() -> Image.Image:
    original = db.session.scalars(select(MediaFile).where(MediaFile.role == "original")).one()
    return Image.open(storage().path(original.storage_key))


def test_a_photograph_with_a_preview_is_a_photograph(
    context: Flask, school: School, tmp_path: Path
) -> None:
    photo = samples.camera_photo(tmp_path / "a.jpg")
    with Image.open(photo) as image:
        assert (image.format, image.n_frames) == ("MPO", 2)  # type: ignore[attr-defined]
    item = add_file(photo, "a.jpg", particulars(school), OPERATOR)
    assert (item.kind, item.width, item.height) == ("image", 160, 90)
    with kept_picture() as image:
        assert (image.format, getattr(image, "n_frames", 1)) == ("JPEG", 1)


def test_previews_do_not_count_as_pixels(context: Flask, school: School, tmp_path: Path) -> None:
    """Three of these are more than an animation may have; the photograph itself is not."""
    big = Image.new("RGB", (7000, 5000), "blue")
    big.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[big, big])
    item = add_file(tmp_path / "a.jpg", "a.jpg", particulars(school), OPERATOR)
    assert (item.width, item.height) == (7000, 5000)


def test_animations_stay_animations(context: Flask, school: School, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for name in ("a.gif", "a.png", "a.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        add_file(tmp_path / name, name, particulars(school), OPERATOR)
    for file in db.session.scalars(select(MediaFile).where(MediaFile.role == "original")):
        with Image.open(storage().path(file.storage_key)) as image:
            assert image.n_frames == 2  # type: ignore[attr-defined]


def test_sixteen_bit_grey_keeps_its_greys(context: Flask, school: School, tmp_path: Path) -> None:
    scan = samples.grey_in_sixteen_bits(tmp_path / "a.png", (0, 0x4000, 0x80FF, 0xFFFF))
    add_file(scan, "a.png", particulars(school), OPERATOR)
    with kept_picture() as image:
        assert image.convert("L").tobytes() == bytes([0, 0x40, 0x80, 0xFF])


@pytest.mark.parametrize("name", ["a.mp3", "a.aac"])
def test_a_sound_that_begins_quietly_is_whole(
    context: Flask, school: School, tmp_path: Path, name: str
) -> None:
    item = add_file(samples.quiet_then_loud(tmp_path / name), name, particulars(school), OPERATOR)
    assert item.duration_ms is not None
    assert abs(item.duration_ms - 10_000) < 200


def test_half_an_mp3_that_counts_its_frames_is_refused(
    context: Flask, school: School, tmp_path: Path
) -> None:
    path = samples.film(tmp_path / "a.mp3", video=None, audio="libmp3lame", seconds=20)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Refused) as refused:
        add_file(path, "a.mp3", particulars(school), OPERATOR)
    assert refused.value.reason is Reason.TRUNCATED


def _bytes_of(kind: str, folder: Path) -> bytes:
    film = samples.film(folder / "whole.mp4").read_bytes()
    webm = samples.film(folder / "whole.webm", video="libvpx", audio="libopus").read_bytes()
    photo = samples.picture(folder / "whole.jpg").read_bytes()
    pdf = samples.document(folder / "whole.pdf").read_bytes()
    return {
        "nothing": b"",
        "playlist": samples.PLAYLIST,
        "concat": samples.CONCAT,
        "svg": samples.SVG,
        "web page": samples.HTML,
        "half a film": film[: len(film) // 2],
        "film without its end": film[:-2000],
        "half a webm": webm[: len(webm) // 2],
        "half a photo": photo[: len(photo) // 2],
        "half a pdf": pdf[: len(pdf) // 2],
        "only a pdf's head": b"%PDF-1.7\n" + b"junk" * 99 + b"%%EOF",
        "only a film's head": b"\0\0\0\x18ftypisom" + b"j" * 300,
        "page before a pdf": samples.HTML + pdf,
        "bomb": samples.bomb_png(folder / "bomb.png").read_bytes(),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("nothing", "a.mp4", Reason.EMPTY),
        ("playlist", "a.mp4", Reason.PLAYLIST),
        ("concat", "a.mp4", Reason.PLAYLIST),
        ("svg", "a.png", Reason.SVG),
        ("web page", "a.mp4", Reason.WEB_PAGE),
        ("half a film", "a.mp4", Reason.TRUNCATED),
        ("film without its end", "a.mp4", Reason.TRUNCATED),
        ("half a webm", "a.webm", Reason.TRUNCATED),
        ("half a photo", "a.jpg", Reason.TRUNCATED),
        ("half a pdf", "a.pdf", Reason.TRUNCATED),
        ("only a pdf's head", "a.pdf", Reason.BROKEN),
        ("only a film's head", "a.mp4", Reason.TRUNCATED),
        ("page before a pdf", "a.pdf", Reason.WEB_PAGE),
        ("bomb", "a.png", Reason.TOO_MANY_PIXELS),
    ],
)
def test_hostile_and_broken_files(
    context: Flask, school: School, tmp_path: Path, kind: str, name: str, reason: Reason
) -> None:
    path = tmp_path / "handed-in"
    path.write_bytes(_bytes_of(kind, tmp_path))
    with pytest.raises(Refused) as refused:
        add_file(path, name, particulars(school), OPERATOR)
    assert refused.value.reason is reason
    assert stored_files(context) == []
    assert db.session.scalar(select(func.count(MediaItem.id))) == 0


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("a.mp4", {"video": "mpeg4"}, Reason.VIDEO_CODEC),
        ("a.mp4", {"pixel_format": "yuv444p"}, Reason.PIXEL_FORMAT),
        ("a.mkv", {"audio": None}, Reason.WEBM_CODEC),
        ("a.mp4", {"audio": "ac3"}, Reason.AUDIO_CODEC_OF_FILM),
    ],
)
def test_what_browsers_do_not_play(
    context: Flask,
    school: School,
    tmp_path: Path,
    name: str,
    make: dict[str, object],
    reason: Reason,
) -> None:
    path = samples.film(tmp_path / name, **make)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        add_file(path, name, particulars(school), OPERATOR)
    assert refused.value.reason is reason


def kept_original() -> bytes:
    original = db.session.scalars(select(MediaFile).where(MediaFile.role == "original")).one()
    data = storage().path(original.storage_key).read_bytes()
    assert original.size == len(data)
    return data


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("Week 3. Introduction", {}),
        ("a.pdf", {}),
        ("a.3gp", {}),
        ("a.wav", {"video": None, "audio": "pcm_mulaw"}),
    ],
)
def test_content_decides_not_the_name(
    context: Flask, school: School, tmp_path: Path, name: str, make: dict[str, object]
) -> None:
    made = tmp_path / ("a.mp4" if name in ("a.pdf", "Week 3. Introduction") else name)
    path = samples.film(made, **make)  # type: ignore[arg-type]
    item = add_file(path, name, particulars(school), OPERATOR)
    assert item.kind == ("audio" if name == "a.wav" else "video")


def test_a_mirrored_film_has_a_mirrored_poster(
    context: Flask, school: School, tmp_path: Path
) -> None:
    film = samples.film(tmp_path / "a.mp4")
    posters = []
    for matrix in ((1, 0, 0, 1), (-1, 0, 0, 1), (0, 1, -1, 0)):
        path = tmp_path / "turned.mp4"
        path.write_bytes(samples.turned(film.read_bytes(), matrix))
        item = add_file(path, "a.mp4", particulars(school), OPERATOR)
        wanted = select(MediaFile).where(MediaFile.role == "poster", MediaFile.media_id == item.id)
        poster = db.session.scalars(wanted).one()
        with Image.open(storage().path(poster.storage_key)) as image:
            posters.append(image.convert("L"))
        assert (item.width, item.height) == posters[-1].size
    straight, mirrored, sideways = posters
    difference = ImageStat.Stat(ImageChops.difference(ImageOps.mirror(straight), mirrored))
    assert difference.mean[0] < 5
    assert sideways.size == (72, 128)


def test_a_document_is_kept_without_what_tells_of_its_maker(
    context: Flask, school: School, tmp_path: Path
) -> None:
    path = samples.document_with_secrets(tmp_path / "a.pdf")
    printer = b"\x1b%-12345X@PJL JOB NAME=SECRET\r\n"
    path.write_bytes(printer + path.read_bytes() + bytes(20_000))
    item = add_file(path, "a.pdf", particulars(school), OPERATOR)
    kept = kept_original()
    assert item.pages == 2
    assert kept.startswith(b"%PDF-")
    with pikepdf.open(io.BytesIO(kept)) as document:
        assert dict(document.docinfo) == {"/Title": "A plan of the garden"}
        for one in document.objects:
            if isinstance(one, pikepdf.Stream):
                assert b"SECRET" not in one.read_raw_bytes()
    assert b"SECRET" not in kept


@pytest.mark.parametrize("mark", [b"startxref", b"%%EOF"])
def test_a_document_without_its_last_lines_is_whole(
    context: Flask, school: School, tmp_path: Path, mark: bytes
) -> None:
    data = samples.document(tmp_path / "a.pdf").read_bytes()
    path = tmp_path / "b.pdf"
    path.write_bytes(data[: data.rfind(mark)])
    assert add_file(path, "b.pdf", particulars(school), OPERATOR).pages == 4


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("xfa", Reason.XFA_FORM),
        ("portfolio", Reason.PORTFOLIO),
        ("password", Reason.ENCRYPTED),
        ("certificate", Reason.ENCRYPTED),
    ],
)
def test_documents_that_only_their_own_readers_show(
    context: Flask, school: School, tmp_path: Path, kind: str, reason: Reason
) -> None:
    path = samples.unshowable_document(tmp_path / "a.pdf", kind)
    with pytest.raises(Refused) as refused:
        add_file(path, "a.pdf", particulars(school), OPERATOR)
    assert refused.value.reason is reason


def test_a_document_with_rights_keeps_them(context: Flask, school: School, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.open(samples.document(tmp_path / "plain.pdf")) as document:
        rights = pikepdf.Permissions(print_highres=False)
        document.save(path, encryption=pikepdf.Encryption(owner="x", user="", allow=rights))
    add_file(path, "a.pdf", particulars(school), OPERATOR)
    with pikepdf.open(io.BytesIO(kept_original())) as document:
        assert (document.is_encrypted, document.allow.print_highres) == (True, False)


def test_a_wrong_title_leaves_no_files(context: Flask, school: School, tmp_path: Path) -> None:
    path = samples.sound_wav(tmp_path / "a.wav")
    with pytest.raises(InvalidText):
        add_file(path, "a.wav", particulars(school, title=" "), OPERATOR)
    assert stored_files(context) == []


def test_captions_belong_to_films_and_sounds(
    context: Flask, school: School, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        add_file(
            samples.document(tmp_path / "a.pdf"),
            "a.pdf",
            particulars(school, captions=(Captions(samples.VTT, "en", "English"),)),
            OPERATOR,
        )
    assert refused.value.reason is Reason.CAPTIONS_NOT_HERE
    assert stored_files(context) == []

"""Documents: whole or not, and what is kept of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdf_samples
import pikepdf
import pytest

from lti_tool.media.intake.probe_child import documents, jpeg
from lti_tool.media.intake.probe_child.refusal import Refused


def kept(data: bytes, folder: Path) -> bytes:
    documents.look_at(io.BytesIO(data), "pdf", 0, len(data), folder)
    return (folder / documents.WRITTEN).read_bytes()


GENERALIZED = pikepdf.StreamDecodeLevel.generalized


def page_images(document: pikepdf.Pdf) -> Iterator[pikepdf.PdfInlineImage]:
    """The pictures that stand within what the first page draws."""
    for one in pikepdf.parse_content_stream(document.pages[0]):
        if isinstance(one, pikepdf.ContentStreamInlineImage):
            yield one.iimage


def behind_last_object(data: bytes) -> int:
    return data.rindex(b"endobj") + len(b"endobj")


@pytest.mark.parametrize("percent", [30, 50, 90, 99])
@pytest.mark.parametrize("filling", [b"", bytes(100_000)])
def test_half_a_document_is_refused(tmp_path: Path, percent: int, filling: bytes) -> None:
    data = pdf_samples.with_large_font()
    with pytest.raises(Refused) as refused:
        kept(data[: len(data) * percent // 100] + filling, tmp_path)
    assert refused.value.code == "truncated"


@pytest.mark.parametrize("number", [4, 5, 6, 7])
def test_so_is_one_that_is_cut_between_two_objects(tmp_path: Path, number: int) -> None:
    data = pdf_samples.with_large_font()
    with pytest.raises(Refused) as refused:
        kept(data[: data.index(b"%d 0 obj" % number)], tmp_path)
    assert refused.value.code == "truncated"


def test_a_document_whose_end_is_amiss_is_whole(tmp_path: Path) -> None:
    data = pdf_samples.with_large_font()
    end = behind_last_object(data)
    for amiss in (
        data[:end],
        data[: data.rindex(b"startxref")],
        data[: data.rindex(b"%%EOF")],
        data + b"\r\n<html>an error page</html>" * 99,
        data.replace(b"0000000009 00000 n", b"0000000008 00000 n"),
        data[: data.rindex(b"startxref")] + b"startxref\n0\n%%EOF",
        data[: data.rindex(b"endobj")] + data[end:],
    ):
        assert len(kept(amiss, tmp_path)) > 300_000


@pytest.mark.parametrize("amiss", [{"wrong_by": -7}, {"wrong_by": 7}, {"glued": True}])
def test_a_stream_that_is_written_a_little_wrong_keeps_its_words(
    tmp_path: Path, amiss: dict[str, Any]
) -> None:
    with pikepdf.open(io.BytesIO(kept(pdf_samples.with_words(b"Hello", **amiss), tmp_path))) as one:
        contents = one.pages[0].Contents
        assert isinstance(contents, pikepdf.Stream)
        assert b"(Hello) Tj" in contents.read_bytes()


@pytest.mark.parametrize("form", ["[]", "7", "/None", "(text)", "<< /XFA 7 /Fields 3 >>"])
def test_forms_that_are_none(tmp_path: Path, form: str) -> None:
    data = pdf_samples.with_large_font(1000)
    odd = data.replace(b"/Type /Catalog", b"/Type /Catalog /AcroForm " + form.encode())
    if "XFA" in form:
        with pytest.raises(Refused) as refused:
            kept(odd, tmp_path)
        assert refused.value.code == "xfa_form"
    else:
        assert kept(odd, tmp_path)


@pytest.mark.parametrize("left", ["[]", "8 0 R"])
def test_a_form_by_xfa_that_is_empty_is_none(tmp_path: Path, left: str) -> None:
    data = pdf_samples.with_large_font(1000).replace(
        b"/Type /Catalog", b"/Type /Catalog /AcroForm << /XFA %s /Fields [] >>" % left.encode()
    )
    assert kept(data, tmp_path)


def test_a_document_without_pages_has_nothing_inside(tmp_path: Path) -> None:
    data = pdf_samples.written_by_hand(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]
    )
    with pytest.raises(Refused) as refused:
        kept(data, tmp_path)
    assert refused.value.code == "nothing_inside"


def test_half_a_document_made_for_the_web_lacks_its_end(tmp_path: Path) -> None:
    with pikepdf.open(pdf_samples.guide(tmp_path / "a.pdf", pages=9)) as document:
        document.save(tmp_path / "web.pdf", linearize=True)
    data = (tmp_path / "web.pdf").read_bytes()
    assert kept(data, tmp_path)
    with pytest.raises(Refused) as refused:
        kept(data[: len(data) // 2], tmp_path)
    assert refused.value.code == "truncated"


@pytest.mark.parametrize("told", ["/Info []", "/Info 7", "/Info (x)", "/Info << /Title 7 >>"])
def test_properties_that_are_none(tmp_path: Path, told: str) -> None:
    data = pdf_samples.with_large_font(1000)
    assert kept(data.replace(b"/Root 1 0 R", b"/Root 1 0 R " + told.encode()), tmp_path)


def test_files_and_notes_go_wherever_they_are(tmp_path: Path) -> None:
    data = pdf_samples.with_files_and_notes(tmp_path / "a.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(kept(data, tmp_path))) as document:
        page = document.pages[0].obj
        photographs: Any = page.Resources.XObject
        for name in ("/Plain", "/Packed", "/Letters", "/Wavelets"):
            one: Any = pikepdf.PdfImage(photographs[name])
            assert one.as_pil_image().size == (32, 32)
            assert b"SECRET" not in photographs[name].read_raw_bytes()
            packed = "/JPXDecode" if name == "/Wavelets" else "/DCTDecode"
            assert photographs[name].get("/Filter") == packed
        for within in page_images(document):
            picture: Any = within
            assert picture.as_pil_image().getextrema()[1] > 200
        assert not {"/AF", "/PieceInfo", "/LastModified"} & set(page.keys())
        assert {one.Name for one in document.Root.OCProperties.OCGs} == {"Layer"}
        unpacked = io.BytesIO()
        document.save(unpacked, compress_streams=False, stream_decode_level=GENERALIZED)
    told = unpacked.getvalue()
    assert b"SECRET" not in told, told[max(0, told.find(b"SECRET") - 200) :][:400]


def test_a_font_may_be_called_as_it_likes(tmp_path: Path) -> None:
    data = pdf_samples.with_files_and_notes(tmp_path / "a.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(kept(data, tmp_path))) as document:
        fonts = document.pages[0].obj.Resources.Font
        assert set(fonts.keys()) == {"/AF", "/Metadata", "/PieceInfo", "/EF"}


def test_a_photograph_ends_where_its_picture_does() -> None:
    photo = pdf_samples.photograph("SECRET")
    clean = jpeg.without_metadata(photo)
    assert b"SECRET" not in clean
    assert clean.endswith(b"\xff\xd9")
    assert len(clean) < len(photo) / 2
    assert jpeg.without_metadata(clean) == clean
    without_end = clean[:-2]
    assert jpeg.without_metadata(without_end) == without_end

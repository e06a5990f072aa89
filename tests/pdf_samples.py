"""Documents as people make them: with links, without their fonts, turned, of very many pages."""

from __future__ import annotations

import base64
import io
import zlib
from pathlib import Path
from random import Random
from typing import Any

import pikepdf
from fpdf import FPDF
from pikepdf import Array, Dictionary, Name
from PIL import Image

NAMED_ONLY = "Calibri-Bold"
LETTERS = "Wild millwheels"
_HELVETICA_BOLD = {
    **dict.fromkeys("ilI ", 278),
    **dict.fromkeys("dhn", 611),
    **dict.fromkeys("es", 556),
    "W": 944,
    "m": 889,
    "w": 778,
}
_NARROWER = 0.88


def guide(path: Path, pages: int = 3) -> Path:
    """Small print, a link to the last page, one out into the web and one that must not work."""
    pdf = FPDF(format="A4")
    pdf.set_margin(20)
    last = pdf.add_link()
    pdf.set_link(last, page=pages)
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.set_font("Helvetica", "B", 20)
        pdf.cell(0, 14, f"Chapter {number}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Times", "", 10)
        pdf.multi_cell(0, 5, "Whoever measures a stream learns of rain that fell weeks ago. " * 20)
        for words, target in (
            ("To the end", last),
            ("Out to the web", "https://example.org/stream"),
            ("A trap", "javascript:alert(1)"),
        ):
            pdf.set_x(20)
            pdf.cell(60, 8, words, link=target, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))
    return path


def very_long(path: Path, pages: int = 1500, in_each_part: int = 50) -> Path:
    """As a typesetting program writes it: pages in parts, what stands on each beside it."""
    document = pikepdf.new()
    font = document.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    root = document.Root.Pages
    root.Kids, root.Count = Array(), pages
    for first in range(1, pages + 1, in_each_part):
        numbers = range(first, min(first + in_each_part, pages + 1))
        part = document.make_indirect(
            Dictionary(Type=Name.Pages, Parent=root, Kids=Array(), Count=len(numbers))
        )
        root.Kids.append(part)
        for number in numbers:
            drawn = f"BT /F0 14 Tf 40 780 Td (Page {number}) Tj ET\n" + "% margin\n" * 250
            page = Dictionary(
                Type=Name.Page,
                Parent=part,
                MediaBox=Array([0, 0, 595, 842]),
                Resources=Dictionary(Font=Dictionary(F0=font)),
                Contents=document.make_stream(drawn.encode()),
            )
            part.Kids.append(document.make_indirect(page))
    document.save(path, compress_streams=False)
    return path


def with_places(path: Path) -> Path:
    """Pages called i, ii, iii, and links to places on them, one of which wants another size."""
    with pikepdf.new() as document:
        for _ in range(3):
            document.add_blank_page(page_size=(400, 600))
        first, second = document.pages[0].obj, document.pages[1].obj
        places: list[Any] = [
            Array([second, Name.XYZ, 0, 450, 3]),  # by name as well, below
            Array([second, Name.FitH, 450]),
            Array([second, Name.XYZ, None, None, None]),
            Array([second, Name.XYZ, 0, 9000, 0]),
            Array([first, Name.XYZ, 0, 450, 0]),
        ]
        document.Root.Dests = Dictionary(named=places[0])
        document.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r)]))
        links = [Name.named, *places]
        first.Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Link,
                    Rect=[20, 570 - 25 * number, 200, 590 - 25 * number],
                    Dest=place,
                )
                for number, place in enumerate(links)
            ]
        )
        document.save(path)
    return path


def turned(path: Path, degrees: int) -> Path:
    """The guide, its pages turned."""
    guide(path, pages=1)
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].Rotate = degrees
        document.save(path)
    return path


def heading_without_font(path: Path) -> Path:
    """A heading in a narrow bold font that the document only names."""
    document = pikepdf.new()
    widths = [round(_HELVETICA_BOLD.get(chr(code), 556) * _NARROWER) for code in range(32, 123)]
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=Name(f"/{NAMED_ONLY}"),
        Encoding=Name.WinAnsiEncoding,
        FirstChar=32,
        LastChar=122,
        Widths=Array(widths),
        FontDescriptor=document.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=Name(f"/{NAMED_ONLY}"),
                Flags=32,
                FontBBox=Array([-200, -200, 1000, 900]),
                ItalicAngle=0,
                Ascent=900,
                Descent=-200,
                CapHeight=700,
                StemV=120,
            )
        ),
    )
    drawn = f"BT /F0 40 Tf 20 40 Td ({LETTERS}) Tj ET"
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, 400, 120]),
        Resources=Dictionary(Font=Dictionary(F0=document.make_indirect(font))),
        Contents=document.make_stream(drawn.encode()),
    )
    document.pages.append(pikepdf.Page(document.make_indirect(page)))
    document.save(path)
    return path


def written_by_hand(objects: list[bytes]) -> bytes:
    """A document of these objects in this order, numbered from 1; the first is the catalogue."""
    data, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    size = len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def far_apart(path: Path) -> Path:
    """Two pages that stand side by side; what is on the second one is far from everything."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents %d 0 R /Thumb %d 0 R "
        b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
    )
    said = b"BT /F 12 Tf 9 9 Td (%s) Tj ET"
    pages = b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", pages, page % (5, 6), page % (7, 8)]
    for number, words in enumerate((b"Here", b"Far away")):
        objects += [_stream(said % words), _stream(Random(number).randbytes(300_000))]
    path.write_bytes(written_by_hand(objects))
    return path


def with_large_font(size: int = 300_000) -> bytes:
    """The catalogue stands first, the file of the font that everything is written with last."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>"
    )
    return written_by_hand(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            page,
            _stream(b"BT /F 12 Tf 9 9 Td (Hi) Tj ET"),
            b"<< /Type /Font /Subtype /TrueType /BaseFont /Own /FontDescriptor 6 0 R >>",
            b"<< /Type /FontDescriptor /FontName /Own /Flags 32 /FontFile2 7 0 R >>",
            _stream(Random(1).randbytes(size)),
        ]
    )


def photograph(secret: str) -> bytes:
    """A photograph that tells of its camera, with a further picture behind it."""
    exif = Image.Exif()
    exif[0x010F] = secret
    photo = io.BytesIO()
    Image.linear_gradient("L").resize((32, 32)).save(photo, "JPEG", exif=exif.tobytes())
    return photo.getvalue() * 2 + secret.encode()


def wavelets(secret: str) -> bytes:
    """A picture in JPEG 2000 that tells of its camera in boxes of its own."""
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((32, 32)).save(picture, "JPEG2000")
    data, notes = picture.getvalue(), b""
    for kind, content in ((b"xml ", f"<x>{secret}</x>"), (b"uuid", secret.rjust(40))):
        notes += (8 + len(content)).to_bytes(4) + kind + content.encode()
    at = data.index(b"jp2c") - 4
    return data[:at] + notes + data[at:]


def with_files_and_notes(path: Path, secret: str = "SECRET") -> Path:
    """Photographs in several wrappings, and files wherever a document may hold them."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 400)).obj

        def stream(data: bytes = secret.encode(), **more: Any) -> pikepdf.Stream:
            return pdf.make_stream(data, **more)

        def file(**more: Any) -> Dictionary:
            return Dictionary(
                Type=Name.Filespec, F=f"{secret}.txt", EF=Dictionary(F=stream()), **more
            )

        def image(data: bytes, filters: Any) -> pikepdf.Stream:
            return stream(
                data,
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=32,
                Height=32,
                ColorSpace=Name.DeviceGray,
                BitsPerComponent=8,
                Filter=filters,
            )

        photo = photograph(secret)
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier)
        page.Resources = Dictionary(
            XObject=Dictionary(
                Plain=image(photo, Name.DCTDecode),
                Packed=image(zlib.compress(photo), Array([Name.FlateDecode, Name.DCTDecode])),
                Letters=image(
                    base64.a85encode(photo) + b"~>", Array([Name.ASCII85Decode, Name.DCTDecode])
                ),
                Wavelets=image(wavelets(secret), Name.JPXDecode),
            ),
            Font=Dictionary(AF=font, Metadata=font, PieceInfo=font, EF=font),
        )
        single = photo[: photo.index(b"\xff\xd9") + 2]
        within = b"BI /W 32 /H 32 /CS /G /BPC 8 /F /DCT\nID %s\nEI" % single
        page.Contents = stream(
            b"BT /AF 12 Tf 9 9 Td (Hi) Tj ET q 90 0 0 90 99 99 cm\n%s Q" % within
            + b"\nq 90 0 0 90 9 9 cm\n%s Q" % within
        )
        page.Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9], FS=file()
                ),
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.RichMedia,
                    Rect=[0, 0, 9, 9],
                    RichMediaContent=Dictionary(
                        Assets=Dictionary(Names=Array(["film.swf", file()]))
                    ),
                ),
            ]
        )
        page.AF = Array([file(AFRelationship=Name.Source)])
        page.PieceInfo = Dictionary(Program=Dictionary(Private=secret))
        page.LastModified = secret
        signature = pdf.make_indirect(
            Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Name=secret, Location=secret)
        )
        field = pdf.make_indirect(Dictionary(FT=Name.Sig, T="Signature", V=signature))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
        pdf.Root.Perms = Dictionary(DocMDP=signature)
        made_with = Dictionary(CreatorInfo=Dictionary(Creator=secret, Subtype=Name.Artwork))
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Layer", Usage=made_with))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(Order=Array([layer])))
        pdf.Root.Metadata = stream()
        pdf.save(path, compress_streams=False)
    return path


def with_words(words: bytes, wrong_by: int = 0, glued: bool = False) -> bytes:
    """One page that says these words; its stream may be a little wrong, as some tools write it."""
    drawn = b"BT /F 24 Tf 20 100 Td (%s) Tj ET" % words
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
    )
    stream = _stream(drawn).replace(
        b"/Length %d" % len(drawn), b"/Length %d" % (len(drawn) + wrong_by)
    )
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    data = written_by_hand([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, stream])
    # In place, so that the table of objects stays right.
    return data.replace(b"\nendstream\nendobj", b"\nendstreamendobj\n") if glued else data

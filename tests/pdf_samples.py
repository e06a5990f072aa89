"""Documents as people make them: with links, without their fonts, turned, of very many pages."""

from __future__ import annotations

from pathlib import Path

import pikepdf
from fpdf import FPDF
from pikepdf import Array, Dictionary, Name

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

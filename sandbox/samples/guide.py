"""A printed guide of four pages, with a chart, a table and real text to search and select."""

from __future__ import annotations

from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

TITLE = "Measuring a stream"
_INK = (35, 40, 44)
_SOFT = (95, 105, 112)
_GREEN = (28, 99, 80)

# Litres a second, every two hours of one day.
FLOW = (310, 305, 300, 298, 330, 470, 690, 820, 760, 610, 480, 390)

_WHY = (
    "A stream is never the same twice. After rain it swells within hours; in a dry summer it "
    "shrinks to a chain of pools. Whoever wants to know what can live in it has to know how much "
    "water it carries, and when.",
    "Three numbers are enough for a first answer: how wide the water is, how deep it is, and how "
    "fast it moves. Width times depth gives the area of a slice across the stream. Area times "
    "speed gives the flow: the volume of water that passes every second.",
    "This guide needs a tape measure, a stick with marks on it, a cork, a watch, and two people. "
    "One of them should know where the bank is firm. Never enter water above the knee, and never "
    "measure alone.",
)
_STEPS = (
    ("Choose a straight stretch", "Ten metres without bends, large stones or side arms."),
    ("Measure the width", "Stretch the tape from water's edge to water's edge."),
    ("Measure the depth", "At five points, evenly spread. Write each one down at once."),
    ("Send the cork", "Let it float the ten metres five times, and note the seconds."),
    ("Correct the speed", "The surface is faster than the bed: multiply by 0.8."),
    ("Multiply", "Width x mean depth x corrected speed = cubic metres a second."),
)
_READINGS = (
    ("Point", "Distance from the bank", "Depth", "Time of the cork"),
    ("1", "0.4 m", "0.12 m", "24 s"),
    ("2", "1.1 m", "0.31 m", "17 s"),
    ("3", "1.8 m", "0.44 m", "14 s"),
    ("4", "2.5 m", "0.36 m", "16 s"),
    ("5", "3.2 m", "0.15 m", "22 s"),
)
_QUESTIONS = (
    "Why is the cork faster in the middle than at the bank?",
    "The stream in the chart rises at eight in the morning. What may have happened, and when?",
    "Your group measured 0.45 cubic metres a second, another group 0.39. Name three reasons.",
    "Which of the five depths, if read 5 cm wrong, changes the result most? Show why.",
    "Where in this stream would you look for animals that cling to stones?",
)


def make(path: Path) -> None:
    """Return a PDF file, A4."""
    pdf = _Guide(format="A4")
    pdf.set_title(f"{TITLE}: a short guide")
    pdf.set_lang("en")
    pdf.set_margins(24, 26, 24)
    pdf.set_auto_page_break(True, 24)
    for page in (pdf.why, pdf.how, pdf.example, pdf.questions):
        pdf.add_page()
        page()
    pdf.output(str(path))


class _Guide(FPDF):
    """One method per page."""

    def footer(self) -> None:
        """Return the title and the page's number."""
        self.set_y(-16)
        self.set_font("helvetica", size=9)
        self.set_text_color(*_SOFT)
        self.cell(0, 8, f"{TITLE} - page {self.page_no()} of 4", align="C")

    def why(self) -> None:
        """Page 1."""
        self._heading(TITLE, 26)
        self._paragraph("A short guide for the first field day", soft=True)
        for text in _WHY:
            self._paragraph(text)
        self._heading("One day of one stream", 14)
        self._chart()
        self._paragraph(
            "Figure 1. Flow at the foot bridge, in litres a second. The wave after a night's rain "
            "passed within ten hours.",
            soft=True,
        )

    def how(self) -> None:
        """Page 2."""
        self._heading("How to do it", 20)
        for number, (what, detail) in enumerate(_STEPS, 1):
            self.set_font("helvetica", "B", 12)
            self.set_text_color(*_GREEN)
            self.cell(10, 7, str(number))
            self.set_text_color(*_INK)
            self.cell(0, 7, what, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.set_x(34)
            self._paragraph(detail)

    def example(self) -> None:
        """Page 3."""
        self._heading("An example", 20)
        self._paragraph("Readings of one group, at a place 3.6 metres wide:")
        self.set_font("helvetica", size=11)
        self.set_fill_color(255)
        with self.table(line_height=8, text_align="LEFT", col_widths=(2, 5, 3, 4)) as table:
            for reading in _READINGS:
                row = table.row()
                for cell in reading:
                    row.cell(cell)
        self.ln(6)
        self._paragraph("Mean depth: (0.12 + 0.31 + 0.44 + 0.36 + 0.15) / 5 = 0.28 metres.")
        self._paragraph("Area: 3.6 x 0.28 = 1.0 square metre.")
        self._paragraph("Mean time: 18.6 seconds for 10 metres, so 0.54 metres a second.")
        self._paragraph("Corrected: 0.54 x 0.8 = 0.43 metres a second.")
        self._paragraph("Flow: 1.0 x 0.43 = 0.43 cubic metres a second, or 430 litres.")

    def questions(self) -> None:
        """Page 4."""
        self._heading("Questions to take home", 20)
        for number, question in enumerate(_QUESTIONS, 1):
            self._paragraph(f"{number}.  {question}")
            self.set_draw_color(*_SOFT)
            for _ in range(2):
                self.ln(7)
                self.line(24, self.get_y(), 186, self.get_y())
            self.ln(7)

    def _heading(self, text: str, size: int) -> None:
        self.set_font("helvetica", "B", size)
        self.set_text_color(*_GREEN)
        self.cell(0, size * 0.55, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(4)

    def _paragraph(self, text: str, *, soft: bool = False) -> None:
        self.set_font("helvetica", "I" if soft else "", 12)
        self.set_text_color(*(_SOFT if soft else _INK))
        self.multi_cell(0, 6.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3.5)

    def _chart(self) -> None:
        """Bars for FLOW, with a scale and the hours below."""
        left, top, width, height, most = 34.0, self.get_y(), 150.0, 62.0, 900
        self.set_font("helvetica", size=8)
        self.set_text_color(*_SOFT)
        self.set_draw_color(210, 214, 212)
        for value in range(0, most + 1, 300):
            y = top + height * (1 - value / most)
            self.line(left, y, left + width, y)
            self.text(left - 9, y + 1, str(value))
        self.set_fill_color(*_GREEN)
        step = width / len(FLOW)
        for number, value in enumerate(FLOW):
            bar = height * value / most
            x = left + number * step
            self.rect(x + step * 0.18, top + height - bar, step * 0.64, bar, style="F")
            self.text(x + step * 0.25, top + height + 4.5, f"{2 * number:02d} h")
        self.set_y(top + height + 9)

"""Reading the tables of a Markdown file."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]


def table(file: str, first_column: str) -> dict[str, list[str]]:
    """The rows of the table whose heading begins so: first cell to the others, without back-ticks.

    The heading itself stands under its own first cell.
    """
    lines = (ROOT / "docs" / file).read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(f"| {first_column} |")]
    assert len(starts) == 1, f"{file} has {len(starts)} tables that begin with {first_column}"
    rows: dict[str, list[str]] = {}
    for line in lines[starts[0] :]:
        if not line.startswith("|"):
            break
        first, *others = (cell.strip().replace("`", "") for cell in line.strip("|").split("|"))
        if not first.startswith("---"):
            rows[first] = others
    return rows

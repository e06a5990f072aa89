"""The state that outlives a restart, in the platform's folder: links and registered tools.

Without a folder nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.courses import Link

LINKS, TOOLS = "made-links.json", "tools.json"


def load(folder: Path | None, name: str) -> Any:
    """Tell what was kept under this name; None when nothing was."""
    if folder is None:
        return None
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def save(folder: Path | None, name: str, content: object) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{name}.new"
    fresh.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    fresh.replace(folder / name)


def made_links(folder: Path | None) -> list[Link]:
    """Return the activities that dialogs made before the restart."""
    return [Link(**{**one, "history": tuple(one["history"])}) for one in load(folder, LINKS) or []]


def keep_links(folder: Path | None, links: Iterable[Link]) -> None:
    """Add activities to those that are kept."""
    made = [*made_links(folder), *links]
    save(folder, LINKS, [asdict(link) for link in made])

"""Language negotiation: which of our languages is spoken to somebody.

The sentences in the code are English; a language is offered as soon as its compiled catalogue
stands in ``lti_tool/translations/<name>/LC_MESSAGES``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SOURCE = "en"
_RENAMED = {"iw": "he", "in": "id", "ji": "yi"}
"""Codes that ISO 639 has replaced and older platforms still send."""


def offered(folder: Path) -> tuple[str, ...]:
    """Name the languages that the folder has catalogues for, and that of the code itself."""
    found = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.mo")}
    return tuple(sorted({SOURCE, *found}))


def best(wanted: Iterable[str], names: Iterable[str]) -> str | None:
    """Choose the first wanted language that is among the names (RFC 4647 §3.4: de-AT, then de).

    Capitals, hyphens and underscores make no difference, nor does an old code for the language.
    """
    known = {_plain(name): name for name in names}
    for tag in wanted:
        language, *rest = _plain(tag).split("-")
        parts = [_RENAMED.get(language, language), *rest]
        while parts:
            if "-".join(parts) in known:
                return known["-".join(parts)]
            parts.pop()
    return None


def _plain(tag: str) -> str:
    return tag.strip().replace("_", "-").lower()

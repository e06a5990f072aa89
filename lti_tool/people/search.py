"""Prefix search for people: by the beginnings of their words, whatever capitals and accents.

Pure. Each person has a few texts that what is typed may begin: the name from each of its words on,
with the words before it behind (so that people are in the order of their names whichever word was
typed), and the e-mail address from each part before the @ on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

from lti_tool.core.texts import folded, plain
from lti_tool.people.emails import InvalidEmail, read_mailbox

FROM = 2
"""Characters that must have been typed."""
LONGEST = 64
"""Of a text, and of a word that is looked for."""
MOST_TEXTS = 16
"""Of one person."""
MOST_WORDS = 6
"""That are looked for; what is typed behind them does not narrow the search."""

ENDS = "\U0010ffff"
"""Stands behind whatever may follow the beginning of a word."""

_IN_NAME = re.compile(r"(?<![^\s\-'’.(\"])\w")
_IN_ADDRESS = re.compile(r"(?<![^.\-_+])\w")


def words_of(typed: str) -> tuple[str, ...]:
    """Split what was typed into the words to look for, each once; none for too little.

    Of what was pasted around a whole address, that address is looked for.
    """
    if "@" in typed:
        with suppress(InvalidEmail):
            typed = read_mailbox(typed).address
    if len(folded(typed)) < FROM:
        return ()
    return tuple(dict.fromkeys(word[:LONGEST] for word in plain(typed).split()[:MOST_WORDS]))


def texts_of(given_name: str, family_name: str, name: str, email: str) -> tuple[str, ...]:
    """Give the texts of which one must begin with each word that is looked for."""
    whole = plain(f"{given_name} {family_name}")
    texts = [*_turned(whole), *_address(email)]
    known = set(whole.split())
    texts += [text for text in _turned(plain(name)) if text.split()[0] not in known]
    return tuple(dict.fromkeys(text[:LONGEST] for text in texts))[:MOST_TEXTS]


def fits(words: Iterable[str], texts: Collection[str]) -> bool:
    """Tell whether each word begins one of the texts."""
    return all(any(text.startswith(word) for text in texts) for word in words)


def _turned(name: str) -> Iterator[str]:
    """Give the name from each word on, and then the words before; also without apostrophes."""
    for written in dict.fromkeys((name, name.replace("'", ""))):
        for found in _IN_NAME.finditer(written):
            at = found.start()
            yield f"{written[at:]} {written[:at].strip()}".strip()


def _address(email: str) -> Iterator[str]:
    local, _at, _domain = plain(email).rpartition("@")
    for found in _IN_ADDRESS.finditer(local):
        yield plain(email)[found.start() :]

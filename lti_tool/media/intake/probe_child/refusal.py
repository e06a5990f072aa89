"""How the child says no."""

from __future__ import annotations


class Refused(Exception):
    """The file cannot be taken; the first argument is the reason code, the second what it is."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.found = found

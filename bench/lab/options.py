"""What may be asked of every program: how many rounds, or only a brief one, and of whom."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


class Options(argparse.ArgumentParser):
    """A program's options: `--rounds`, `--brief`, where it has parts `--only`, and its own sizes.

    description  the program's docstring, of which the first line is shown
    parts        what `--only` may name
    extra        the parts that `--brief` leaves out unless `--only` names them
    """

    def __init__(
        self, description: str | None, parts: Sequence[str] = (), extra: Sequence[str] = ()
    ) -> None:
        super().__init__(description=(description or "").partition("\n")[0])
        self.parts, self.extra = tuple(parts), tuple(extra)
        self._sizes: dict[str, tuple[int, int]] = {}
        self.add_argument(
            "--brief",
            action="store_true",
            help="one small round, to see that all of it works; its figures mean nothing",
        )
        self.size("rounds", 5, 1, "that count; one more warms up")
        if parts:
            self.add_argument("--only", help=f"some of {','.join(parts)}")

    def size(self, name: str, full: int, brief: int, what: str = "") -> None:
        """An option that counts something, with its value for a full and for a brief run."""
        self._sizes[name] = full, brief
        self.add_argument(f"--{name}", type=int, help=f"{what} ({full}; briefly {brief})".strip())

    def read(self) -> argparse.Namespace:
        """What was asked. ``only`` holds the wanted parts, in the program's own order."""
        asked = self.parse_args()
        for name, (full, brief) in self._sizes.items():
            if getattr(asked, name) is None:
                setattr(asked, name, brief if asked.brief else full)
            if getattr(asked, name) < 1:
                self.error(f"--{name} must be at least 1")
        if self.parts:
            asked.only = self._wanted(asked)
        return asked

    def _wanted(self, asked: argparse.Namespace) -> list[str]:
        if asked.only is None:
            if asked.brief and self.extra:
                print(f"Briefly, so without {', '.join(self.extra)} (--only names them)")
            return [part for part in self.parts if not (asked.brief and part in self.extra)]
        named = set(asked.only.split(","))
        if unknown := named - set(self.parts):
            self.error(f"--only knows {','.join(self.parts)}, not {','.join(sorted(unknown))}")
        return [part for part in self.parts if part in named]


def left_out(what: str, why: str) -> None:
    """Say, so that nobody overlooks it, what this run cannot measure here."""
    print(f"!!! LEFT OUT: {what} ({why})", file=sys.stderr, flush=True)

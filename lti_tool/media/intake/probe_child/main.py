r"""The child's way from its arguments to one line of JSON: what it found, or a reason code.

It is started isolated, so that neither the environment nor the working folder lends it any code:

    python -I -c 'import sys; sys.path.append(…); from probe_child.main import main; main()' \
        FAMILY READER SOURCE BEGIN END FOLDER PARENT

Pictures and documents that it writes go into FOLDER under fixed names. What is to be served of a
film is told in ``pieces.json`` there: stretches of the source, and bytes in base 16.

Before it opens SOURCE it writes an empty line: READY. Without that it is not the file's fault.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from traceback import walk_tb
from typing import Any

from . import limits
from .pieces import Piece
from .refusal import Refused

PIECES = "pieces.json"
READY = b"\n"
_READERS = {"av": "films", "picture": "pictures", "pdf": "documents"}


def main() -> None:
    family, reader, source, begin, end, folder, parent = sys.argv[1:8]
    # Libraries print what they think of a broken file; only our one line may reach the reader.
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        limits.give_up(int(parent), Path(source), Path(folder))
        look_at = importlib.import_module(f".{_READERS[family]}", __package__).look_at
    except Exception as problem:
        os.write(answer, _told(problem).encode())
        sys.exit(1)
    os.write(answer, READY)
    try:
        with open(source, "rb") as stream:
            found: dict[str, Any] = look_at(stream, reader, int(begin), int(end), Path(folder))
        _tell_pieces(found.pop("pieces", None), Path(folder))
        result = {"ok": True} | found
    except Refused as refusal:
        result = {"ok": False, "code": refusal.code, "found": refusal.found}
    except MemoryError:
        result = {"ok": False, "code": "too_hard"}
    os.write(answer, json.dumps(result).encode())


def _told(problem: Exception) -> str:
    """Tell the kind of a problem and its place, for the log of who started this."""
    *_outer, (code, line) = ((one.f_code, at) for one, at in walk_tb(problem.__traceback__))
    number = getattr(problem, "errno", None) or ""
    place = f"{Path(code.co_filename).name}:{line}:{code.co_name}"
    return f"{type(problem).__name__} {number} {place}"


def _tell_pieces(pieces: list[Piece] | None, folder: Path) -> None:
    if pieces is not None:
        told = [piece.hex() if isinstance(piece, bytes) else piece for piece in pieces]
        (folder / PIECES).write_text(json.dumps(told), encoding="ascii")

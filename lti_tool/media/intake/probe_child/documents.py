"""PDF: written anew without what tells who made it, with what, and where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import pypdfium2

from .document_metadata import forget
from .pieces import Pieced
from .poster import SIDE, save_poster
from .refusal import Refused

MAX_PAGES = 5_000
TAIL = 64 << 10
FOLLOWING = 16 << 20
BLOCK = 1 << 20
LONGEST_MARK = 64
FIRST_OBJECT = 1024
WRITTEN = "document"
_OBJECT = re.compile(rb"\d{1,10}\s{1,8}\d{1,5}\s{1,8}obj\b")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}/L\s{1,8}(\d{1,12})\b")
_ENDED = re.compile(rb"\bendobj\b|\bendstream\b")
_END_MARKS = re.compile(rb"\bstartxref\b|\btrailer\b|%%EOF|/Type\s*/XRef\b")
_ENCRYPTED = re.compile(r"encrypt|password|security handler", re.IGNORECASE)


def look_at(source: BinaryIO, _form: str, begin: int, end: int, folder: Path) -> dict[str, Any]:
    """Write the document anew; tell its pages and draw the first one."""
    stream = Pieced(source, [(begin, end - begin)])
    _write_anew(_without_what_follows(stream), folder / WRITTEN)
    return _first_page(folder / WRITTEN, folder)


def _write_anew(stream: Any, target: Path) -> None:
    try:
        document, mended = _opened(stream)
    except pikepdf.PasswordError as problem:
        raise Refused("encrypted") from problem
    except (pikepdf.PdfError, RuntimeError) as problem:
        if _ENCRYPTED.search(str(problem)) or _is_locked(stream):
            raise Refused("encrypted") from problem
        is_whole = _has_trailer(stream) and not _is_shorter_than_told(stream)
        raise Refused("broken" if is_whole else "truncated") from problem
    with document:
        try:
            if not document.pages:
                raise Refused("nothing_inside")
            _refuse_unshowable(document)
            if mended and not _is_whole(document, stream):
                raise Refused("truncated")
            forget(document)
            document.save(
                target,
                encryption=True if document.is_encrypted else None,
                object_stream_mode=pikepdf.ObjectStreamMode.preserve,
                fix_metadata_version=False,
            )
        except (pikepdf.PdfError, RuntimeError) as problem:  # as qpdf says of its own faults
            raise Refused("broken") from problem


def _opened(stream: Any) -> tuple[pikepdf.Pdf, bool]:
    """Open the document, and tell whether its table of objects had to be found anew."""
    try:
        document = pikepdf.open(stream, attempt_recovery=False, suppress_warnings=True)
        if not _loses_objects(document):
            return document, False
        document.close()
        return pikepdf.open(stream, attempt_recovery=True, suppress_warnings=True), False
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError:
        # Where nothing follows the last object, qpdf loses it.
        ended: Any = stream.followed_by(b"\n%%EOF\n")
        return pikepdf.open(ended, attempt_recovery=True, suppress_warnings=True), True


def _loses_objects(document: pikepdf.Pdf) -> bool:
    """Tell whether qpdf reads nothing where an object is, for it is written a little wrong.

    A stream whose length is not what it says, for one: readers find its end, as qpdf does when it
    may mend what it reads.
    """
    for _one in document.objects:
        pass  # each is read by that
    return bool(document.get_warnings())


def _without_what_follows(stream: Pieced) -> Pieced:
    """End the document with its last mark, where a reader looks for it (ISO 32000-1 §7.5.5)."""
    length = min(FOLLOWING, stream.size)
    stream.seek(stream.size - length)
    last = stream.read()
    at = last.rfind(b"%%EOF")
    if at < 0 or _OBJECT.search(last, at):
        return stream
    return stream.first(min(stream.size - length + at + len(b"%%EOF\n"), stream.size))


def _is_locked(stream: Pieced) -> bool:
    """Tell whether the document is for the holders of certain certificates (ISO 32000-1 §7.6.4)."""
    tail = _tail(stream)
    return b"/Encrypt" in tail and b"Adobe.P" in tail


def _has_trailer(stream: Pieced) -> bool:
    tail = _tail(stream)[-2048:]
    return b"startxref" in tail or b"%%EOF" in tail


def _is_shorter_than_told(stream: Pieced) -> bool:
    """Tell whether a document made for the web says that it is longer (ISO 32000-1 Annex F)."""
    stream.seek(0)
    told = _LINEARIZED.search(stream.read(FIRST_OBJECT))
    return told is not None and int(told[1]) > stream.size


def _is_whole(document: pikepdf.Pdf, stream: Pieced) -> bool:
    """Tell whether a document whose table had to be found anew still has its end.

    It has where anything of its own follows its last object; else where that object is ended, and
    every object that any other refers to is there.
    """
    begin = _last_object(stream)
    if begin is None:
        return True
    if _follows(stream, begin, _END_MARKS):
        return True
    return _follows(stream, begin, _ENDED) and all(one is not None for one in document.objects)


def _last_object(stream: Pieced) -> int | None:
    end = stream.size
    while end > 0:
        begin = max(0, end - BLOCK)
        stream.seek(begin)
        found = list(_OBJECT.finditer(stream.read(end - begin + LONGEST_MARK)))
        if found:
            return begin + found[-1].end()
        end = begin
    return None


def _follows(stream: Pieced, begin: int, mark: re.Pattern[bytes]) -> bool:
    while begin < stream.size:
        stream.seek(begin)
        if mark.search(stream.read(BLOCK + LONGEST_MARK)):
            return True
        begin += BLOCK
    return False


def _tail(stream: Pieced) -> bytes:
    stream.seek(max(0, stream.size - TAIL))
    return stream.read().rstrip(b"\0")


def _refuse_unshowable(document: pikepdf.Pdf) -> None:
    """Refuse what only Adobe's own reader shows: forms by XFA, and files within a cover."""
    root = document.Root
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and not _is_empty(form.get("/XFA")):
        fields = form.get("/Fields")
        shows_fields = isinstance(fields, pikepdf.Array) and len(fields) > 0
        if root.get("/NeedsRendering") or not shows_fields:
            raise Refused("xfa_form")
    if "/Collection" in root:
        raise Refused("portfolio")


def _is_empty(form: Any) -> bool:
    """Tell whether nothing is left of a form by XFA, as where a program has taken it out."""
    if isinstance(form, pikepdf.Stream):
        return not form.read_raw_bytes().strip()
    return form is None or (isinstance(form, pikepdf.Array) and not len(form))


def _first_page(path: Path, folder: Path) -> dict[str, Any]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as problem:
        raise Refused("broken") from problem
    try:
        pages = len(document)
        if not pages:
            raise Refused("nothing_inside")
        if pages > MAX_PAGES:
            raise Refused("too_many_pages")
        page = document[0]
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            raise Refused("broken")
        image = page.render(scale=SIDE / max(width, height), may_draw_forms=False).to_pil()
    except pypdfium2.PdfiumError as problem:
        raise Refused("broken") from problem
    finally:
        document.close()
    return {
        "pages": pages,
        "width": max(1, round(width)),
        "height": max(1, round(height)),
    } | save_poster(image, folder)

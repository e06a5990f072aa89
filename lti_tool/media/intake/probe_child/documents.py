"""PDF: written anew without what tells who made it, with what, and where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import pypdfium2

from . import jpeg
from .pieces import Pieced
from .poster import SIDE, save_poster
from .refusal import Refused

MAX_PAGES = 5_000
TAIL = 64 << 10
FOLLOWING = 16 << 20
WRITTEN = "document"
_PRIVATE_KEYS = ("/Metadata", "/PieceInfo", "/LastModified", "/AF")
_PHOTOGRAPH = (pikepdf.Name.DCTDecode, pikepdf.Array([pikepdf.Name.DCTDecode]))
_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
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
        raise Refused("broken" if _has_trailer(stream) else "truncated") from problem
    with document:
        try:
            _refuse_unshowable(document)
            if mended and not (_is_complete(document) and _ends_after_an_object(stream)):
                raise Refused("truncated")
            _forget(document)
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
        return pikepdf.open(stream, attempt_recovery=False, suppress_warnings=True), False
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError:
        stream.seek(0)
        return pikepdf.open(stream, attempt_recovery=True, suppress_warnings=True), True


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


def _ends_after_an_object(stream: Pieced) -> bool:
    tail = _tail(stream)
    begun = [match.end() for match in _OBJECT.finditer(tail)]
    return not begun or tail.find(b"endobj", begun[-1]) >= 0


def _tail(stream: Pieced) -> bytes:
    stream.seek(max(0, stream.size - TAIL))
    return stream.read().rstrip(b"\0")


def _refuse_unshowable(document: pikepdf.Pdf) -> None:
    """Refuse what only Adobe's own reader shows: forms by XFA, and files within a cover."""
    root = document.Root
    form = root.get("/AcroForm")
    if form is not None and "/XFA" in form:
        fields = form.get("/Fields")
        if root.get("/NeedsRendering") or fields is None or not len(fields):
            raise Refused("xfa_form")
    if "/Collection" in root:
        raise Refused("portfolio")


def _is_complete(document: pikepdf.Pdf) -> bool:
    """Tell whether all pages are there and what they are drawn with."""
    try:
        declared = int(document.Root.Pages.Count)
        if len(document.pages) < declared:
            return False
        return all(_has_content(page.obj) for page in document.pages)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _has_content(page: Any) -> bool:
    contents = page.get("/Contents")
    parts = contents if isinstance(contents, pikepdf.Array) else [contents]
    if "/Contents" in page and any(part is None for part in parts):
        return False
    drawn = page.get("/Resources", {}).get("/XObject", {})
    return all(drawn.get(name) is not None for name in list(drawn))


def _forget(document: pikepdf.Pdf) -> None:
    """Keep the title; everything else that only tells about the document goes."""
    title = document.docinfo.get("/Title") if "/Info" in document.trailer else None
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    if isinstance(title, pikepdf.String):
        document.docinfo["/Title"] = title
    names = document.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
        del names["/EmbeddedFiles"]
    for one in document.objects:
        if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
            _forget_in(one)


def _forget_in(one: Any) -> None:
    for key in _PRIVATE_KEYS:
        if key in one:
            del one[key]
    if one.get("/Subtype") == "/FileAttachment" and "/FS" in one:
        del one["/FS"]
    if isinstance(one, pikepdf.Stream) and one.get("/Filter") in _PHOTOGRAPH:
        data = one.read_raw_bytes()
        clean = jpeg.without_metadata(data)
        if len(clean) < len(data):
            parameters: Any = one.get("/DecodeParms")
            one.write(clean, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)


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

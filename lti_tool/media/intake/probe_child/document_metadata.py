"""What a document holds that only tells about it, or is a file of its own (ISO 32000-2 §14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pikepdf

from . import boxes, jpeg

_CLEAN: dict[Any, Callable[[bytes], bytes]] = {
    pikepdf.Name.DCTDecode: jpeg.without_metadata,
    pikepdf.Name.JPXDecode: boxes.without_notes,
}
_PHOTOGRAPH_WITHIN = re.compile(rb"/DCT(?:Decode)?\b.{1,400}?\bID\s(?=\xff\xd8)", re.DOTALL)
_DRAWN = (None, "/XObject", "/Pattern")
_FILES = frozenset({"/F", "/UF", "/DOS", "/Mac", "/Unix"})
_OF_FILE = (*_FILES, "/Desc")


def forget(document: pikepdf.Pdf) -> None:
    """Keep the title; everything else that only tells about the document goes."""
    information = document.trailer.get("/Info")
    _take_away(document.trailer, "/Info")
    if isinstance(information, pikepdf.Dictionary):
        title = information.get("/Title")
        if isinstance(title, pikepdf.String):
            document.docinfo["/Title"] = title
    names = document.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        _take_away(names, "/EmbeddedFiles")
    _forget_signers(document)
    for one in document.objects:
        for part in _nested(one) if _MENTIONED.search(_written(one)) else ():
            _forget_in(part)
        if isinstance(one, pikepdf.Stream):
            _forget_camera(document, one)
            _forget_cameras_within(one)


def _forget_signers(document: pikepdf.Pdf) -> None:
    """Leave out signatures, with the names and addresses in them (§12.8).

    They hold for the very bytes that came, and what is written anew has others.
    """
    _take_away(document.Root, "/Perms", "/DSS")
    form = document.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        _take_away(form, "/SigFlags")


def _written(one: Any) -> bytes:
    """Write an object down, without those it refers to: looking there first is ten times faster."""
    if one is None:
        return b""
    dictionary = one.stream_dict if isinstance(one, pikepdf.Stream) else one
    return dictionary.unparse(resolved=True)


def _nested(thing: Any) -> Iterator[Any]:
    """Walk the dictionaries in an object, without those that are objects of their own."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            inner = list(one)
        elif isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
            yield one
            inner = [value for _key, value in one.items()]
        else:
            continue
        waiting += [
            value
            for value in inner
            if isinstance(value, (pikepdf.Array, pikepdf.Dictionary)) and not value.is_indirect
        ]


def _forget_in(one: Any) -> None:
    """Take away by what it is, not by its name alone: a font may be called /AF in a page."""
    for key, is_private in _PRIVATE.items():
        value = one.get(key)
        if value is not None and is_private(one, value):
            _take_away(one, key, *(_OF_FILE if key == "/EF" else ()))
    if one.get("/Subtype") == "/FileAttachment":
        _take_away(one, "/FS")


def _take_away(one: Any, *keys: str) -> None:
    for key in keys:
        if key in one:
            del one[key]


def _is_metadata(holder: Any, value: Any) -> bool:
    if not isinstance(value, pikepdf.Stream):
        return False
    is_xmp = value.get("/Type") == "/Metadata" or value.get("/Subtype") == "/XML"
    return is_xmp or (_is_described(holder) and "/Subtype" not in value)


def _is_piece_info(holder: Any, value: Any) -> bool:
    """Recognise what programs keep for themselves: a dictionary of each (§14.5)."""
    if not _is_described(holder) or not isinstance(value, pikepdf.Dictionary):
        return False
    return all(isinstance(inner, pikepdf.Dictionary) for _key, inner in value.items())


def _are_associated_files(_holder: Any, value: Any) -> bool:
    files = list(value) if isinstance(value, pikepdf.Array) else [value]
    return all(_is_file(one) for one in files)


def _is_date(_holder: Any, value: Any) -> bool:
    return isinstance(value, pikepdf.String)


def _are_embedded(_holder: Any, value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary) and all(
        key in _FILES and isinstance(inner, pikepdf.Stream) for key, inner in value.items()
    )


def _are_related(holder: Any, value: Any) -> bool:
    return _is_file(holder) and isinstance(value, pikepdf.Dictionary)


def _is_signature(holder: Any, value: Any) -> bool:
    """Recognise a field's signature; of what signs, its picture on the page stays."""
    if not isinstance(value, pikepdf.Dictionary):
        return False
    return holder.get("/FT") == "/Sig" or "/ByteRange" in value


def _names_program(_holder: Any, value: Any) -> bool:
    """Recognise which program made a layer (§8.11.4.4)."""
    return isinstance(value, pikepdf.Dictionary) and "/Creator" in value


def _is_file(value: Any) -> bool:
    if not isinstance(value, pikepdf.Dictionary):
        return False
    return value.get("/Type") in ("/Filespec", "/F") or "/EF" in value or "/UF" in value


def _is_described(holder: Any) -> bool:
    """Tell whether this may be described: a page or catalogue, an XObject, an annotation."""
    if isinstance(holder, pikepdf.Stream):
        return True
    return holder.get("/Type") in ("/Catalog", "/Page", "/Pages", "/Annot") or (
        "/Rect" in holder and "/Subtype" in holder
    )


_PRIVATE: dict[str, Callable[[Any, Any], bool]] = {
    "/Metadata": _is_metadata,
    "/PieceInfo": _is_piece_info,
    "/LastModified": _is_date,
    "/AF": _are_associated_files,
    "/EF": _are_embedded,
    "/RF": _are_related,
    "/V": _is_signature,
    "/CreatorInfo": _names_program,
}


_MENTIONED = re.compile(rf"(?:{'|'.join((*_PRIVATE, '/FileAttachment'))})\b".encode())


def _forget_camera(document: pikepdf.Pdf, image: pikepdf.Stream) -> None:
    """Write a photograph anew without its notes, whatever it is packed in besides."""
    filters = _listed(image.get("/Filter"))
    if not filters or filters[-1] not in _CLEAN:
        return
    parameters = _listed(image.get("/DecodeParms"))
    parameters += [None] * (len(filters) - len(parameters))
    data = image.read_raw_bytes()
    if len(filters) > 1:
        packed = pikepdf.Stream(document, data)
        packed.stream_dict["/Filter"] = pikepdf.Array(filters[:-1])
        packed.stream_dict["/DecodeParms"] = pikepdf.Array(parameters[: len(filters) - 1])
        data = packed.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    clean = _CLEAN[filters[-1]](data)
    if clean != data:
        of_photograph: Any = parameters[len(filters) - 1]
        image.write(clean, filter=filters[-1], decode_parms=of_photograph)


def _forget_cameras_within(drawing: pikepdf.Stream) -> None:
    """Blank the notes of photographs that stand within what a page or a form draws (§8.9.7)."""
    of_kinds = drawing.get("/Type") in _DRAWN and drawing.get("/Subtype") in (None, "/Form")
    if not of_kinds or "/Length1" in drawing:
        return
    try:
        data = bytearray(drawing.read_bytes())
    except pikepdf.PdfError:  # as of a filter that is unknown
        return
    begins = [match.end() for match in _PHOTOGRAPH_WITHIN.finditer(data)]
    for begin, end in pairwise([*begins, len(data)]):
        data[begin:end] = jpeg.with_blank_metadata(bytes(data[begin:end]))
    if begins:
        drawing.write(bytes(data))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]

"""Serving a stored file: Range requests, caching, and headers that keep it from doing anything."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Response, current_app, request
from werkzeug.http import is_resource_modified, quote_etag
from werkzeug.wsgi import FileWrapper

from lti_tool.core.web.problems import not_found
from lti_tool.media.delivery.storage import storage
from lti_tool.media.formats import ENDING_OF_MIME
from lti_tool.media.models import MediaFile, MediaItem

BLOCK_BYTES = 256 * 1024
_NO_BYTES = re.compile(r"\s*bytes\s*=\s*-0+\s*", re.IGNORECASE)
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def serve(item: MediaItem, file: MediaFile, *, download: bool) -> Response:
    """Serve the file in answer to the running request: GET or HEAD, whole or a range of it."""
    location: str = current_app.extensions["foyer.config"].accel_location
    if location:
        response = Response()
        internal = storage().internal_name(file.storage_key)
        response.headers["X-Accel-Redirect"] = f"{location.rstrip('/')}/{internal}"
    else:
        response = _from_disk(file)
    headers = response.headers
    headers["Content-Type"] = _content_type(file)
    headers["Content-Disposition"] = _disposition(item, file, download)
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Asked again each time, so that an ended session sees nothing more; the answer is then 304.
    headers["Cache-Control"] = "private, no-cache"
    return response


def _from_disk(file: MediaFile) -> Response:
    """Send a seekable body of our own.

    gunicorn's file wrapper would read from byte 0 to the range.
    """
    try:
        stream = storage().open(file.storage_key)
    except FileNotFoundError as missing:
        raise not_found() from missing
    response = Response(FileWrapper(stream, BLOCK_BYTES), direct_passthrough=True)
    response.content_length = file.size
    response.set_etag(file.id)
    response.last_modified = file.created_at
    response.call_on_close(stream.close)
    environ = dict(request.environ)
    wanted = _range(file)
    environ.pop("HTTP_RANGE", None)
    if wanted:
        environ["HTTP_RANGE"] = wanted
    response.make_conditional(environ, accept_ranges=True, complete_length=file.size)
    return response


def _range(file: MediaFile) -> str:
    """Read the Range that the answer goes by, in a form the library reads rightly; empty: none.

    RFC 9110 §14.2 lets a server leave out a Range that asks for more than one run of bytes.
    """
    if request.method != "GET" or _is_unchanged(file) or not _still_fits(file):
        return ""
    written = request.headers.get("Range", "")
    if _NO_BYTES.fullmatch(written):
        return f"bytes={file.size}-"  # as unsatisfiable, and the library takes it for a Range
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return ""
    ((begin, _end),) = wanted.ranges
    # §14.1.2: the last so many bytes of a shorter file are all of it.
    return "bytes=0-" if -begin > file.size else written


def _is_unchanged(file: MediaFile) -> bool:
    """Tell whether the browser has this very file, which goes before any Range (§13.2.2)."""
    etag, written = quote_etag(file.id), file.created_at
    return not is_resource_modified(request.environ, etag, last_modified=written)


def _still_fits(file: MediaFile) -> bool:
    """Compare If-Range strongly (§13.1.5): the same tag, not a weak one, or the very time."""
    if "If-Range" not in request.headers:
        return True
    known = request.if_range
    if known.date is not None:
        return known.date == file.created_at.replace(microsecond=0)
    return request.headers["If-Range"].strip() == quote_etag(file.id)


def _content_type(file: MediaFile) -> str:
    if file.content_type == "text/vtt":
        return "text/vtt; charset=utf-8"
    return file.content_type


def _disposition(item: MediaItem, file: MediaFile, download: bool) -> str:
    """Write the title as a file name: plain in the old form, whole in the new one (RFC 6266)."""
    ending = ENDING_OF_MIME.get(file.content_type, "bin")
    name = "".join(" " if char in '\\/:*?"<>|%;' else char for char in item.title).strip(" .")
    name = " ".join(name.split())[:100] or "media"
    plain = name.encode("ascii", "ignore").decode().strip() or "media"
    kind = "attachment" if download else "inline"
    return (
        f'{kind}; filename="{plain}.{ending}"; '
        f"filename*=UTF-8''{quote(f'{name}.{ending}', safe='')}"
    )

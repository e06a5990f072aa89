"""Handing a stored file over: ranges, caching, and headers that keep it from doing anything."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app, request
from werkzeug.wsgi import FileWrapper

from lti_tool.core.problems import not_found
from lti_tool.media.formats import ENDING_OF_MIME
from lti_tool.media.models import MediaFile, MediaItem
from lti_tool.media.storage import storage

BLOCK_BYTES = 256 * 1024
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def serve(item: MediaItem, file: MediaFile, *, download: bool) -> Response:
    """The file as a response to the running request: GET or HEAD, whole or a range of it."""
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
    """A seekable body of our own: gunicorn's file wrapper would read from byte 0 to the range."""
    try:
        stream = storage().open(file.storage_key)
    except FileNotFoundError as missing:
        raise not_found() from missing
    response = Response(FileWrapper(stream, BLOCK_BYTES), direct_passthrough=True)
    response.content_length = file.size
    response.set_etag(file.id)
    response.last_modified = file.created_at
    response.call_on_close(stream.close)
    response.make_conditional(_readable(), accept_ranges=True, complete_length=file.size)
    return response


def _readable() -> dict[str, Any]:
    """The request without a Range that asks for anything but one run of bytes; RFC 9110 §14.2
    lets a server answer such a request as if there were none."""
    environ = dict(request.environ)
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        environ.pop("HTTP_RANGE", None)
    return environ


def _content_type(file: MediaFile) -> str:
    if file.content_type == "text/vtt":
        return "text/vtt; charset=utf-8"
    return file.content_type


def _disposition(item: MediaItem, file: MediaFile, download: bool) -> str:
    """The title as a file name: plain in the old form, all of it in the new one (RFC 6266)."""
    ending = ENDING_OF_MIME.get(file.content_type, "bin")
    name = "".join(" " if char in '\\/:*?"<>|%;' else char for char in item.title).strip(" .")
    name = " ".join(name.split())[:100] or "media"
    plain = name.encode("ascii", "ignore").decode().strip() or "media"
    kind = "attachment" if download else "inline"
    return (
        f'{kind}; filename="{plain}.{ending}"; '
        f"filename*=UTF-8''{quote(f'{name}.{ending}', safe='')}"
    )

"""The built front end: names carry a content hash, so browsers may keep the files for good.

Beside each script and style sheet the build leaves a compressed copy, sent to whoever accepts it.
(A proxy in front does the same from the same files.)
"""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

ONE_YEAR = 365 * 86_400


def install(app: Flask) -> None:
    folder = Path(app.static_folder or "")

    def static(filename: str) -> Response:
        packed = f"{filename}.gz"
        accepts = request.accept_encodings.quality("gzip") > 0
        wants_packed = accepts and os.path.isfile(folder / packed)  # no error for endless names
        response = send_from_directory(
            folder,
            packed if wants_packed else filename,
            mimetype=mimetypes.guess_type(filename)[0],
            max_age=ONE_YEAR,
        )
        if wants_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        # Nothing of it is anybody's own, and a page in a sealed frame has another origin.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.cache_control.public = True
        response.cache_control.immutable = True
        return response

    app.view_functions["static"] = static

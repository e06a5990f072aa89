"""The tus 1.0.0 protocol (https://tus.io/protocols/resumable-upload) over ``uploads.py``.

It leaves out X-HTTP-Method-Override: every browser and every uploader of today can send PATCH.
"""

from __future__ import annotations

import base64
import binascii
from typing import BinaryIO, cast

from flask import Response, make_response, request
from flask_babel import gettext as _
from werkzeug.http import http_date

from lti_tool.core.web.json_body import json_body
from lti_tool.core.web.openapi import described
from lti_tool.core.web.problems import Problem
from lti_tool.core.web.urls import SESSION_PARAMETER, url
from lti_tool.media import slots
from lti_tool.media.blueprint import blueprint
from lti_tool.media.formats import Refused
from lti_tool.media.intake import uploads
from lti_tool.media.intake.probe import CannotExamine
from lti_tool.media.intake.problems import cannot_examine, file_problem, text_problem
from lti_tool.media.models import Upload
from lti_tool.media.rules import InvalidText
from lti_tool.media.schemas import FinishUpload, UploadFinished
from lti_tool.people.sessions import Principal, principal_for

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
ADDRESSES = "/api/v1/uploads"
BODY_TYPE = "application/offset+octet-stream"


@blueprint.after_request
def speak_tus(response: Response) -> Response:
    """Let refusals speak the protocol too; a 412 names the version that would be understood."""
    if request.path.startswith(ADDRESSES):
        response.headers["Tus-Resumable"] = VERSION
        if response.status_code == 412:
            response.headers["Tus-Version"] = VERSION
    return response


@blueprint.route("/api/v1/uploads", methods=["OPTIONS"])
@blueprint.route("/api/v1/uploads/<upload_id>", methods=["OPTIONS"])
@described("What this server can do of tus 1.0.0 (in headers)", status=204)
def upload_options(upload_id: str = "") -> Response:  # noqa: ARG001 - one answer for both
    response = _answer(204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = EXTENSIONS
    response.headers["Tus-Max-Size"] = str(uploads.size_limit())
    return response


@blueprint.post("/api/v1/uploads")
@described("Announce a resumable upload (tus); its address is in Location", status=201)
def create_upload() -> Response:
    """Announce an upload; its address comes back in Location."""
    _check_version()
    principal = adding_principal()
    size = _number("Upload-Length")
    if size == 0:
        raise Problem(400, "file-empty", _("The file is empty."))
    upload = uploads.begin(principal, _metadata().get("filename", ""), size)
    response = _answer(201)
    # Without the session's name: the upload is the person's and may go on in a later session.
    response.headers["Location"] = url(
        "media.upload_state", upload_id=upload.id, **{SESSION_PARAMETER: None}
    )
    response.headers["Upload-Expires"] = http_date(upload.expires_at)
    return response


@blueprint.route("/api/v1/uploads/<upload_id>", methods=["HEAD"])
@described("How much of an upload has arrived, in Upload-Offset (tus)")
def upload_state(upload_id: str) -> Response:
    """Tell how much has arrived."""
    _check_version()
    upload = uploads.mine(_owner(upload_id), upload_id)
    response = _answer(200)
    response.headers["Upload-Length"] = str(upload.size)
    return _with_offset(response, upload)


@blueprint.patch("/api/v1/uploads/<upload_id>")
@described("Take in the bytes from Upload-Offset on (tus)", status=204)
def receive_upload(upload_id: str) -> Response:
    """Receive the bytes from Upload-Offset on."""
    _check_version()
    principal = _owner(upload_id)
    if request.mimetype != BODY_TYPE:
        raise Problem(415, "unsupported-media-type", _("This format is not supported here"))
    offset = _number("Upload-Offset")
    length = request.content_length
    if length is not None and offset + length > uploads.mine(principal, upload_id).size:
        raise uploads.too_large()
    take_whole_files()
    uploads.receive(principal, upload_id, offset, cast(BinaryIO, request.stream))
    return _with_offset(_answer(204), uploads.mine(principal, upload_id))


@blueprint.delete("/api/v1/uploads/<upload_id>")
@described("Cancel an upload (tus)", status=204)
def discard_upload(upload_id: str) -> Response:
    """Cancel the upload and remove what has arrived."""
    _check_version()
    uploads.discard(_owner(upload_id), upload_id)
    return _answer(204)


@blueprint.post("/api/v1/uploads/<upload_id>/finish")
@described(
    "Make the item of an upload that has arrived",
    body=FinishUpload,
    answer=UploadFinished,
    status=201,
)
def finish_upload(upload_id: str) -> Response:
    """Look into the complete file and make the item, published in the session's course."""
    principal = _owner(upload_id)
    said = json_body(FinishUpload)
    try:
        item = uploads.finish(principal, upload_id, said.title, said.description)
    except Refused as refusal:
        raise file_problem(refusal) from refusal
    except CannotExamine as fault:
        raise cannot_examine() from fault
    except InvalidText as wrong:
        raise text_problem(wrong) from wrong
    address = slots.after_adding(principal, item) or url("media.page", media_id=item.id)
    finished = UploadFinished(media_id=item.id, address=address)
    return Response(finished.model_dump_json(), 201, mimetype="application/json")


def adding_principal() -> Principal:
    """Find the launch session, named in the address, that may add media.

    Raises Problem 404 or 403.
    """
    principal = principal_for(lambda one: one.kind == "launch", named=True)
    uploads.require_may_add(principal)
    return principal


def take_whole_files() -> None:
    """Let this request be as large as a file may be, once it is known who sends it.

    Everything else keeps the small limit, and a body that nobody may send is never read.
    """
    request.max_content_length = uploads.size_limit() + (1 << 20)


def _owner(upload_id: str) -> Principal:
    def owns(principal: Principal) -> bool:
        if principal.kind != "launch" or principal.person_id is None:
            return False
        try:
            uploads.mine(principal, upload_id)
        except Problem:
            return False
        return True

    return principal_for(owns, named=True)


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Problem(
            412,
            "tus-version",
            _("The request could not be understood"),
            f"Tus-Resumable: {VERSION}",
        )


def _number(header: str) -> int:
    raw = request.headers.get(header, "")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 15):
        raise Problem(400, "bad-request", _("The request could not be understood"), header)
    return int(raw)


def _metadata() -> dict[str, str]:
    """Read Upload-Metadata: pairs of a key and a base64 value, parted by commas."""
    found: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, encoded = pair.strip().partition(" ")
        if not key:
            continue
        try:
            found[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as wrong:
            raise Problem(
                400, "bad-request", _("The request could not be understood"), "Upload-Metadata"
            ) from wrong
    return found


def _answer(status: int) -> Response:
    response = make_response("", status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _with_offset(response: Response, upload: Upload) -> Response:
    response.headers["Upload-Offset"] = str(upload.received)
    response.headers["Upload-Expires"] = http_date(upload.expires_at)
    return response

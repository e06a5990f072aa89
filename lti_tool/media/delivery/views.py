"""Files and their addresses."""

from __future__ import annotations

from flask import Response, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.core import clock
from lti_tool.core.db.session import db
from lti_tool.core.web.openapi import described
from lti_tool.core.web.problems import not_found
from lti_tool.media import plays
from lti_tool.media.access import Access, Capability, authorize, capabilities, find
from lti_tool.media.blueprint import blueprint
from lti_tool.media.delivery import signed_urls
from lti_tool.media.delivery.serving import serve
from lti_tool.media.delivery.signed_urls import FileAddress, address, expiry
from lti_tool.media.models import MediaFile
from lti_tool.media.rules import FileRole
from lti_tool.media.schemas import CaptionsAddress, FileAddresses
from lti_tool.people.sessions import live_sessions_of


@blueprint.get("/files/<file_id>")
def file(file_id: str) -> Response:
    """Serve one file to whoever holds an address that is signed, running, and still allowed."""
    wanted = FileAddress(file_id, request.args.get("s", ""), request.args.get("d") == "1")
    if not signed_urls.holds(wanted, request.args.get("e", ""), request.args.get("k", "")):
        raise not_found()
    found = db.session.get(MediaFile, file_id)
    item = find(found.media_id) if found else None
    principal = next(iter(live_sessions_of([wanted.session_id])), None)
    if found is None or item is None or principal is None:
        raise not_found()
    needed = Capability.DOWNLOAD if wanted.download else Capability.VIEW
    if needed not in capabilities(principal, item):
        raise not_found()
    return serve(item, found, download=wanted.download)


@blueprint.get("/api/v1/media/<media_id>/files")
@described("Fresh addresses of an item's files", answer=FileAddresses)
def file_addresses(media_id: str) -> Response:
    """Sign fresh addresses, for a player whose own have run out.

    So somebody is still watching.
    """
    access = authorize(media_id, active=False)
    found = addresses_for(access)
    plays.go_on(access.principal, access.item)
    return Response(found.model_dump_json(), mimetype="application/json")


def addresses_for(access: Access) -> FileAddresses:
    """Sign the addresses of an item's files for the session that sees it."""
    files = db.session.scalars(
        select(MediaFile).where(MediaFile.media_id == access.item.id).order_by(MediaFile.language)
    ).all()
    by_role = {one.role: one for one in files}
    original = by_role.get(FileRole.ORIGINAL)
    if original is None:
        raise not_found()
    poster = by_role.get(FileRole.POSTER)
    may_download = Capability.DOWNLOAD in access.capabilities

    def of(one: MediaFile, *, download: bool = False) -> str:
        return address(FileAddress(one.id, access.principal.session_id, download))

    now = clock.now()
    ends = expiry(now)
    return FileAddresses(
        expires_at=ends,
        seconds=int((ends - now).total_seconds()),
        original=of(original),
        content_type=original.content_type,
        poster=of(poster) if poster else None,
        captions=[
            CaptionsAddress(address=of(one), language=one.language or "", label=one.label or "")
            for one in files
            if one.role == FileRole.CAPTIONS
        ],
        download=of(original, download=True) if may_download else None,
    )


@blueprint.get("/media/<media_id>/download")
def download(media_id: str) -> AnyResponse:
    """Redirect from the Download button's lasting address to one that is signed just now."""
    access = authorize(media_id, Capability.DOWNLOAD)
    signed = addresses_for(access).download
    if signed is None:
        raise not_found()
    return redirect(signed, 303)

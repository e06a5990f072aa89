"""The NRPS endpoint: the memberships of a course."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from sandbox.services import scopes
from sandbox.services.rosters import MembershipsRequest
from sandbox.web.current import current_platform
from sandbox.web.services import bearer
from sandbox.web.services.calls import service
from sandbox.web.services.routes import at_each

lists = Blueprint("rosters", __name__)


@at_each(lists, lambda product: product.routes.memberships, ["GET"])
@service("memberships")
@bearer.refusing
def memberships(**values: Any) -> ResponseReturnValue:
    """Who is in the course (Names and Role Provisioning Services 2.0)."""
    platform = current_platform()
    school, course = bearer.authorized_course((scopes.MEMBERSHIPS,), values)
    asked = MembershipsRequest(
        platform=platform,
        school=school,
        course=course,
        query=request.args.to_dict(),
        accept=request.headers.get("Accept", ""),
        address=request.base_url,
    )
    answer = platform.services.product.rosters.answer(asked)
    headers = {"Link": answer.links} if answer.links else {}
    return Response(answer.body, 200, headers, content_type=answer.media_type)

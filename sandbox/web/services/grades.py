"""The AGS endpoints: line items, results and scores of a course (AGS 2.0 §3.2 to §3.4)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from sandbox.services import grades, scopes, service_urls
from sandbox.services.gradebook import LineItem
from sandbox.services.grades import GradebookRequest, Grades
from sandbox.services.pages import Page
from sandbox.services.product_profiles import ProductProfile
from sandbox.services.refusals import ServiceRefused
from sandbox.web.current import current_platform
from sandbox.web.services import bearer
from sandbox.web.services.calls import service
from sandbox.web.services.routes import at_each

books = Blueprint("grades", __name__)

_READ = (scopes.LINEITEM, scopes.LINEITEM_READ)
_WRITE = (scopes.LINEITEM,)


@at_each(books, lambda product: product.routes.lineitems, ["GET", "POST"])
@service("lineitems")
@bearer.refusing
def lineitems(**values: Any) -> ResponseReturnValue:
    """Return the columns of a course; POST makes one."""
    if request.method == "POST":
        asked, service = _asked(_WRITE, values), _grades()
        made = service.create(asked, _body(grades.LINEITEM))
        return _item(asked, made, 201)
    asked, service = _asked(_READ, values), _grades()
    _check_accept(grades.LINEITEMS)
    return _page(service.list_items(asked, request.base_url), grades.LINEITEMS)


@at_each(books, lambda product: product.routes.lineitem, ["GET", "PUT", "DELETE"])
@service("lineitem")
@bearer.refusing
def lineitem(item: int, **values: Any) -> ResponseReturnValue:
    """One column."""
    if request.method == "GET":
        asked = _asked(_READ, values)
        _check_accept(grades.LINEITEM)
        return _item(asked, asked.item(item), 200)
    asked, service = _asked(_WRITE, values), _grades()
    column = asked.item(item)
    if request.method == "DELETE":
        service.delete(asked, column)
        return "", 204
    service.replace(asked, column, _body(grades.LINEITEM))
    return _item(asked, column, 200)


def _below(product: ProductProfile, name: str) -> str:
    return service_urls.below(product.routes.lineitem, name)


@at_each(books, lambda product: _below(product, "scores"), ["POST"])
@service("scores")
@bearer.refusing
def scores(item: int, **values: Any) -> ResponseReturnValue:
    """Take a score in."""
    asked, service = _asked((scopes.SCORE,), values), _grades()
    column = asked.item(item)
    result = service.score(asked, column, _body(grades.SCORE))
    answer = service.scored(asked, column, result)
    if answer is None:
        return "", 200
    return _json(answer, "application/json", 200)


@at_each(books, lambda product: _below(product, "results"), ["GET"])
@service("results")
@bearer.refusing
def results(item: int, **values: Any) -> ResponseReturnValue:
    """Tell what stands in a column."""
    asked, service = _asked((scopes.RESULT_READ,), values), _grades()
    _check_accept(grades.RESULTS)
    return _page(service.results(asked, asked.item(item), request.base_url), service.results_type)


def _grades() -> Grades:
    return current_platform().services.product.grades


def _asked(allowed: tuple[str, ...], values: dict[str, Any]) -> GradebookRequest:
    school, course = bearer.authorized_course(allowed, values)
    return GradebookRequest(current_platform(), school, course, request.args.to_dict())


def _body(media_type: str) -> dict[str, Any]:
    status = _grades().wrong_type
    if status and request.mimetype != media_type:
        raise ServiceRefused(status, f"the Content-Type must be {media_type}")
    try:
        body = json.loads(request.get_data())
    except ValueError as error:
        raise ServiceRefused(400, "the body is not JSON") from error
    if not isinstance(body, dict):
        raise ServiceRefused(400, "the body is not an object")
    return body


def _check_accept(media_type: str) -> None:
    status = _grades().wrong_accept
    if status and media_type not in request.accept_mimetypes.values():
        raise ServiceRefused(status, f"Accept must name {media_type}")


def _item(asked: GradebookRequest, item: LineItem, status: int) -> Response:
    return _json(_grades().told(asked, item), grades.LINEITEM, status)


def _page(page: Page[dict[str, Any]], media_type: str) -> Response:
    answer = _json(list(page.items), media_type, 200)
    if page.links:
        answer.headers["Link"] = page.links.encode("utf-8").decode("latin-1")
    return answer


def _json(body: object, media_type: str, status: int) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=media_type)

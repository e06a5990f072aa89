"""Errors that people can read, and programs too (RFC 9457).

A ``Problem`` raised anywhere in a view or a verb becomes an RFC 9457 document for JSON requests
and a page for people; both carry a reference id that the log repeats.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, g, make_response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException

from lti_tool.core.logs import log, where
from lti_tool.core.web import headers, pages


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of a form or of a JSON body."""

    field: str
    message: str


class Problem(Exception):
    """A refusal with a status, a title and what to do now.

    Never carries a secret. ``retry_after`` is in seconds.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str = "",
        *,
        errors: list[FieldError] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(slug)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.errors = errors or []
        self.retry_after = retry_after


def not_found() -> Problem:
    """Make the one answer for an id that is unknown and for one that is not yours to see."""
    return Problem(
        404,
        "not-found",
        _("There is nothing to see here"),
        _("Open it from your course or from your invitation link."),
    )


def invalid(errors: list[FieldError]) -> Problem:
    return Problem(
        422, "invalid", _("Some fields need your attention"), errors[0].message, errors=errors
    )


_HTTP = {
    400: (
        "bad-request",
        lazy_gettext("The request could not be understood"),
        lazy_gettext("Go back and try again."),
    ),
    403: (
        "forbidden",
        lazy_gettext("This is not allowed"),
        lazy_gettext("Open the page again from your course."),
    ),
    404: (
        "not-found",
        lazy_gettext("There is nothing to see here"),
        lazy_gettext("Open it from your course or from your invitation link."),
    ),
    405: (
        "method-not-allowed",
        lazy_gettext("That is not possible here"),
        lazy_gettext("Open the page again from your course."),
    ),
    413: (
        "too-large",
        lazy_gettext("That was too large"),
        lazy_gettext("Send less at once."),
    ),
    415: (
        "unsupported-media-type",
        lazy_gettext("This format is not supported here"),
        lazy_gettext("See the documentation for the right format."),
    ),
    429: (
        "too-many-requests",
        lazy_gettext("Too many attempts in a short time"),
        lazy_gettext("Wait a moment, then try again."),
    ),
}


def _from_http(error: HTTPException) -> Problem:
    status = error.code or 500
    retry_after = getattr(error, "retry_after", None)
    if status >= 500:
        return _unexpected()
    slug, title, detail = _HTTP.get(status, _HTTP[400])
    seconds = retry_after if isinstance(retry_after, int) else (60 if status == 429 else None)
    return Problem(status, slug, str(title), str(detail), retry_after=seconds)


def _unexpected() -> Problem:
    return Problem(
        500,
        "unexpected",
        _("Something went wrong on our side"),
        _(
            "Nothing you did is lost. Try again; if it keeps happening, tell the people who run"
            " this tool."
        ),
    )


def wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def respond(problem: Problem) -> Response:
    if wants_json():
        response = make_response(_document(problem))
        response.mimetype = "application/problem+json"
    else:
        _let_it_be_read()
        response = _page(problem)
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _page(problem: Problem) -> Response:
    try:
        page = pages.render("core/problem.html", problem=problem, reference=g.request_id)
    except Exception as error:
        # What made the request fail may make its page fail too: the database, the front end.
        log.error("no page", error=type(error).__name__, where=where(error))
        plain = make_response("\n\n".join((problem.title, problem.detail, g.request_id)))
        plain.mimetype = "text/plain"
        return plain
    return make_response(page)


def _let_it_be_read() -> None:
    """Let any site frame a page without a session that holds no action.

    Without a session nobody knows which LMS frames us, and the reader would see a blank frame.
    Invitation pages are never framed.
    """
    if "frame_ancestors" not in g and not request.path.startswith(("/i/", "/g/")):
        headers.allow_framing(("*",))


def _document(problem: Problem) -> dict[str, object]:
    document: dict[str, object] = {
        "type": f"urn:foyer:problem:{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "reference": g.request_id,
    }
    if problem.errors:
        document["errors"] = [
            {"field": error.field, "message": error.message} for error in problem.errors
        ]
    return document


def install(app: Flask) -> None:
    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        log.info("refused", slug=problem.slug, status=problem.status)
        return respond(problem)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            return make_response(error.get_response())
        problem = _from_http(error)
        log.info("refused", slug=problem.slug, status=problem.status)
        response = respond(problem)
        # A 405 names what is allowed, a 416 how long the file is.
        response.headers.extend(
            (name, value)
            for name, value in error.get_headers()
            if name in ("Allow", "Content-Range")
        )
        return response

    @app.errorhandler(DataError)
    @app.errorhandler(UnicodeEncodeError)
    def on_unstorable(error: Exception) -> Response:
        # A NUL, half a character or an endless number: what was sent fits no column.
        log.error("unstorable", error=type(error).__name__, where=where(error))
        return respond(_from_http(BadRequest()))

    @app.errorhandler(Exception)
    def on_exception(error: Exception) -> Response:
        # The message of an exception may quote what somebody sent; only its place is logged.
        log.error("failed", error=type(error).__name__, where=where(error))
        return respond(_unexpected())

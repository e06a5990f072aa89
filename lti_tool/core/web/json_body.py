"""What comes in as JSON, checked by a room's schema before any verb sees it."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from flask_babel import gettext as _
from pydantic import BaseModel, ValidationError

from lti_tool.core.web.problems import FieldError, Problem, invalid

Body = TypeVar("Body", bound=BaseModel)


def json_body(kind: type[Body]) -> Body:
    """Read the request's JSON as ``kind``.

    Raises Problem 400 for what is no object, 422 naming each field at fault: one of ``kind``, or
    ``body`` for whatever has no place in it. What was sent is never repeated in the answer.
    """
    try:
        data: Any = request.get_json(silent=True)
    except RecursionError:  # brackets in brackets in brackets
        data = None
    if not isinstance(data, dict):
        raise Problem(400, "not-json", _("The request could not be understood"))
    try:
        return kind.model_validate(data)
    except ValidationError as wrong:
        named = (str(error["loc"][0]) if error["loc"] else "" for error in wrong.errors())
        fields = dict.fromkeys(name if name in kind.model_fields else "body" for name in named)
        raise invalid([FieldError(name, _("This cannot be read.")) for name in fields]) from wrong

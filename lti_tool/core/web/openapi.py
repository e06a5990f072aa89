"""OpenAPI at ``/api/v1/openapi.json``: the JSON API, described by the schemas that check it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, jsonify
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

PREFIX = "/api/v1/"
_REFERENCE = "#/components/schemas/{model}"

View = TypeVar("View", bound=Callable[..., Any])
blueprint = Blueprint("openapi", __name__)


class FieldProblem(BaseModel):
    """One field at fault."""

    field: str
    message: str


class ProblemDocument(BaseModel):
    """Every refusal of the API (RFC 9457).

    ``reference`` is what the log calls the request.
    """

    type: str
    title: str
    status: int
    detail: str
    reference: str
    errors: list[FieldProblem] = []


@dataclass(frozen=True)
class Described:
    """What a view of the API takes and gives."""

    summary: str
    body: type[BaseModel] | None
    answer: type[BaseModel] | None
    status: tuple[int, ...]
    query: tuple[str, ...]


def described(
    summary: str,
    *,
    body: type[BaseModel] | None = None,
    answer: type[BaseModel] | None = None,
    status: int | tuple[int, ...] = 200,
    query: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Say what a view of the API takes and gives; a test finds those that do not.

    Where a view answers with one of several statuses, the answer is the same in each.
    """
    statuses = status if isinstance(status, tuple) else (status,)

    def mark(view: View) -> View:
        view._described = Described(summary, body, answer, statuses, query)  # type: ignore[attr-defined]
        return view

    return mark


def description_of(endpoint: str) -> Described | None:
    return getattr(current_app.view_functions[endpoint], "_described", None)


def api_rules() -> Iterator[Rule]:
    """Give every route of the API, by address."""
    rules = (rule for rule in current_app.url_map.iter_rules() if rule.rule.startswith(PREFIX))
    return iter(sorted(rules, key=lambda rule: rule.rule))


@blueprint.get("/api/v1/openapi.json")
@described("This document")
def openapi() -> Response:
    return jsonify(document())


def document() -> dict[str, Any]:
    """Write the OpenAPI 3.1 document of the routes that are installed."""
    models: list[type[BaseModel]] = [ProblemDocument]
    paths: dict[str, dict[str, Any]] = {}
    for rule in api_rules():
        told = description_of(rule.endpoint)
        if told is None:
            continue
        models += [model for model in (told.body, told.answer) if model is not None]
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in _own_methods(rule):
            paths.setdefault(address, {})[method.lower()] = _operation(rule, told)
    unique = [(model, "serialization") for model in dict.fromkeys(models)]
    _names, schemas = models_json_schema(unique, ref_template=_REFERENCE)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Foyer",
            "version": "1",
            "description": "Calls are made in a tool session: its cookie, and its handle as “as”.",
        },
        "paths": paths,
        "components": {"schemas": schemas["$defs"]},
    }


def _own_methods(rule: Rule) -> list[str]:
    """Leave out the methods that the framework adds: OPTIONS, and HEAD beside every GET."""
    methods = (rule.methods or set()) - {"OPTIONS"}
    return sorted(methods - {"HEAD"} if "GET" in methods else methods)


def _operation(rule: Rule, told: Described) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in sorted(rule.arguments)
    ] + [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("as", *told.query)
    ]
    answer: dict[str, Any] = {"description": told.summary}
    if told.answer is not None:
        answer["content"] = _content("application/json", told.answer)
    operation: dict[str, Any] = {
        "summary": told.summary,
        "operationId": rule.endpoint,
        "parameters": parameters,
        "responses": {
            **{str(status): answer for status in told.status},
            "default": {
                "description": "A refusal",
                "content": _content("application/problem+json", ProblemDocument),
            },
        },
    }
    if told.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": _content("application/json", told.body),
        }
    return operation


def _content(kind: str, model: type[BaseModel]) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}

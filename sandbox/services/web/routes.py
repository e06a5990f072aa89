"""One view under the addresses of every product; only those of the product in play are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from sandbox.here import platform
from sandbox.services.habits import PRODUCTS, Habits

View = Callable[..., ResponseReturnValue]


def at_each(
    blueprint: Blueprint, route_of: Callable[[Habits], str], methods: list[str]
) -> Callable[[View], View]:
    """Register a view at the product's route of each product."""

    def registered(view: View) -> View:
        routes: dict[str, set[str]] = {}
        for habits in PRODUCTS.values():
            routes.setdefault(route_of(habits), set()).add(habits.name)
        for number, (route, names) in enumerate(routes.items()):
            blueprint.add_url_rule(
                route, f"{view.__name__}_{number}", _only(names, view), methods=methods
            )
        return view

    return registered


def _only(names: set[str], view: View) -> View:
    def guarded(**values: Any) -> ResponseReturnValue:
        if platform().services.habits.name not in names:
            abort(404)
        return view(**values)

    return guarded

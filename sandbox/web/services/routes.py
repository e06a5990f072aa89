"""One view under the URLs of every product; only those of the product in play are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from sandbox.services import service_urls
from sandbox.services.product_profiles import PRODUCTS, ProductProfile
from sandbox.web.current import current_platform

View = Callable[..., ResponseReturnValue]


def at_each(
    blueprint: Blueprint, route_of: Callable[[ProductProfile], str], methods: list[str]
) -> Callable[[View], View]:
    """Register a view at the product's route of each product."""

    def registered(view: View) -> View:
        routes: dict[str, set[str]] = {}
        for product in PRODUCTS.values():
            routes.setdefault(route_of(product), set()).add(product.name)
        for number, (route, names) in enumerate(routes.items()):
            path, _, query = route.partition("?")
            blueprint.add_url_rule(
                path,
                f"{view.__name__}_{number}",
                _only(names, view, service_urls.parameters(query)),
                methods=methods,
            )
        return view

    return registered


def _only(names: set[str], view: View, parameters: dict[str, str]) -> View:
    def guarded(**values: Any) -> ResponseReturnValue:
        if current_platform().services.product.name not in names:
            abort(404)
        asked = {name: request.args.get(parameter, "") for name, parameter in parameters.items()}
        return view(**values, **asked)

    return guarded

"""Saying, on every page of a session, what is unusual about who sits there (impersonation)."""

from __future__ import annotations

from flask import Flask, g
from markupsafe import Markup

from lti_tool.core.web.pages import render
from lti_tool.people.sessions import Principal


def install(app: Flask) -> None:
    app.jinja_env.globals["who_sits_here"] = who_sits_here


def who_sits_here() -> Markup:
    """Draw a strip for above the page; empty where somebody is simply themselves in a course."""
    principal: Principal | None = g.get("foyer_principal")
    if principal is None or principal.kind != "launch":
        return Markup()
    if principal.impersonation is None and not principal.without_role:
        return Markup()
    page = render("people/_sits_here.html", principal=principal)
    return Markup(page)  # noqa: S704 – rendered by Jinja, which escapes

"""The administration's pages of tools: register one, and finish as the product does."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.services import scopes
from sandbox.services.registrations import Pressed, Tool
from sandbox.web.current import current_platform

tool_pages = Blueprint("admin", __name__, url_prefix="/admin/tools")
certification_page = Blueprint("certification", __name__)

FIRST_STEPS = {
    "sakai": "Administration workspace → External Tools → Install LTI Advantage tool",
    "canvas": "Admin → Apps → Manage → Install a new app",
    "moodle": "Site administration → Plugins → External tool → Manage tools",
}


@tool_pages.before_request
def own_pages_only() -> None:
    """No other site's page may press a button here."""
    whence = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method == "POST" and whence not in ("same-origin", "none"):
        abort(403, "This form is for the sandbox's own pages.")


@tool_pages.get("")
def tools() -> ResponseReturnValue:
    """Tell what every school has, and a field for one more."""
    platform = current_platform()
    return render_template(
        "tools.html",
        profile=platform.profile,
        steps=FIRST_STEPS.get(platform.services.product.name, "Administration → Tools"),
        schools=[(school, _tools_of(school.key)) for school in platform.schools],
        waiting=[one for one in platform.services.registrar.pressed.values() if _waits(one)],
        address=f"{platform.tool_url}/lti/register",
        button=platform.services.product.registry.button,
        done=request.args.get("done"),
    )


@tool_pages.post("")
def press() -> ResponseReturnValue:
    """Start: the tool's page is opened in a frame."""
    platform = current_platform()
    school = platform.school(request.form.get("school"))
    update = bool(request.form.get("update"))
    address = request.form.get("address", "").strip()
    if address and urlsplit(address).scheme not in ("http", "https"):
        abort(400, "The tool's address must begin with https://.")
    pressed = platform.services.registrar.begin(school, address, update=update)
    return redirect(url_for("admin.registering", pressed=pressed.id))


@tool_pages.get("/<pressed>")
def registering(pressed: str) -> ResponseReturnValue:
    """Return the tool's page in a frame, or in a frame of a frame."""
    platform = current_platform()
    one = platform.services.registrar.find(pressed)
    registry = platform.services.product.registry
    return render_template(
        "registering.html",
        pressed=one,
        source=url_for("admin.inner", pressed=pressed) if registry.nested else one.url,
        listens=not registry.nested,
        registry=registry,
        origin=_origin(one),
        school=platform.school(one.school),
    )


@tool_pages.get("/<pressed>/frame")
def inner(pressed: str) -> ResponseReturnValue:
    """Return the frame around the tool's, of products that have one."""
    platform = current_platform()
    one = platform.services.registrar.find(pressed)
    registry = platform.services.product.registry
    return render_template(
        "registering_frame.html", pressed=one, registry=registry, origin=_origin(one)
    )


@tool_pages.get("/<pressed>/finish")
def confirm(pressed: str) -> ResponseReturnValue:
    """Tell what the tool asks for, to be agreed to."""
    platform = current_platform()
    one = platform.services.registrar.find(pressed)
    registry = platform.services.product.registry
    privacy = registry.privacy(one.tool) if one.tool else ""
    return render_template(
        "finish.html",
        pressed=one,
        tool=one.tool,
        registry=registry,
        names=scopes.NAMES,
        scopes=str(one.tool.request.get("scope") or "").split() if one.tool else [],
        privacies=platform.profile.privacies,
        privacy=privacy,
        school=platform.school(one.school),
        product=platform.services.product.name,
    )


@tool_pages.post("/<pressed>/finish")
def finish(pressed: str) -> ResponseReturnValue:
    """Save, install, activate."""
    registrar = current_platform().services.registrar
    one = registrar.find(pressed)
    registrar.finish(
        one,
        allowed=request.form.getlist("scope"),
        privacy=request.form.get("privacy", ""),
    )
    return redirect(url_for("admin.tools", done=one.id))


@tool_pages.post("/use/<client_id>")
def use(client_id: str) -> ResponseReturnValue:
    """Launch by another of the school's registrations."""
    registrar = current_platform().services.registrar
    registrar.use(registrar.tool(client_id))
    return redirect(url_for("admin.tools"))


@certification_page.get("/certification")
def certification() -> ResponseReturnValue:
    """Tell what the certification has seen of the tool's services."""
    return render_template("certification.html", checks=current_platform().services.checklist())


def _tools_of(school: str) -> list[tuple[Tool, bool]]:
    """Return the school's registrations, and which one is in use."""
    platform = current_platform()
    known = platform.school(school)
    own = [tool for tool in platform.services.registrar.tools if tool.school == school]
    if known.client_id not in {tool.client_id for tool in own}:
        own.insert(0, Tool(school, known.client_id, known.deployment_id))
    return [(tool, tool.client_id == known.client_id) for tool in own]


def _waits(pressed: Pressed) -> bool:
    return pressed.state == "registered"


def _origin(pressed: Pressed) -> str:
    """Return the only one that may say that it is done, where that matters."""
    if not current_platform().services.product.registry.checks_origin:
        return ""
    parts = urlsplit(pressed.url)
    return f"{parts.scheme}://{parts.netloc}"

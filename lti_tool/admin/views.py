"""``/settings``: what the institution decides, for its administrators."""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool.admin.change import change_settings, wrong_values
from lti_tool.admin.form import NO_LIMIT, SHOWN, UNIT, typed_anew
from lti_tool.core.db.session import db
from lti_tool.core.institutions import UNIT_NAMES, Institution, Setting, registry, settings_of
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import FieldError, invalid, wants_json
from lti_tool.core.web.urls import url
from lti_tool.media import slots
from lti_tool.media.access import Capability, capabilities, find
from lti_tool.media.models import MediaItem
from lti_tool.media.slots import MenuItem
from lti_tool.people import sessions
from lti_tool.people.rules import Standing
from lti_tool.people.sessions import Principal

blueprint = Blueprint("admin", __name__)


def _is_administrator(principal: Principal) -> bool:
    return principal.kind == "launch" and principal.standing is Standing.ADMINISTRATOR


@blueprint.get("/settings")
def settings() -> str:
    principal = sessions.principal_for(_is_administrator, named=True)
    changed = request.args.get("changed", "")
    fits = changed.isdecimal() and len(changed) < 4
    return _page(principal, {}, {}, changed if fits else "")


@blueprint.post("/settings")
def save() -> Response:
    """Change what was typed anew; as a form, or by the page's script, which is answered in JSON."""
    principal = sessions.principal_for(_is_administrator)
    written = typed_anew(request.form)
    errors = wrong_values(written)
    if errors and wants_json():
        raise invalid([FieldError(name, wrong) for name, wrong in errors.items()])
    if errors:
        return make_response(_page(principal, written, errors), 422)
    changed = change_settings(principal.institution_id, written, principal.actor)
    if wants_json():
        return jsonify(changed=changed, values=_in_force(principal))
    return redirect(url("admin.settings", changed=changed, media=request.args.get("media")), 303)


def _in_force(principal: Principal) -> dict[str, str]:
    values = settings_of(principal.institution_id)
    return {name: item.show(values[name]) for name, item in registry().items()}


def _page(
    principal: Principal, typed: dict[str, str], errors: dict[str, str], changed: str = ""
) -> str:
    groups: dict[str, list[tuple[Setting, str, str, str]]] = {}
    stored = _in_force(principal)
    for name, item in registry().items():
        row = (item, typed.get(name, stored[name]), stored[name], errors.get(name, ""))
        groups.setdefault(str(item.group), []).append(row)
    return render(
        "admin/settings.html",
        institution=db.session.get_one(Institution, principal.institution_id),
        groups=list(groups.items()),
        shown_prefix=SHOWN,
        unit_suffix=UNIT,
        no_limit_suffix=NO_LIMIT,
        unit_names=UNIT_NAMES,
        item=_came_from(principal),
        back=slots.after_adding(principal, None),
        saved=bool(changed),
        changed=int(changed or 0),
    )


def _came_from(principal: Principal) -> MediaItem | None:
    """Find the item on whose page the link to the settings was followed."""
    item = find(request.args.get("media", ""))
    if item is None or Capability.VIEW not in capabilities(principal, item):
        return None
    return item


def settings_address(principal: Principal, media: str | None = None) -> str:
    """Give the way to the settings, empty for whoever is no administrator."""
    return url("admin.settings", media=media) if _is_administrator(principal) else ""


def settings_entry(principal: Principal, item: MediaItem) -> MenuItem | None:
    """Make what an administrator finds in a media page's menu: the way to the settings."""
    address = settings_address(principal, item.id)
    if not address:
        return None
    return MenuItem(order=slots.SETTINGS, label=_("Settings"), symbol="settings", href=address)

"""/settings: what the institution decides, for its administrators."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from lti_tool.admin.change import change_settings, wrong_values
from lti_tool.core.database import db
from lti_tool.core.institutions import Institution, Setting, registry, settings_of
from lti_tool.core.web import render, url
from lti_tool.media.models import MediaItem
from lti_tool.people import sessions
from lti_tool.people.rules import Standing
from lti_tool.people.sessions import Viewer

blueprint = Blueprint("admin", __name__)


def _is_administrator(viewer: Viewer) -> bool:
    return viewer.kind == "launch" and viewer.standing is Standing.ADMINISTRATOR


@blueprint.get("/settings")
def settings() -> str:
    viewer = sessions.viewer_for(_is_administrator)
    changed = request.args.get("changed", "")
    fits = changed.isdecimal() and len(changed) < 4
    return _page(viewer, _in_force(viewer), {}, changed if fits else "")


@blueprint.post("/settings")
def save() -> Response:
    viewer = sessions.viewer_for(_is_administrator)
    # A switch that is off sends nothing; a form that was sent speaks of every setting.
    written = {
        name: request.form.get(name, "off" if item.kind == "switch" else "")
        for name, item in registry().items()
    }
    errors = wrong_values(written)
    if errors:
        return make_response(_page(viewer, written, errors), 422)
    changed = change_settings(viewer.institution_id, written, viewer.actor)
    return redirect(url("admin.settings", changed=changed), 303)


def _in_force(viewer: Viewer) -> dict[str, str]:
    values = settings_of(viewer.institution_id)
    return {name: item.show(values[name]) for name, item in registry().items()}


def _page(viewer: Viewer, values: dict[str, str], errors: dict[str, str], changed: str = "") -> str:
    groups: dict[str, list[tuple[Setting, str, str]]] = {}
    for name, item in registry().items():
        row = (item, values[name], errors.get(name, ""))
        groups.setdefault(str(item.group), []).append(row)
    return render(
        "admin/settings.html",
        institution=db.session.get_one(Institution, viewer.institution_id),
        groups=list(groups.items()),
        saved=bool(changed),
        changed=int(changed or 0),
    )


def settings_link(viewer: Viewer, _item: MediaItem) -> Markup | None:
    """What an administrator sees on a media page: the way to the settings."""
    if not _is_administrator(viewer):
        return None
    return Markup(render("admin/_link.html"))  # noqa: S704 – rendered by Jinja, which escapes

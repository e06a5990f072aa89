"""The media page, its Delete, and the page for adding."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Response, make_response, redirect, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.core.web.csrf import is_framed
from lti_tool.core.web.json_body import json_body
from lti_tool.core.web.openapi import described
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import not_found
from lti_tool.core.web.urls import url
from lti_tool.media import deleting, formats, listing, plays, previews, rules, slots
from lti_tool.media.access import (
    Access,
    Capability,
    authorize,
    capabilities,
    find,
    keep_in_mind,
    may_undo_own_deletion,
)
from lti_tool.media.blueprint import blueprint
from lti_tool.media.delivery.views import addresses_for
from lti_tool.media.formats import Reason, Refused
from lti_tool.media.intake import uploads
from lti_tool.media.intake.concurrency import EXAMINING, RECEIVING
from lti_tool.media.intake.ingest import Particulars, add_file
from lti_tool.media.intake.messages import early_refusals, sentence
from lti_tool.media.intake.probe import CannotExamine
from lti_tool.media.intake.problems import cannot_examine, complaint
from lti_tool.media.intake.tus_views import adding_principal, take_whole_files
from lti_tool.media.models import MediaItem
from lti_tool.media.rules import InvalidText
from lti_tool.media.schemas import Endings, Play, PlayCounted, StillOpen
from lti_tool.media.slots import MenuItem
from lti_tool.people.sessions import Principal

TEASER_LENGTH = 240
EXAMINING_WAIT = 60


@blueprint.get("/media/<media_id>")
@slots.told_when_ended
def page(media_id: str) -> str:
    """Show the item to whoever may see it; to its owner, what was deleted and how to undo that."""
    item = find(media_id)
    if item is not None and item.deleted_at is not None:
        return _deleted_page(authorize(media_id, Capability.RESTORE), deleting.undo_until(item))
    look = previews.look_at(authorize(media_id), request.args.get(previews.PARAMETER))
    access = look.access
    viewing_id = "" if look.is_preview else plays.open_viewing(access.principal, access.item)
    keep_in_mind(access)
    return render(
        "media/page.html",
        item=access.item,
        owner=listing.owner_names([access.item])[access.item.id],
        files=addresses_for(access),
        viewing_id=viewing_id,
        length=rules.running_time(access.item.duration_ms),
        plays=_plays(access.item),
        description=_split(access.item.description),
        menu=slots.menu(access.principal, access.item),
        slots=_shown(access) | {"strip": previews.strip(look) + _strips(access)},
        guest=access.principal.kind == "guest",
        in_frame=access.principal.kind == "launch" and is_framed() is not False,
    )


def _shown(access: Access) -> dict[str, Any]:
    """Collect what the rooms above show on the page."""
    page, who, item = slots.media_page_slots(), access.principal, access.item
    return {
        "stage": next(iter(slots.filled(page.stage, who, item)), None),
        "panels": slots.filled(page.panel, who, item),
        "scripts": slots.filled(page.script, who, item),
        "back": slots.markup(page.back, who, item),
        "tools": slots.markup(page.tools, who, item),
        "dialogs": slots.markup(page.dialog, who, item),
    }


def _strips(access: Access) -> Markup:
    return slots.markup(slots.media_page_slots().strip, access.principal, access.item)


@blueprint.post("/api/v1/media/<media_id>/plays")
@described("Count a viewing as a play, once", body=Play, answer=PlayCounted)
def count_play(media_id: str) -> Response:
    """Count the viewing as a play, once."""
    access = authorize(media_id)
    said = json_body(Play)
    counted = plays.count_play(access.principal, access.item, said.viewing_id)
    item = find(media_id)
    if item is None:
        raise not_found()
    answer = PlayCounted(plays=item.plays, counted=counted, label=_plays(item))
    return Response(answer.model_dump_json(), mimetype="application/json")


@blueprint.get("/api/v1/media/<media_id>/state")
@described("Whether the session may still see an item", answer=StillOpen)
def state(media_id: str) -> Response:
    """Tell an open page whether it may stay: it asks by itself, so that is no sign of life."""
    authorize(media_id, active=False, named=True)
    return Response(StillOpen().model_dump_json(), mimetype="application/json")


@blueprint.get("/api/v1/media/<media_id>/endings")
@described("What deleting an item would end, now, and who could undo it", answer=Endings)
def endings(media_id: str) -> Response:
    access = authorize(media_id, Capability.DELETE)
    told = Endings(
        endings=_endings(access.principal, access.item),
        undo=_undo(access.principal, access.item),
    )
    return Response(told.model_dump_json(), mimetype="application/json")


@blueprint.get("/media/<media_id>/delete")
def ask_delete(media_id: str) -> str:
    """Ask before Delete, for browsers without script."""
    access = authorize(media_id, Capability.DELETE)
    return render(
        "media/delete.html",
        item=access.item,
        endings=_endings(access.principal, access.item),
        undo=_undo(access.principal, access.item),
    )


@blueprint.post("/media/<media_id>/delete")
def delete(media_id: str) -> AnyResponse:
    access = authorize(media_id, Capability.DELETE)
    deleting.delete_item(access.principal, access.item)
    if Capability.RESTORE in capabilities(access.principal, access.item):
        return redirect(url("media.page", media_id=media_id), 303)
    return make_response(_deleted_page(access, None))


@blueprint.post("/media/<media_id>/restore")
def restore(media_id: str) -> AnyResponse:
    access = authorize(media_id, Capability.RESTORE)
    deleting.restore_item(access.principal, access.item)
    return redirect(url("media.page", media_id=media_id), 303)


@blueprint.get("/media/new")
def new() -> str:
    """Show the upload page."""
    return _new_page(adding_principal())


@blueprint.post("/media/new")
def add() -> AnyResponse:
    """Take the upload form without script: one request with the whole file."""
    principal = adding_principal()
    course_id = uploads.require_may_add(principal)
    with RECEIVING.place(principal.person_id):
        return _take_form(principal, course_id)


def _take_form(principal: Principal, course_id: str) -> AnyResponse:
    take_whole_files()
    sent = request.files.get("file")
    title = request.form.get("title", "")
    description = request.form.get("description", "")
    if sent is None or not sent.filename:
        return _refused_page(principal, {"file": _("Please choose a file.")})
    particulars = Particulars(
        institution_id=principal.institution_id,
        registration_id=principal.registration_id,
        owner_person_id=principal.person_id,
        owner_name=principal.person_name,
        course_id=course_id,
        title=title or formats.title_from_filename(sent.filename),
        description=description,
    )
    try:
        item = _add(sent, particulars, principal)
    except Refused as refusal:
        return _refused_page(principal, {"file": sentence(refusal)})
    except CannotExamine as fault:
        raise cannot_examine() from fault
    except InvalidText as wrong:
        return _refused_page(principal, {wrong.field: complaint(wrong)})
    return redirect(slots.after_adding(principal, item) or url("media.page", media_id=item.id), 303)


def _add(sent: FileStorage, particulars: Particulars, principal: Principal) -> MediaItem:
    with tempfile.NamedTemporaryFile(prefix="foyer-form-") as kept:
        sent.save(kept)
        kept.flush()
        if kept.tell() > uploads.size_limit():
            raise Refused(Reason.TOO_LARGE)
        # Waits, because the browser would have to send the whole file again.
        with EXAMINING.place(principal.person_id, wait=EXAMINING_WAIT):
            return add_file(Path(kept.name), sent.filename or "", particulars, principal.actor)


def _new_page(principal: Principal, errors: dict[str, str] | None = None) -> str:
    return render(
        "media/new.html",
        principal=principal,
        back=slots.after_adding(principal, None),
        errors=errors or {},
        values=request.form,
        limit=uploads.size_limit(),
        accept=",".join(["video/*", "audio/*", *sorted(f".{one}" for one in formats.ENDINGS)]),
        early_refusals=early_refusals(),
        title_length=rules.TITLE_LENGTH,
    )


def _refused_page(principal: Principal, errors: dict[str, str]) -> Response:
    return make_response(_new_page(principal, errors), 422)


def _deleted_page(access: Access, until: datetime | None) -> str:
    """Show the page of a deleted item.

    ``until``: until when this session can bring the item back; None if it cannot.
    """
    return render(
        "media/deleted.html",
        item=access.item,
        until=until,
        undo=_undo(access.principal, access.item),
        back=slots.markup(slots.media_page_slots().back, access.principal, access.item),
        instead=slots.markup(slots.media_page_slots().instead, access.principal, access.item),
    )


def delete_entry(principal: Principal, item: MediaItem) -> MenuItem | None:
    """Make this room's own line of the three-dot menu."""
    if not _may_delete(principal, item):
        return None
    return MenuItem(
        order=slots.DELETE,
        label=_("Delete"),
        symbol="trash-2",
        href=url("media.ask_delete", media_id=item.id),
        opens="delete-dialog",
        danger=True,
    )


def delete_dialog(principal: Principal, item: MediaItem) -> Markup | None:
    """Draw the question before Delete, as a dialog of the page."""
    if not _may_delete(principal, item):
        return None
    return Markup(render("media/delete_dialog.html", item=item))  # noqa: S704 - our own template, which escapes


def _undo(principal: Principal, item: MediaItem) -> str:
    """Say who can undo the deletion: in most cases whoever is asked."""
    if may_undo_own_deletion(principal, item):
        return str(_("You can bring it back for 30 days."))
    if item.owner_person_id is not None:
        return str(_("The owner can bring it back for 30 days."))
    return str(_("An administrator can bring it back for 30 days."))


def _may_delete(principal: Principal, item: MediaItem) -> bool:
    return Capability.DELETE in capabilities(principal, item)


def _endings(principal: Principal, item: MediaItem) -> list[str]:
    """Say what Delete ends, each as a sentence, those of the other rooms among them."""
    courses = deleting.count_courses(item)
    links = deleting.count_links(item)
    told = []
    if courses:
        told.append(
            ngettext(
                "It is removed from %(num)d course.", "It is removed from %(num)d courses.", courses
            )
        )
    if links:
        told.append(
            ngettext(
                "%(num)d course link stops working.", "%(num)d course links stop working.", links
            )
        )
    return told + slots.filled(slots.media_page_slots().deletion, principal, item)


def _plays(item: MediaItem) -> str:
    if item.kind in (rules.Kind.VIDEO, rules.Kind.AUDIO):
        return str(ngettext("%(num)d play", "%(num)d plays", item.plays))
    return str(ngettext("%(num)d view", "%(num)d views", item.plays))


def _split(text: str) -> tuple[str, str]:
    """Split a long description in two: what shows at once, and what "More info" opens."""
    if len(text) <= TEASER_LENGTH and text.count("\n") < 4:
        return text, ""
    cut = "\n".join(text.split("\n")[:3])[:TEASER_LENGTH]
    shortened = cut if cut == text[: len(cut)] and text[len(cut)] == "\n" else cut.rsplit(" ", 1)[0]
    return shortened, text[len(shortened) :]

"""The dialog of an LMS in which links are chosen (Deep Linking)."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, make_response, request

from lti_tool.core.web.headers import allow_form_target
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import Problem
from lti_tool.entrance import deep_linking_answer, picker
from lti_tool.entrance.blueprint import blueprint
from lti_tool.entrance.deep_linking_answer import Handed
from lti_tool.entrance.picker import Purpose
from lti_tool.lti.deep_linking import MOST_ITEMS
from lti_tool.lti.deep_linking_requests import Dialog
from lti_tool.lti.launch import origin_of
from lti_tool.people import sessions
from lti_tool.people.sessions import Principal


@blueprint.get("/choose")
def dialog() -> str:
    """Show what can be chosen from; a calm word for those who cannot."""
    principal = sessions.principal_for(_has_dialog, named=True)
    return _page(principal, deep_linking_answer.open_dialog(principal))


@blueprint.post("/choose")
def answer_dialog() -> Response:
    """Hand over what was chosen."""
    principal = sessions.principal_for(_has_dialog)
    waiting = deep_linking_answer.open_dialog(principal)
    points = request.form.get("points", "") if request.form.get("gradebook") else None
    try:
        handed = deep_linking_answer.answer(
            principal, waiting, request.form.getlist("media_id"), points
        )
    except Problem as problem:
        if not problem.errors:
            raise
        errors = {error.field: error.message for error in problem.errors}
        return make_response(_page(principal, waiting, errors), problem.status)
    return _hand_over(handed)


@blueprint.post("/choose/cancel")
def cancel_dialog() -> Response:
    """Hand over nothing: the LMS closes its dialog."""
    principal = sessions.principal_for(_has_dialog)
    return _hand_over(
        deep_linking_answer.cancel(principal, deep_linking_answer.open_dialog(principal))
    )


def _has_dialog(principal: Principal) -> bool:
    return principal.kind == "launch" and principal.deep_linking_id is not None


def _page(principal: Principal, waiting: Dialog, errors: dict[str, str] | None = None) -> str:
    if not deep_linking_answer.may_choose(principal) or waiting.wanted.item_type is None:
        return render(
            "entrance/no_choice.html",
            course_title=principal.course_title,
            may_choose=deep_linking_answer.may_choose(principal),
        )
    purpose = Purpose(
        "dialog",
        "entrance.dialog",
        "entrance.answer_dialog",
        several=waiting.wanted.accept_multiple,
        preview=False,
    )
    asked = picker.asked(request.args)
    if errors:
        asked = replace(asked, picked=tuple(request.form.getlist("media_id")[:MOST_ITEMS]))
    page = picker.shelf_page(principal, purpose, asked)
    return render(
        "entrance/picker.html",
        **vars(page),
        gradebook=_gradebook(waiting) if waiting.wanted.takes_line_item else None,
        errors=errors or {},
        product=waiting.family,
    )


def _gradebook(waiting: Dialog) -> dict[str, str | bool]:
    """Read what stands in the fields about a gradebook column."""
    sent = request.form if request.method == "POST" else None
    return {
        "on": bool(sent.get("gradebook")) if sent else waiting.for_grades,
        "points": sent.get("points", "") if sent else str(deep_linking_answer.USUAL_POINTS),
    }


def _hand_over(handed: Handed) -> Response:
    allow_form_target(origin_of(handed.return_url) or "'none'")
    return make_response(render("entrance/hand_over.html", handed=handed))

"""Answering a deep linking dialog: what was chosen is shown in the course and handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core import audit
from lti_tool.core.db.session import transaction
from lti_tool.core.texts import one_line
from lti_tool.core.web.problems import FieldError, Problem, invalid, not_found
from lti_tool.core.web.urls import external_url
from lti_tool.lti import deep_linking_requests
from lti_tool.lti.deep_linking import MOST_ITEMS, Chosen
from lti_tool.lti.deep_linking_requests import Dialog
from lti_tool.lti.platforms.tool import HISTORIES, ITEM
from lti_tool.media import opening
from lti_tool.media.access import find
from lti_tool.media.models import MediaItem
from lti_tool.media.rules import STAFF, Kind
from lti_tool.people.sessions import Principal

MOST_POINTS = 10_000
USUAL_POINTS = 100
LONGEST_TEXT = 400

_FRAMES: dict[str, tuple[int, int]] = {
    Kind.VIDEO: (800, 720),
    Kind.AUDIO: (800, 520),
    Kind.DOCUMENT: (800, 900),
    Kind.IMAGE: (800, 800),
}
"""Room for the whole page of an item, where the LMS does not listen to how high it is."""


@dataclass(frozen=True)
class Handed:
    """A message on its way back to the LMS, and where it is posted."""

    return_url: str
    message: str
    count: int


def open_dialog(principal: Principal) -> Dialog:
    """Find the dialog that the session was opened for.

    Raises Problem when it cannot be answered.
    """
    dialog = None
    if principal.kind == "launch" and principal.deep_linking_id is not None:
        dialog = deep_linking_requests.find(principal.deep_linking_id, principal.registration_id)
    if dialog is None:
        raise not_found()
    if dialog.answered:
        raise answered()
    if dialog.over:
        raise expired()
    return dialog


def may_choose(principal: Principal) -> bool:
    """Tell whether the session's person chooses what a course shows."""
    return principal.standing in STAFF


def answer(
    principal: Principal, dialog: Dialog, media_ids: Sequence[str], points: str | None
) -> Handed:
    """Show these in the course and make the message that hands them over; the dialog is closed.

    ``points``: what was typed for a gradebook column, None for no column. Raises not_found() for
    what may not be shown here, Problem for too few, too many or wrong points, and when somebody
    else has answered meanwhile: then nothing is shown.
    """
    if not may_choose(principal) or dialog.wanted.item_type is None:
        raise not_found()
    wanted = list(dict.fromkeys(media_ids))
    _check_count(dialog, wanted)
    column = points is not None and dialog.wanted.takes_line_item
    most = _points(points or "") if column else None
    with transaction():
        if not deep_linking_requests.close(dialog):
            raise answered() if not dialog.over else expired()
        items = [_chosen(principal, media_id) for media_id in wanted]
        _record(principal, dialog, items)
        message = deep_linking_requests.answer(dialog, [_described(item, most) for item in items])
    return Handed(dialog.return_url, message, len(items))


def cancel(principal: Principal, dialog: Dialog) -> Handed:
    """Hand over nothing.

    Raises Problem when the dialog was answered meanwhile.
    """
    with transaction():
        if not deep_linking_requests.close(dialog):
            raise answered() if not dialog.over else expired()
        _record(principal, dialog, [])
        message = deep_linking_requests.answer(dialog, [])
    return Handed(dialog.return_url, message, 0)


def answered() -> Problem:
    return Problem(
        410,
        "dialog-answered",
        _("This window has done its work"),
        _(
            "What was chosen here has been handed over already. To add something else, close this"
            " window and open it again in your course."
        ),
    )


def expired() -> Problem:
    return Problem(
        410,
        "dialog-expired",
        _("This window has been open for too long"),
        _(
            "Your course no longer waits for a choice made here. Close this window and open it"
            " again in your course. What you uploaded is kept under “My media”."
        ),
    )


def _check_count(dialog: Dialog, wanted: Sequence[str]) -> None:
    most = MOST_ITEMS if dialog.wanted.accept_multiple else 1
    if not wanted:
        raise invalid([FieldError("media_id", _("Please choose at least one."))])
    if len(wanted) > most:
        said = ngettext("At most %(num)d can be added.", "At most %(num)d can be added.", most)
        raise invalid([FieldError("media_id", said)])


def _points(typed: str) -> int:
    text = typed.strip()
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_POINTS))
    if not digits or not 1 <= int(text) <= MOST_POINTS:
        said = _("Please enter a number from 1 to %(most)d.", most=MOST_POINTS)
        raise invalid([FieldError("points", said)])
    return int(text)


def _chosen(principal: Principal, media_id: str) -> MediaItem:
    item = find(media_id)
    if item is None:
        raise not_found()
    opening.offer(principal, item, "chosen in a dialog of the LMS")
    return item


def _described(item: MediaItem, points: int | None) -> Chosen:
    width, height = _FRAMES[item.kind]
    return Chosen(
        id=item.id,
        title=item.title,
        text=one_line(item.description)[:LONGEST_TEXT].strip(),
        launch_url=external_url(f"/lti/launch?{urlencode({ITEM: item.id})}"),
        page_url=external_url(f"/media/{item.id}"),
        width=width,
        height=height,
        points=points,
        icon_url=external_url("/lti/icon.png"),
        custom={ITEM: item.id, **HISTORIES},
    )


def _record(principal: Principal, dialog: Dialog, items: Sequence[MediaItem]) -> None:
    audit.record(
        "dialog.answered",
        institution_id=principal.institution_id,
        actor=principal.actor,
        subject=("dialog", dialog.id),
        course=principal.course_id,
        media=[item.id for item in items],
    )

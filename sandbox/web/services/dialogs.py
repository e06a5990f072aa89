"""The deep-linking return URL (Deep Linking 2.0 §4.5), and the page that then stands there."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.people import Unknown
from sandbox.services.dialogs import Returned
from sandbox.web.current import current_platform

answers = Blueprint("dialogs", __name__)


@answers.post("/deep-linking/return/<dialog>")
def returned(dialog: str) -> ResponseReturnValue:
    """Take what the tool sends back, and lead the whole window back to the course."""
    platform = current_platform()
    if dialog not in platform.dialogs:
        raise Unknown("there is no such dialog")
    asked = platform.dialogs[dialog]
    answer = platform.services.product.deep_linking.take(
        platform, asked, request.form.get("JWT", "")
    )
    platform.services.returned.append(answer)
    status = 400 if answer.refusal else 200
    return render_template("returned.html", answer=answer, course=_course(answer)), status


def _course(answer: Returned) -> str:
    """Return the course's page, with what the tool has to say."""
    dialog = answer.dialog
    said = {"lti_msg": answer.message or _sentence(answer), "lti_errormsg": answer.error}
    query = {"user": dialog.user.id, "school": dialog.school.key, **said}
    page = url_for("pages.course_home", course=dialog.course.id)
    return f"{page}?{urlencode({name: value for name, value in query.items() if value})}"


def _sentence(answer: Returned) -> str:
    if answer.error:
        return ""
    if answer.cancelled:
        return "Nothing was added."
    names = [str(item.get("title") or item.get("url") or item["type"]) for item in answer.items]
    return f"Added: {', '.join(names)}."

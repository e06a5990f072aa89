"""Refusals of texts and files as problems that people can read."""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.core.web.problems import FieldError, Problem, invalid
from lti_tool.media import rules
from lti_tool.media.formats import Reason, Refused
from lti_tool.media.intake.messages import sentence
from lti_tool.media.rules import InvalidText


def complaint(wrong: InvalidText) -> str:
    """Say what is wrong with a title, a description or tags, in the reader's language."""
    sentences: dict[tuple[str, str], str] = {
        ("title", "empty"): _("Please enter a title."),
        ("title", "too_long"): _("At most %(n)d characters.", n=rules.TITLE_LENGTH),
        ("description", "too_long"): _("At most %(n)d characters.", n=rules.DESCRIPTION_LENGTH),
        ("tags", "too_long"): _("At most %(n)d characters a tag.", n=rules.TAG_LENGTH),
        ("tags", "too_many"): _("At most %(n)d tags.", n=rules.TAGS),
    }
    return sentences[wrong.field, wrong.reason]


def text_problem(wrong: InvalidText) -> Problem:
    return invalid([FieldError(wrong.field, complaint(wrong))])


def file_problem(refusal: Refused) -> Problem:
    """Say why a file is not taken: 413 for its size, 422 for everything in it."""
    status = 413 if refusal.reason is Reason.TOO_LARGE else 422
    text = sentence(refusal)
    return Problem(
        status,
        f"file-{refusal.reason.value.replace('_', '-')}",
        _("This file cannot be accepted"),
        text,
        errors=[FieldError("file", text)],
    )


def cannot_examine() -> Problem:
    """Say that it is not the file's fault; the upload is still there."""
    return Problem(
        503,
        "cannot-examine",
        _("Something went wrong on our side"),
        _(
            "Nothing you did is lost. Try again; if it keeps happening, tell the people who run"
            " this tool."
        ),
        retry_after=60,
    )

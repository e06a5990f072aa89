"""What an institution decides about people."""

from __future__ import annotations

from flask_babel import lazy_gettext

from lti_tool.core.institutions import Setting

GROUP = lazy_gettext("People")

ADMINISTRATORS_FROM_LMS = Setting(
    name="administrators_from_lms",
    group=GROUP,
    label=lazy_gettext("Administrators"),
    help=lazy_gettext(
        "Which administrators of the LMS count as administrators here. They see these settings and"
        " may look after every item of the course they open."
    ),
    kind="choice",
    default="institution_or_system",
    choices=(
        ("institution_or_system", lazy_gettext("Administrators of the institution or the system")),
        ("system", lazy_gettext("Administrators of the system only")),
        ("nobody", lazy_gettext("Nobody")),
    ),
    warnings=(
        (
            "system",
            lazy_gettext(
                "Administrators of the institution lose this page. Who is none of the system can "
                "then not undo it here; the people who run Foyer can."
            ),
        ),
        (
            "nobody",
            lazy_gettext("You lose this page, too. Only the people who run Foyer can undo it."),
        ),
    ),
)

"""How long and how often a link works, as people say it."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.web.problems import FieldError
from lti_tool.invitations.link_terms import UNLIMITED, ExceedsTerms, LinkTerms

_HOUR, _DAY = 60, 24 * 60


def duration(minutes: int) -> str:
    """Say a duration in the largest unit in which it is a whole number."""
    if minutes % _DAY == 0:
        return str(ngettext("%(num)d day", "%(num)d days", minutes // _DAY))
    if minutes % _HOUR == 0:
        return str(ngettext("%(num)d hour", "%(num)d hours", minutes // _HOUR))
    return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))


def often(uses: int) -> str:
    """Say how many times."""
    if uses == UNLIMITED:
        return str(_("Any number of times"))
    return str(ngettext("Once", "%(num)d times", uses))


def refusals(wrong: ExceedsTerms, most: LinkTerms) -> list[FieldError]:
    """Say at each field what can be asked for."""
    said = {
        "minutes": (
            _("Choose at least %(time)s.", time=duration(1))
            if wrong.too_little["minutes"]
            else _("Choose at most %(time)s.", time=duration(most.minutes))
        ),
        "uses": (
            _("Choose a number of times.")
            if most.uses == UNLIMITED or wrong.too_little["uses"]
            else ngettext("Choose one time.", "Choose at most %(num)d times.", most.uses)
        ),
    }
    return [FieldError(field, str(said[field])) for field in wrong.fields]

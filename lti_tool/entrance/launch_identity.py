"""What a launch says of who comes: the person, their standing, and who really sits there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lti_tool.core.institutions import setting
from lti_tool.entrance import gallery
from lti_tool.lti.launch import Launch
from lti_tool.people import persons, rules
from lti_tool.people.rules import Impersonation, LinkShows, Standing


@dataclass(frozen=True)
class LaunchFacts:
    """One launch, read once: everything after takes it from here."""

    launch: Launch
    person: dict[str, Any]
    """The row of the person as the launch tells it, with an id for one we do not know."""
    standing: Standing
    """What the launch's roles give, as the institution's settings want it."""
    counted_as: Standing | None
    """Their standing among the people of the course; None for whoever is none of them."""
    impersonation: Impersonation | None
    """How whoever sits there differs from the person whom the LMS names."""
    link_shows: LinkShows | None
    """What its link leads to; None: to what was chosen for it here, if there is a link."""


def facts_of(launch: Launch) -> LaunchFacts:
    """Read who comes with a launch, and as what."""
    person = persons.told_by_launch(launch)
    impersonation = rules.impersonation(launch.sub, launch.roles, launch.acting_for)
    source = "nobody"
    if rules.names_administrator(launch.roles):
        source = setting(launch.platform.institution_id, "administrators_from_lms")
    standing = rules.standing_in(impersonation, rules.standing(launch.roles, source))
    counted_as = rules.course_standing(impersonation, standing)
    return LaunchFacts(launch, person, standing, counted_as, impersonation, _shows(launch))


def _shows(launch: Launch) -> LinkShows | None:
    if launch.deep_linking is not None:
        return None
    if launch.item:
        return LinkShows.ITEM
    return LinkShows.GALLERY if gallery.is_shown_by(launch) else None

"""Who arrives with a launch: the person, what they are in the course, and who really sits there."""

from __future__ import annotations

from typing import Any

from lti_tool.core.institutions import setting
from lti_tool.lti.launch import Launch
from lti_tool.people import rules
from lti_tool.people.emails import InvalidEmail, normalise_email
from lti_tool.people.persons import lms_person_values, visitor_values
from lti_tool.people.rules import Impersonation, Standing


def impersonation(launch: Launch) -> Impersonation | None:
    """How whoever sits there differs from the person whom the platform names."""
    if launch.sub is None:
        return Impersonation.VISITOR
    if rules.is_student_view(launch.roles):
        return Impersonation.STUDENT_VIEW
    return Impersonation.ACTING_AS if launch.acting_for else None


def standing(launch: Launch) -> Standing:
    """What the launch's roles give, as the institution's settings want it."""
    source = "nobody"
    if rules.names_administrator(launch.roles):
        source = setting(launch.platform.institution_id, "administrators_from_lms")
    return rules.standing_in(impersonation(launch), rules.standing(launch.roles, source))


def person_row(launch: Launch) -> dict[str, Any]:
    """The person's row as the launch tells it, with an id for a person we do not know."""
    if launch.sub is None:
        return visitor_values(launch.platform.institution_id, launch.platform.id)
    try:
        email = normalise_email(launch.email) if launch.email else None
    except InvalidEmail:
        email = None
    return lms_person_values(
        launch.platform.institution_id,
        launch.platform.id,
        launch.sub,
        name=launch.name,
        given_name=launch.given_name,
        family_name=launch.family_name,
        email=email,
    )

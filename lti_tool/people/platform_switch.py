"""Switching an LMS, or one of its deployments, off and on."""

from __future__ import annotations

from sqlalchemy import or_, select

from lti_tool.core.db.session import transaction
from lti_tool.lti import registration_switch, registrations
from lti_tool.lti.models import Deployment
from lti_tool.people.models import ToolSession
from lti_tool.people.session_store import end_those


def switch_on(name: str, deployment_id: str | None = None) -> None:
    """Switch a registration, or one of its deployments, on.

    Raises RegistrationError.
    """
    registration_switch.switch(name, enabled=True, deployment_id=deployment_id)


def switch_off(name: str, deployment_id: str | None = None) -> None:
    """Switch a registration, or one of its deployments, off; its sessions end for good.

    A guest's is one of the deployment in which its link was made. Raises RegistrationError.
    """
    with transaction():
        registration_switch.switch(name, enabled=False, deployment_id=deployment_id)
        registration = registrations.by_name(name)
        if deployment_id is None:
            end_those(ToolSession.institution_id == registration.institution_id)
            return
        deployment = (
            select(Deployment.id)
            .where(
                Deployment.registration_id == registration.id,
                Deployment.deployment_id == deployment_id,
            )
            .scalar_subquery()
        )
        end_those(
            or_(
                ToolSession.deployment_id == deployment,
                ToolSession.through_deployment_id == deployment,
            )
        )

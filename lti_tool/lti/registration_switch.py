"""Switching a registration, or one of its deployments, off and on again."""

from __future__ import annotations

from sqlalchemy import update

from lti_tool.core import audit
from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import rows_matched, transaction
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.lti.registrations import by_name


def switch(name: str, *, enabled: bool, deployment_id: str | None = None) -> None:
    """Switch a registration, or one of its deployments, off or on.

    Each request of a session asks for both, so it holds at once; ``people.platform_switch`` also
    ends the sessions. Those that begin in this very moment are over as well: what they read of it
    was read before it was switched off once more. Raises RegistrationError.
    """
    row = by_name(name)
    with transaction() as session:
        table: type[Registration | Deployment] = Registration
        if deployment_id is None:
            statement = update(Registration).where(Registration.id == row.id)
        else:
            table = Deployment
            statement = update(Deployment).where(
                Deployment.registration_id == row.id, Deployment.deployment_id == deployment_id
            )
            statement = statement.values(waiting=False)
        if not enabled:
            statement = statement.values(times_switched_off=table.times_switched_off + 1)
        if row.awaiting_approval and enabled and deployment_id is None:
            raise RegistrationError(f"{name} awaits approval: platform approve {name}")
        changed = session.execute(statement.values(enabled=enabled))
        if rows_matched(changed) != 1:
            raise RegistrationError(f"{name} has no deployment {deployment_id}")
        audit.record(
            "platform.enabled" if enabled else "platform.disabled",
            institution_id=row.institution_id,
            actor=OPERATOR,
            subject=("registration", row.id),
            deployment=deployment_id,
        )

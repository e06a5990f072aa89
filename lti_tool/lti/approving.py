"""What an operator decides about an LMS that registered itself without a code."""

from __future__ import annotations

from sqlalchemy import delete

from lti_tool.core import audit
from lti_tool.core.audit import OPERATOR
from lti_tool.core.database import transaction
from lti_tool.core.institutions import Institution
from lti_tool.lti.models import Deployment, Registration, RegistrationCode
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.lti.registrations import by_name
from lti_tool.lti.rules import fits
from lti_tool.lti.tenants import refuse_confusable_row


def approve(name: str, institution: str = "") -> Registration:
    """Let it in; ``institution`` is the name that its people are to see, if another than it gave.
    Raises RegistrationError."""
    wanted = institution.strip()
    if not fits(wanted, Institution.name.type.length):
        raise RegistrationError("the institution's name must have at most 200 characters")
    with transaction() as session:
        row = _waiting(name)
        refuse_confusable_row(row)
        row.awaiting_approval, row.enabled = False, True
        if wanted:
            session.get_one(Institution, row.institution_id).name = wanted
        audit.record(
            "platform.approved",
            institution_id=row.institution_id,
            actor=OPERATOR,
            subject=("registration", row.id),
        )
    return row


def refuse(name: str) -> None:
    """Forget it, as if it had never come. Raises RegistrationError."""
    with transaction() as session:
        row = _waiting(name)
        audit.record(
            "platform.refused",
            institution_id=row.institution_id,
            actor=OPERATOR,
            subject=("registration", row.id),
            issuer=row.issuer,
            client_id=row.client_id,
        )
        session.execute(delete(RegistrationCode).where(RegistrationCode.registration_id == row.id))
        session.execute(delete(Deployment).where(Deployment.registration_id == row.id))
        session.execute(delete(Registration).where(Registration.id == row.id))
        session.execute(delete(Institution).where(Institution.id == row.institution_id))


def _waiting(name: str) -> Registration:
    """Held for the running transaction, so that it is decided once. Raises RegistrationError."""
    row = by_name(name, hold=True)
    if not row.awaiting_approval:
        raise RegistrationError(f"{name} is not waiting for approval")
    return row

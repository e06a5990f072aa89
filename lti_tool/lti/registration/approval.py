"""What an operator decides about an LMS that registered itself without a code."""

from __future__ import annotations

from lti_tool.core import audit
from lti_tool.core.audit import OPERATOR
from lti_tool.core.clock import now
from lti_tool.core.db.session import transaction
from lti_tool.core.institutions import Institution
from lti_tool.lti.models import Registration
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.lti.registration.approval_queue import forget
from lti_tool.lti.registrations import by_name
from lti_tool.lti.rules import fits
from lti_tool.lti.tenants import refuse_confusable_row


def approve(name: str, institution: str = "") -> Registration:
    """Let it in; ``institution`` is the name that its people are to see, if another than it gave.

    Raises RegistrationError.
    """
    wanted = institution.strip()
    if not fits(wanted, Institution.name.type.length):
        raise RegistrationError("the institution's name must have at most 200 characters")
    with transaction() as session:
        row = _waiting(name)
        refuse_confusable_row(row)
        let_in(row)
        if wanted:
            session.get_one(Institution, row.institution_id).name = wanted
        audit.record(
            "platform.approved",
            institution_id=row.institution_id,
            actor=OPERATOR,
            subject=("registration", row.id),
        )
    return row


def let_in(row: Registration) -> None:
    """Use a registration that was waiting, from now on in the running transaction.

    It is as old as that: what a stranger said before gives it no ground against those who came
    meanwhile.
    """
    row.awaiting_approval, row.enabled = False, True
    row.created_at = now()


def refuse(name: str) -> None:
    """Forget it, as if it had never come.

    Raises RegistrationError.
    """
    with transaction():
        forget(_waiting(name), "platform.refused", OPERATOR)


def _waiting(name: str) -> Registration:
    """Hold the one that waits, for the running transaction, so that it is decided once.

    Raises RegistrationError.
    """
    row = by_name(name, hold=True)
    if not row.awaiting_approval:
        raise RegistrationError(f"{name} is not waiting for approval")
    return row

"""Deployments: the installations of the tool inside one LMS, and which of them are let in.

One that nobody has let in waits: the first launch from it is noted, so that an operator finds it
with ``flask platform show`` and need not be told its id by telephone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from lti_tool.core import audit
from lti_tool.core.audit import OPERATOR
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched, transaction
from lti_tool.core.db.upsert import conflict_aware_insert
from lti_tool.core.ids import new_id
from lti_tool.lti.launch import Platform
from lti_tool.lti.launching import errors as launch_errors
from lti_tool.lti.models import Deployment
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.lti.registrations import by_name
from lti_tool.lti.rules import is_deployment_id

MOST_WAITING = 50
"""Noted for one registration; an LMS that makes up ids cannot fill our disk."""


class LetIn(NamedTuple):
    """The row of a deployment that is let in, as it stood when that was read."""

    id: str
    times_switched_off: int


class NotLetIn(Exception):
    """The deployment is not let in; ``problem`` is what its people read."""

    def __init__(self, deployment_id: str, *, switched_off: bool) -> None:
        super().__init__(deployment_id)
        self.switched_off = switched_off
        refusal = launch_errors.deployment_off if switched_off else launch_errors.unknown_deployment
        self.problem = refusal(deployment_id)


def admit(platform: Platform, deployment_id: str) -> LetIn:
    """Return the row of a deployment that is let in, in the running transaction.

    A new one is let in where the registration accepts those. Raises NotLetIn.
    """
    known = _known(platform.id, deployment_id)
    if known is not None and known.enabled:
        return LetIn(known.id, known.times_switched_off)
    if known is not None and not known.waiting:
        raise NotLetIn(deployment_id, switched_off=True)
    if not platform.accept_new_deployments:
        raise NotLetIn(deployment_id, switched_off=False)
    made = _let_in(platform.id, deployment_id)
    known = _known(platform.id, deployment_id)
    if known is None or not known.enabled:  # somebody switched it off in this moment
        raise NotLetIn(deployment_id, switched_off=True)
    if made:
        audit.record(
            "deployment.accepted",
            institution_id=platform.institution_id,
            subject=("deployment", str(known.id)),
            deployment_id=deployment_id,
        )
    return LetIn(known.id, known.times_switched_off)


@contextmanager
def waiting_noted(platform: Platform) -> Iterator[None]:
    """Note a deployment that nobody has let in, around the transaction of a launch.

    Whoever was not let in reads why. Raises Problem.
    """
    try:
        yield
    except NotLetIn as refused:
        if not refused.switched_off:
            note_waiting(platform, str(refused))
        raise refused.problem from refused


def note_waiting(platform: Platform, deployment_id: str) -> None:
    """Remember that somebody came from a deployment that nobody has let in: once for each."""
    with transaction() as session:
        waiting = select(func.count()).where(
            Deployment.registration_id == platform.id, Deployment.waiting
        )
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            return
        noted = _make(platform.id, deployment_id, enabled=False, waiting=True)
        if noted is not None:
            audit.record(
                "deployment.waiting",
                institution_id=platform.institution_id,
                subject=("deployment", noted),
                deployment_id=deployment_id,
            )


def add_deployment(name: str, deployment_id: str) -> bool:
    """Let a deployment of a registration in, whether it was heard of before or not.

    Says whether that changed anything. Raises RegistrationError, also for one that was switched
    off.
    """
    row = by_name(name)
    known = _known(row.id, deployment_id)  # an LMS's own may have a space at its end
    written = deployment_id if known is not None else deployment_id.strip()
    if not is_deployment_id(written):
        raise RegistrationError(f"“{written}” is no deployment id")
    with transaction():
        if not _let_in(row.id, written):
            known = _known(row.id, written)
            if known is not None and known.enabled:
                return False
            raise RegistrationError(
                f"deployment {written} was switched off; to switch it on again: "
                f"platform enable {name} --deployment {written}"
            )
        audit.record(
            "platform.changed",
            institution_id=row.institution_id,
            actor=OPERATOR,
            subject=("registration", row.id),
            changed=[f"deployment {written}"],
        )
        return True


def _known(registration_id: str, deployment_id: str) -> Any:
    return db.session.execute(
        select(
            Deployment.id, Deployment.enabled, Deployment.waiting, Deployment.times_switched_off
        ).where(
            Deployment.registration_id == registration_id,
            Deployment.deployment_id == deployment_id,
        )
    ).one_or_none()


def _let_in(registration_id: str, deployment_id: str) -> bool:
    """Let in one that is new or waiting; False for any other.

    The database decides, so that many launches at once count once and one that is switched off
    stays so.
    """
    if _make(registration_id, deployment_id, enabled=True, waiting=False) is not None:
        return True
    waiting = update(Deployment).where(
        Deployment.registration_id == registration_id,
        Deployment.deployment_id == deployment_id,
        Deployment.waiting,
    )
    return rows_matched(db.session.execute(waiting.values(enabled=True, waiting=False))) == 1


def _make(registration_id: str, deployment_id: str, *, enabled: bool, waiting: bool) -> str | None:
    """Insert a row and return its id; None where there is one already."""
    return db.session.scalar(
        conflict_aware_insert(Deployment)
        .values(
            id=new_id(),
            registration_id=registration_id,
            deployment_id=deployment_id,
            enabled=enabled,
            waiting=waiting,
            created_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["registration_id", "deployment_id"])
        .returning(Deployment.id)
    )

"""Deep linking requests: dialogs of an LMS that wait to be given links, and are answered once.

(Deep Linking 2.0.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched
from lti_tool.core.ids import new_id, new_secret
from lti_tool.core.logs import log
from lti_tool.lti.deep_linking import (
    DIALOG_LIFE,
    Chosen,
    Sender,
    Wanted,
    content_items,
    response_claims,
)
from lti_tool.lti.launch import DeepLinking
from lti_tool.lti.launching import errors as launch_errors
from lti_tool.lti.models import DeepLinkingRequest, Deployment, Registration
from lti_tool.lti.platforms import family_of
from lti_tool.lti.signing import sign
from lti_tool.lti.tenants import Confusable, refuse_confusable_row


@dataclass(frozen=True)
class Dialog:
    """A dialog as it stands now.

    ``return_url`` is empty where it can no longer be read.
    """

    id: str
    registration_id: str
    return_url: str
    wanted: Wanted
    sender: Sender
    family: str
    placement: str | None
    created_at: datetime
    answered: bool

    @property
    def over(self) -> bool:
        """Whether it has waited too long."""
        return not self.return_url or now() >= self.created_at + DIALOG_LIFE

    @property
    def for_grades(self) -> bool:
        """Whether what is placed there is work that will be graded."""
        return family_of(self.family).grades(self.placement)


def keep_request(
    asked: DeepLinking | None, registration_id: str, deployment_id: str, placement: str | None
) -> str | None:
    """Note in the running transaction what a dialog wants; give the note's id.

    None for a launch that is no dialog. ``deployment_id`` is that of our row.
    """
    if asked is None:
        return None
    request_id = new_id()
    db.session.execute(
        insert(DeepLinkingRequest),
        {
            "id": request_id,
            "registration_id": registration_id,
            "deployment_id": deployment_id,
            "return_url": asked.return_url,
            "accept_types": list(asked.accept_types),
            "accept_targets": list(asked.accept_targets),
            "accept_multiple": asked.accept_multiple,
            "accept_lineitem": asked.accept_lineitem,
            "data": asked.data,
            "placement": placement,
            "created_at": now(),
            "answered_at": None,
        },
    )
    return request_id


def find(dialog_id: str, registration_id: str) -> Dialog | None:
    """Find the dialog of this id, if it is one of this registration."""
    found = db.session.execute(
        select(
            DeepLinkingRequest,
            Registration.client_id,
            Registration.issuer,
            Registration.family,
            Deployment.deployment_id,
        )
        .join(Registration, Registration.id == DeepLinkingRequest.registration_id)
        .join(Deployment, Deployment.id == DeepLinkingRequest.deployment_id)
        .where(
            DeepLinkingRequest.id == dialog_id,
            DeepLinkingRequest.registration_id == registration_id,
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    row, client_id, issuer, family, deployment_id = found
    return Dialog(
        id=row.id,
        registration_id=row.registration_id,
        return_url=row.return_url or "",
        wanted=Wanted(
            accept_types=row.accept_types,
            accept_targets=row.accept_targets,
            accept_multiple=row.accept_multiple,
            accept_lineitem=row.accept_lineitem,
            data=row.data,
        ),
        sender=Sender(client_id, issuer, deployment_id),
        family=family,
        placement=row.placement,
        created_at=row.created_at,
        answered=row.answered_at is not None,
    )


def close(dialog: Dialog) -> bool:
    """Note in the running transaction that the dialog is answered; False: it was, or is over."""
    done = db.session.execute(
        update(DeepLinkingRequest)
        .where(
            DeepLinkingRequest.id == dialog.id,
            DeepLinkingRequest.answered_at.is_(None),
            DeepLinkingRequest.created_at > now() - DIALOG_LIFE,
        )
        .values(answered_at=now())
        .execution_options(synchronize_session=False)
    )
    return rows_matched(done) == 1


def answer(dialog: Dialog, chosen: Iterable[Chosen]) -> str:
    """Sign the message that hands these over; none: nothing was chosen.

    Raises Problem where it would be good at another LMS as well.
    """
    try:
        refuse_confusable_row(db.session.get_one(Registration, dialog.registration_id))
    except Confusable as error:
        log.warning("dialog unsigned", part=error.confused.part, other=error.confused.other.name)
        raise launch_errors.unsigned() from error
    items = content_items(chosen, dialog.wanted, family_of(dialog.family))
    claims = response_claims(
        dialog.sender,
        items,
        dialog.wanted.data,
        nonce=new_secret(),
        message_id=new_id(),
        now=now(),
    )
    return sign(claims)

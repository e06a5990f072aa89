"""Dialogs of an LMS that wait to be given links (Deep Linking 2.0)."""

from __future__ import annotations

from sqlalchemy import insert

from lti_tool.core.clock import now
from lti_tool.core.database import db
from lti_tool.core.ids import new_id
from lti_tool.lti.launch import DeepLinking
from lti_tool.lti.models import DeepLinkingRequest


def keep_request(
    asked: DeepLinking, registration_id: str, deployment_id: str, placement: str | None
) -> str:
    """Note in the running transaction what a dialog wants; gives the note's id.

    ``deployment_id`` is that of our row.
    """
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
            "accept_media_types": asked.accept_media_types,
            "accept_multiple": asked.accept_multiple,
            "accept_lineitem": asked.accept_lineitem,
            "auto_create": asked.auto_create,
            "title": asked.title,
            "text": asked.text,
            "data": asked.data,
            "placement": placement,
            "created_at": now(),
            "answered_at": None,
        },
    )
    return request_id

"""From an invitation to its link and back: the only place that knows the invitation key."""

from __future__ import annotations

from flask import current_app, url_for

from lti_tool.core.ids import digest
from lti_tool.core.keyfiles import KeyRing
from lti_tool.core.web.urls import external_url
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.token import derive_token

EXTENSION = "foyer.invitation_keys"


def _keys() -> KeyRing:
    ring: KeyRing = current_app.extensions[EXTENSION]
    return ring


def current_key_id() -> str:
    """Return the id of the key that new links are made with."""
    return _keys().current()


def token_of(invitation: Invitation) -> str:
    """Derive the token of the invitation's present link.

    Raises KeyError when the key's file is gone; the links made with it then still work, but can
    no longer be shown.
    """
    key = _keys().key(invitation.key_id)
    return derive_token(key, invitation.id, invitation.generation)


def token_hash_of(invitation: Invitation) -> str:
    """Return the only form in which the database knows the present link."""
    return digest(token_of(invitation))


def address_of(invitation: Invitation) -> str:
    """Return the whole link as it is handed to the invitee.

    It carries no session of ours. Raises KeyError when the key it was made with is gone, or another
    was made in its place.
    """
    token = token_of(invitation)
    if digest(token) != invitation.token_hash:
        raise KeyError(invitation.key_id)
    return external_url(url_for("invitation.opened", token=token))

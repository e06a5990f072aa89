"""Platform storage: the LMS's page keeps what a browser without cookies cannot keep for us.

At the login our page gives it a secret; the launch is believed only if the page of the launch gets
the same secret back and it is the login's. The messages go to the origin of the registered
authentication address and to no other (1EdTech, LTI OIDC Login with Client Side postMessages 0.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.core.ids import digest, new_secret
from lti_tool.lti.launch import Platform, origin_of
from lti_tool.lti.launching import login
from lti_tool.lti.launching.login import LoginRequest


@dataclass(frozen=True)
class Storage:
    """Where a page finds the platform's storage, and under which name the secret lies there."""

    frame: str
    origin: str
    key: str


@dataclass(frozen=True)
class Kept:
    """A login whose secret the page is to hand over before it goes on to ``address``."""

    storage: Storage
    secret: str
    address: str


class AskStorage(Exception):
    """A launch that can only be believed once the platform has given back the secret."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage.frame)
        self.storage = storage


def begin(asked: LoginRequest, launch_url: str) -> Kept | None:
    """Note a login that the platform's storage vouches for; None where it could not be asked.

    Raises Problem.
    """
    if asked.storage_frame is None:
        return None
    secret = new_secret()
    begun = login.begin(asked, secret, launch_url, storage_frame=asked.storage_frame)
    place = storage_of(begun.platform, asked.storage_frame, begun.state)
    return Kept(place, secret, begun.address) if place is not None else None


def storage_of(platform: Platform, frame: str, state: str) -> Storage | None:
    """Find the storage; None for an authentication address that is no web address."""
    origin = origin_of(platform.auth_url)
    return Storage(frame, origin, "foyer_" + digest(state)[:32]) if origin else None

"""JWT signing: what we send to a platform, signed with the key that signs now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt

from lti_tool.core.clock import now
from lti_tool.lti.keys import tool_keys
from lti_tool.lti.rules import signing_key


def sign(claims: Mapping[str, Any]) -> str:
    """Sign a JWT of these claims, whose header names the key, so that the platform finds it."""
    keys = tool_keys()
    key = signing_key(keys.ensure(), now())
    return jwt.encode(dict(claims), keys.private(key), "RS256", headers={"kid": key.id})

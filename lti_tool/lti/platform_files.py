"""``config/platforms/*.toml``: one LMS registration a file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from lti_tool.core.http import Policy
from lti_tool.lti.registrations import NewRegistration, RegistrationError, bring_up_to_date

_TEXTS = ("issuer", "client_id", "auth_url", "token_url", "jwks_url")
_OPTIONAL_TEXTS = ("auth_audience", "institution")
_LISTS = ("deployments", "frame_origins")
KNOWN = {"family", "accept_new_deployments", *_TEXTS, *_OPTIONAL_TEXTS, *_LISTS}


def read(path: Path) -> NewRegistration:
    """The registration written in a file; its name is the file's. Raises RegistrationError."""
    try:
        written: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistrationError(f"{path.name}: {error}") from error
    unknown = sorted(set(written) - KNOWN)
    if unknown:
        raise RegistrationError(f"{path.name}: not known: {', '.join(unknown)}")
    for name in _TEXTS:
        if not isinstance(written.get(name), str) or not written[name].strip():
            raise RegistrationError(f"{path.name}: {name} is missing")
    for name in _LISTS:
        value = written.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise RegistrationError(f"{path.name}: {name} must be a list of texts")
    return NewRegistration(
        name=path.stem,
        family=str(written.get("family", "other")),
        **{name: written[name].strip() for name in _TEXTS},
        auth_audience=written.get("auth_audience") or None,
        institution=str(written.get("institution", "")),
        deployments=tuple(written.get("deployments", [])),
        accept_new_deployments=written.get("accept_new_deployments", False) is True,
        frame_origins=tuple(written.get("frame_origins", [])),
    )


def apply_all(folder: Path, policy: Policy) -> list[tuple[str, bool]]:
    """Bring every registration in the folder into the database; says of each if it changed.

    Raises RegistrationError at the first file that is wrong; those before it stand.
    """
    paths = sorted(folder.glob("*.toml"))
    return [(path.stem, bring_up_to_date(read(path), policy)) for path in paths]

"""``config/platforms/*.toml``: one LMS registration a file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lti_tool.core.http import Policy
from lti_tool.lti.new_registration import NewRegistration, RegistrationError
from lti_tool.lti.registrations import Loaded, bring_up_to_date

_TEXTS = ("issuer", "client_id", "auth_url", "token_url", "jwks_url")
_OPTIONAL_TEXTS = ("family", "auth_audience", "institution")
_LISTS = ("deployments", "frame_origins")
KNOWN = {"accept_new_deployments", *_TEXTS, *_OPTIONAL_TEXTS, *_LISTS}


def read(path: Path) -> NewRegistration:
    """Read the registration written in a file; its name is the file's.

    Raises RegistrationError.
    """
    try:
        written: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistrationError(f"{path.name}: {error}") from error
    unknown = sorted(set(written) - KNOWN)
    if unknown:
        raise RegistrationError(f"{path.name}: not known: {', '.join(unknown)}")
    for name in _TEXTS:
        if not isinstance(written.get(name), str) or not written[name].strip():
            raise RegistrationError(f"{path.name}: {name} is missing")
    for name in _OPTIONAL_TEXTS:
        if not isinstance(written.get(name, ""), str):
            raise RegistrationError(f"{path.name}: {name} must be a text")
    if not isinstance(written.get("accept_new_deployments", False), bool):
        raise RegistrationError(f"{path.name}: accept_new_deployments must be true or false")
    for name in _LISTS:
        value = written.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise RegistrationError(f"{path.name}: {name} must be a list of texts")
    return NewRegistration(name=path.stem, **{"family": "other", **written, **_tuples(written)})


def _tuples(written: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(written.get(name, [])) for name in _LISTS}


def apply_all(folder: Path, policy: Policy) -> Iterator[Loaded]:
    """Bring every registration in the folder into the database; say of each what became of it.

    Raises RegistrationError at the first file that is wrong; those before it stand.
    """
    for path in sorted(folder.glob("*.toml")):
        new = read(path)
        try:
            yield bring_up_to_date(new, policy)
        except RegistrationError as error:
            raise RegistrationError(f"{path.name}: {error}") from error

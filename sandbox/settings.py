"""Where the sandbox runs, from arguments, else SANDBOX_* variables, else defaults."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.endpoints import DEFAULT_PORT
from sandbox.platform import DEFAULT_TOOL_URL, Platform
from sandbox.profiles import PROFILES, Sites, profile
from sandbox.schools import NORTHFIELD, SOUTHGATE, two_schools


@dataclass(frozen=True)
class Settings:
    """What this start is told.

    `host` is the plain platform's name in addresses; the program itself listens on this machine
    only, each product at addresses of its own (`sandbox.profiles`).
    """

    port: int
    host: str
    tool_url: str
    state: Path
    client_id: str
    second_client_id: str
    profiles: tuple[str, ...]

    @property
    def base_url(self) -> str:
        """Where to begin: the first page of the first platform."""
        return self.platforms()[0].base_url

    def platforms(self) -> list[Platform]:
        """Return the chosen platforms; each knows the others by name."""
        platforms = [self._platform(name) for name in self.profiles]
        for one in platforms:
            if len(platforms) > 1:
                one.neighbours = {other.profile.title: other.base_url for other in platforms}
        return platforms

    def _platform(self, name: str) -> Platform:
        plain = name == "plain"
        platform = Platform(
            self.tool_url,
            schools=two_schools(self.client_id, self.second_client_id) if plain else None,
            state=self.state if plain else self.state / name,
            profile=profile(name),
        )
        own = Sites.one(f"http://{self.host}:{self.port}")
        platform.sites = own if plain else platform.profile.sites(self.port)
        return platform


def read(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of this start. A wrong argument ends the program with a message."""

    def default(name: str, otherwise: str) -> str:
        return environment.get(f"SANDBOX_{name}") or otherwise

    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=default("PORT", str(DEFAULT_PORT)), help="default: 9000")
    add("--host", default=default("HOST", "localhost"), help="name in addresses: localhost")
    add("--tool-url", default=default("TOOL_URL", DEFAULT_TOOL_URL), help="where the tool is")
    add("--state", type=Path, default=default("STATE", "var/sandbox"), help="keys, links.json")
    add("--client-id", default=default("CLIENT_ID", NORTHFIELD.client_id))
    add("--second-client-id", default=default("SECOND_CLIENT_ID", SOUTHGATE.client_id))
    add(
        "--profile",
        dest="profiles",
        action="append",
        choices=list(PROFILES),
        help="which platform to play; several run side by side (default: plain)",
    )
    values = vars(parser.parse_args(arguments))
    chosen = values.pop("profiles") or default("PROFILE", "plain").split(",")
    if unknown := set(chosen) - set(PROFILES):
        parser.error(f"SANDBOX_PROFILE: there is no profile {', '.join(sorted(unknown))}")
    return Settings(**values, profiles=tuple(dict.fromkeys(chosen)))

"""Where the sandbox runs, from arguments, else SANDBOX_* variables, else defaults."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.platform import DEFAULT_TOOL_URL, Platform
from sandbox.schools import NORTHFIELD, SOUTHGATE, two_schools


@dataclass(frozen=True)
class Settings:
    """`host` is the name in addresses; the program itself listens on 127.0.0.1 only."""

    port: int
    host: str
    tool_url: str
    state: Path
    client_id: str
    second_client_id: str

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def platform(self) -> Platform:
        return Platform(
            self.tool_url,
            base_url=self.base_url,
            schools=two_schools(self.client_id, self.second_client_id),
            state=self.state,
        )


def read(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this start. Ends the program with a message when an argument is wrong."""

    def default(name: str, otherwise: str) -> str:
        return environment.get(f"SANDBOX_{name}") or otherwise

    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=default("PORT", "9000"), help="default: 9000")
    add("--host", default=default("HOST", "localhost"), help="name in addresses: localhost")
    add("--tool-url", default=default("TOOL_URL", DEFAULT_TOOL_URL), help="where the tool is")
    add("--state", type=Path, default=default("STATE", "var/sandbox"), help="keys, links.json")
    add("--client-id", default=default("CLIENT_ID", NORTHFIELD.client_id))
    add("--second-client-id", default=default("SECOND_CLIENT_ID", SOUTHGATE.client_id))
    return Settings(**vars(parser.parse_args(arguments)))

"""The tool's commands as an operator types them, many in one process: each start takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self


class CommandFailed(Exception):
    """The text is what the tool said."""


class Commands:
    """The `flask` program of the tool in `root`, for as long as the block lasts."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = dict(environment)

    def __enter__(self) -> Self:
        self._complaints: IO[bytes] = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.commands"],
            cwd=self._root,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._process.communicate()
        self._complaints.close()

    def run(self, *arguments: str) -> str:
        """Tell what the command printed. Raises CommandFailed."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(json.dumps(arguments), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        said = json.loads(answer) if answer else {"failed": self._last_words(), "printed": ""}
        if said["failed"] is not None:
            last = said["failed"].strip().splitlines()[-15:]
            raise CommandFailed("\n".join([f"flask {' '.join(arguments[:2])} failed:", *last]))
        return str(said["printed"])

    def _last_words(self) -> str:
        """Tell what a program that has ended wrote about it."""
        self._process.wait()
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace")


def main() -> None:
    """Run each line's command, a list in JSON, and answer in a line."""
    from flask.cli import FlaskGroup

    from wsgi import app

    runner = app.test_cli_runner()
    flask = FlaskGroup(create_app=lambda: app)
    for line in sys.stdin:
        result = runner.invoke(flask, json.loads(line))
        failed = result.output if result.exit_code else None
        if result.exc_info is not None and not isinstance(result.exception, SystemExit | None):
            failed = "".join(traceback.format_exception(*result.exc_info))
        print(json.dumps({"printed": result.stdout, "failed": failed}), flush=True)


if __name__ == "__main__":
    main()

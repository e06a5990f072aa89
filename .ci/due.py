"""The parts of `make test-all` that a change calls for beyond `make test`, the weightiest first.

    python3 .ci/due.py [BASE]

The change is what lies between BASE and HEAD. Where BASE is not given, or unknown in this copy, the
last commits stand for it: a fresh copy does not know what was there before the push.
"""

from __future__ import annotations

import re
import subprocess
import sys

LAST_COMMITS = 20
DUE = (
    (
        r"migrations/|lti_tool/(.*/)?models\.py$|lti_tool/core/db/|tests/services/|constraints\.txt",
        "test-databases",
    ),
    (
        r"lti_tool/lti/|tests/http/lti/|tests/rules/lti/|tests/conformance/|pyproject\.toml|constraints\.txt",
        "test-next-everything",
    ),
    (r"lti_tool/translations/|templates/|frontend/|tests/browser/", "test-browser"),
    (r"sandbox/|tests/sandbox/", "test-sandbox"),
)


def due(paths: list[str]) -> list[str]:
    """Return the make targets for a change of these files."""
    return [part for pattern, part in DUE if any(re.match(pattern, path) for path in paths)]


def touched(base: str) -> list[str]:
    """Return the files changed since; of all commits there are, if there is no such one.

    Raises CalledProcessError where git does not work: then nobody knows what is due.
    """
    for since in (base, f"HEAD~{LAST_COMMITS}"):
        if since and _is_commit(since):
            return _git("diff", "--name-only", since, "HEAD")
    return _git("ls-files")


def _is_commit(name: str) -> bool:
    asked = ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _git(*command: str) -> list[str]:
    done = subprocess.run(["git", *command], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    print("\n".join(due(touched(sys.argv[1] if len(sys.argv) > 1 else ""))))

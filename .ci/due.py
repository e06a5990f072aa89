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
    (r"migrations/|lti_tool/(.*/)?models\.py$|lti_tool/core/db/", "test-databases"),
    (r"lti_tool/lti/|tests/(http|rules)/lti/", "test-next-everything"),
    (r"lti_tool/translations/|templates/|frontend/", "test-browser"),
    (r"sandbox/|tests/sandbox/", "test-sandbox"),
)


def due(paths: list[str]) -> list[str]:
    """Return the make targets for a change of these files."""
    return [part for pattern, part in DUE if any(re.match(pattern, path) for path in paths)]


def touched(base: str) -> list[str]:
    """Return the files changed since; of all commits there are, if there is no such one."""
    for since in (base, f"HEAD~{LAST_COMMITS}"):
        if since and _git("rev-parse", "--verify", "--quiet", f"{since}^{{commit}}") is not None:
            return (_git("diff", "--name-only", since, "HEAD") or "").splitlines()
    return (_git("ls-files") or "").splitlines()


def _git(*command: str) -> str | None:
    done = subprocess.run(["git", *command], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


if __name__ == "__main__":
    print("\n".join(due(touched(sys.argv[1] if len(sys.argv) > 1 else ""))))

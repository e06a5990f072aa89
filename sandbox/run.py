"""`make run`: the tool and the sandbox LMS together, ready to try. Ctrl-C stops both.

FOYER_PORT and SANDBOX_PORT choose other ports, SANDBOX_PROFILE=plain,canvas fewer platforms. What
is kept is in var/ (another folder: SANDBOX_VAR); delete it to begin anew.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from sandbox.processes import Processes, StartFailed, port_is_free

ROOT = Path(__file__).resolve().parent.parent

TOOL, LMS = "foyer", "sandbox"

PROFILES = "plain,sakai,canvas,moodle,certifier"

READY = """
  Ready. Open  {lms}

  There you choose who you are and what you open. For a start:
    - be {instructor}, open “A morning on the river”, and choose “Invite users” in its menu
    - open the link you get in another browser or a private window
    - open the same film as a student in a second tab: nothing to invite with

  The same as other platforms do it, with their buttons, roles and faults (all under “What
  differs, what goes wrong” of their first page):
{products}

  Foyer itself is at {tool}. Logs: {logs}
  Ctrl-C stops both.
"""


def main() -> int:
    """Prepare what is missing, start both programs, and stay until one is told to stop."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    try:
        return _run()
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    except StartFailed as failed:
        print(f"\n{failed}", file=sys.stderr)
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(
            f"\n{said}\nThe sandbox keeps what it makes in var/, or in SANDBOX_VAR.",
            file=sys.stderr,
        )
    return 1


def _run() -> int:
    # These take half a second: from here on Ctrl-C is answered in a word.
    from sandbox import settings
    from sandbox.prepare import Preparation

    tool_port = _port("FOYER_PORT", 8000)
    lms_port = _port("SANDBOX_PORT", 9000)
    tool_url = os.environ.get("FOYER_BASE_URL", f"http://127.0.0.1:{tool_port}")
    environment = {
        **os.environ,
        "FOYER_DEVELOPMENT": os.environ.get("FOYER_DEVELOPMENT", "1"),
        "FOYER_BASE_URL": tool_url,
    }
    var = Path(os.environ.get("SANDBOX_VAR") or ROOT / "var").resolve()
    if os.environ.get("SANDBOX_VAR"):
        environment = {**_kept_in(var), **environment}
    state = var / "sandbox" / str(lms_port)
    where = ["--port", str(lms_port), "--tool-url", tool_url, "--state", str(state)]
    wanted = (os.environ.get("SANDBOX_PROFILE") or PROFILES).split(",")
    played = [name for name in wanted if _has_addresses(name, lms_port)]
    arguments = [*where, *(part for name in played for part in ("--profile", name))]
    platforms = settings.read(arguments).platforms()
    preparations = [
        Preparation(ROOT, var / "samples", environment, one, one.state)
        for one in platforms
        if one.state
    ]
    if any(one.needed for one in preparations):
        print("Setting up, once:", flush=True)
        for preparation in preparations:
            preparation.run()
    with Processes(ROOT, var / "log") as both:
        both.start(TOOL, _gunicorn(tool_port), environment)
        both.start(LMS, [sys.executable, "-m", "sandbox", *arguments], environment)
        for platform in platforms:
            both.wait_for(LMS, f"{platform.base_url}/healthz")
        both.wait_for(TOOL, f"http://127.0.0.1:{tool_port}/healthz")
        first, *products = platforms
        listed = "\n".join(f"    {one.profile.title:<20} {one.base_url}" for one in products)
        words = {
            "lms": first.base_url,
            "tool": tool_url,
            "logs": var / "log",
            "instructor": first.user("instructor-1").name,
            "products": listed or "    (none is running)",
        }
        print(READY.format(**words), flush=True)
        while True:
            both.check()
            time.sleep(0.5)


def _kept_in(var: Path) -> dict[str, str]:
    """Say where the tool keeps its own, which else is in the var/ and keys/ of its folder."""
    return {
        "FOYER_DATABASE_URL": f"sqlite:///{var / 'foyer.sqlite3'}",
        "FOYER_STORAGE_URL": (var / "files").as_uri(),
        "FOYER_KEYS_DIR": str(var / "keys"),
    }


def _has_addresses(name: str, port: int) -> bool:
    """Whether this machine has the addresses of a product.

    Raises StartFailed where they are taken.
    """
    from sandbox.profiles import profile
    from sandbox.serve import listening_at

    if name == "plain":
        return True
    if name not in PROFILES.split(","):
        raise StartFailed(f"SANDBOX_PROFILE may name {PROFILES}, not “{name}”.")
    hosts = listening_at(profile(name).sites(port))
    if not all(port_is_free(0, host) for host in hosts):
        return False
    for host in hosts:
        if not port_is_free(port, host):
            raise StartFailed(_taken(f"{host}:{port}", "SANDBOX_PORT", port))
    return True


def _gunicorn(port: int) -> list[str]:
    """One process with threads: enough for one machine, and as in production otherwise."""
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"),
        *("--config", "deploy/gunicorn.conf.py", "--workers", "1", "--threads", "12"),
        *("--graceful-timeout", "3", "--log-level", "warning"),
    ]


def _port(variable: str, usual: int) -> int:
    given = os.environ.get(variable) or str(usual)
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise StartFailed(f"{variable} must be a port number, not “{given}”.")
    port = int(given)
    if not port_is_free(port):
        raise StartFailed(_taken(f"Port {port}", variable, port))
    return port


def _taken(what: str, variable: str, port: int) -> str:
    return (
        f"{what} is taken by another program. Stop it, or choose another port:\n"
        f"  {variable}={port + 1} make run"
    )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

"""What the child gives up before it looks at a file that somebody handed in."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from . import landlock, seccomp

MEMORY_BYTES = 2 << 30
CPU_SECONDS = 40
WRITTEN_BYTES = 256 << 20
NICENESS = 10
PR_SET_PDEATHSIG = 1

# pdfium draws letters that a document does not bring along with the fonts of the machine.
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")
# Documents with rights are written with fresh random numbers.
_RANDOM = ("/dev/urandom",)
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")


def give_up(parent: int, source: Path, folder: Path) -> None:
    """Die with ``parent``, be polite, be bounded; read only ``source``, write only ``folder``.

    Raises OSError where the kernel refuses what it offers.
    """
    _die_with(parent)
    os.nice(NICENESS)
    _bound(max(WRITTEN_BYTES, 2 * source.stat().st_size))
    landlock.restrict(readable=[source, *_needed()], writable=[folder])
    seccomp.restrict()


def _die_with(parent: int) -> None:
    """Be ended with the worker that asked, however that ends (prctl(2))."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before this could be asked for
        os._exit(1)


def _bound(written_bytes: int) -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, written_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        # Refused where the system knows no such limit, or holds us to a lower one already.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def _needed() -> Iterator[Path]:
    """List where Python and its libraries lie, which are loaded when they are first asked for."""
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield Path(sysconfig.get_path(name))
    # An environment may borrow packages from another one (site-packages with a .pth file).
    yield from (Path(one) for one in sys.path if one.endswith("-packages"))
    yield Path(sysconfig.get_config_var("LIBDIR") or sys.base_prefix)
    yield from map(Path, (*_LIBRARIES, *_FONTS, *_RANDOM))
    yield Path(__file__).parent

"""What the process that looks into files can still reach, and how long it lives."""

from __future__ import annotations

import os
import platform
import select
import socket
import subprocess
import sys
from pathlib import Path

import media_samples as samples
import pytest
from structlog.testing import capture_logs

from lti_tool.media import formats
from lti_tool.media.intake import probe
from lti_tool.media.intake.probe_child import landlock, seccomp
from lti_tool.media.intake.sniffing import Found

HAS_LANDLOCK = pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock")
# A child that has given up what the real one gives up, and then tries what it is told to.
TRIES = """
import ctypes, fcntl, os, resource, signal, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
sys.path.append(sys.argv[1])
from pathlib import Path
from probe_child import limits
source, folder = Path(sys.argv[2]), Path(sys.argv[3])
limits.give_up(os.getppid(), source, folder)
import av, PIL.Image, pikepdf, pypdfium2
thread = threading.Thread(target=source.read_bytes)
thread.start()
thread.join()
resource.getrlimit(resource.RLIMIT_NOFILE)
os.kill(os.getpid(), 0)
(folder / "picture").write_bytes(b"x")
for what in sys.argv[4:]:
    verb, _, path = what.partition(":")
    try:
        if verb == "read":
            open(path).close()
        elif verb == "list":
            os.listdir(path)
        elif verb == "write":
            open(path, "w").close()
        elif verb == "run":
            os.execv(path, [path])
        elif verb == "connect":
            socket.create_connection(("127.0.0.1", int(path)), 1)
        elif verb == "connect-unix":
            socket.socket(socket.AF_UNIX).connect(path)
        elif verb == "udp":
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int(path)))
        elif verb == "pair":
            socket.socketpair()
        elif verb == "fork":
            os.fork() or os._exit(0)
        elif verb == "end":
            os.kill(int(path), 0)
        elif verb == "limit":
            resource.prlimit(int(path), resource.RLIMIT_NOFILE)
        elif verb == "mode":
            os.chmod(path, 0o777)
        elif verb == "owner":
            os.chown(path, os.getuid(), -1)
        elif verb == "times":
            os.utime(path, (1, 1))
        elif verb == "attribute":
            os.setxattr(path, "user.told", b"1")
        elif verb == "cut":
            os.truncate(path, 0)
        elif verb == "nice":
            os.setpriority(os.PRIO_PROCESS, int(path), 19)
        elif verb == "pin":
            os.sched_setaffinity(int(path), os.sched_getaffinity(0))
        elif verb == "end-by-file":
            fcntl.fcntl(0, fcntl.F_SETOWN, int(path))
        elif verb == "outlive":
            if libc.prctl(1, 0, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "")
        elif verb == "vm":
            if libc.syscall(int(path), os.getppid(), None, 0, None, 0, 0) < 0:
                raise OSError(ctypes.get_errno(), "")
        print(what, "went")
    except PermissionError:
        print(what, "refused")
"""


@HAS_LANDLOCK
def test_nothing_but_the_file_and_its_own_folder(tmp_path: Path) -> None:
    keys, folder, beside = tmp_path / "keys", tmp_path / "folder", tmp_path / "foyer.db"
    for made in (keys, folder):
        made.mkdir()
    source = samples.sound_wav(tmp_path / "upload.wav")
    for secret in (keys / "invitations.key", beside):
        secret.write_text("secret")
    tried = [
        f"read:{keys / 'invitations.key'}",
        f"list:{keys}",
        f"read:{beside}",
        "read:/etc/passwd",
        f"read:/proc/{os.getpid()}/environ",
        f"write:{source}",
        f"write:{tmp_path / 'elsewhere'}",
        f"read:{Path(probe.__file__)}",
        "run:/bin/true",
    ]
    if landlock.abi() >= 4:
        tried.append("connect:1")
    assert what_goes(tried, source, folder) == []


def what_goes(tried: list[str], source: Path, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRIES, probe.INTAKE, source, folder, *tried],
        capture_output=True,
        text=True,
        check=True,
    )
    answers = done.stdout.splitlines()
    assert len(answers) == len(tried)
    return [answer for answer in answers if not answer.endswith(" refused")]


@pytest.mark.skipif(not seccomp.is_there(), reason="this machine has no seccomp")
def test_no_connection_no_process_and_no_hand_on_another_one(tmp_path: Path) -> None:
    source = samples.sound_wav(tmp_path / "upload.wav")
    listening = tmp_path / "database"
    with socket.socket(socket.AF_UNIX) as database:
        database.bind(str(listening))
        database.listen()
        tried = [
            f"connect-unix:{listening}",
            "connect:1",
            "udp:53",
            "pair:",
            "fork:",
            f"end:{os.getpid()}",
            f"limit:{os.getpid()}",
            f"vm:{310 if platform.machine() == 'x86_64' else 270}",
            f"nice:{os.getpid()}",
            f"pin:{os.getpid()}",
            f"end-by-file:{os.getpid()}",
            "outlive:",
        ]
        folder = tmp_path / "folder"
        folder.mkdir()
        assert what_goes(tried, source, folder) == []


@pytest.mark.skipif(not seccomp.is_there(), reason="this machine has no seccomp")
def test_what_is_written_about_a_file_stays_as_it_is(tmp_path: Path) -> None:
    """Landlock says nothing of it: keys could be opened to every user, or shut to Foyer itself."""
    source, folder = samples.sound_wav(tmp_path / "upload.wav"), tmp_path / "folder"
    keys = tmp_path / "keys"
    folder.mkdir()
    keys.write_text("secret")
    keys.chmod(0o600)
    before = keys.stat()
    verbs = ("mode", "owner", "times", "attribute", "cut")
    assert what_goes([f"{verb}:{keys}" for verb in verbs], source, folder) == []
    assert keys.stat() == before


def test_a_child_that_cannot_begin_says_nothing_of_the_file(tmp_path: Path) -> None:
    found = Found(formats.WAV, 0, 100)
    with capture_logs() as logs, pytest.raises(probe.CannotExamine):
        probe._ask_child(tmp_path / "missing", found, tmp_path)
    assert logs[0]["event"] == "media.cannot_examine"
    assert logs[0]["why"].startswith("FileNotFoundError 2 ")


def test_the_child_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """A pipe that nobody writes to keeps the child reading for ever."""
    source = tmp_path / "upload.wav"
    os.mkfifo(source)
    command = probe.command(source, Found(formats.WAV, 0, 100), tmp_path)
    starts = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([*sys.argv[1:-1], str(os.getpid())])\n"
        "print(child.pid, flush=True)\n"
        "child.wait()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starts, *command], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        child = os.pidfd_open(int(worker.stdout.readline()))
        with open(source, "wb"):  # once it can be opened, the child has come to reading it
            assert not select.select([child], [], [], 0)[0]
            worker.kill()
            assert select.select([child], [], [], 20)[0]
        os.close(child)


def test_the_operator_is_told_where_the_kernel_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bool(probe.unconfined()) is not bool(landlock.abi() and seccomp.is_there())
    monkeypatch.setattr(sys, "platform", "other")
    assert landlock.abi() == 0
    told = probe.unconfined() or ""
    assert "Landlock" in told
    assert "seccomp" in told


def test_pieces_of_a_taken_over_child_stay_within_the_file(tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(bytes(1000))
    for told in ("[[999, 2]]", "[[-2, 5]]", "[[0, 0]]", '["zz"]', "{}", "[[-1, 9000000000]]"):
        (tmp_path / probe.PIECES).write_text(told)
        with pytest.raises(formats.Refused):
            probe._served(source, "av", tmp_path)
    (tmp_path / probe.PIECES).write_text('["6869", [-1, 2], [998, 2]]')
    served = probe._served(source, "av", tmp_path)
    assert (b"".join(served.blocks()), served.size) == (b"hi" + bytes(4), 6)


def test_pieces_without_number_are_not_taken_in(tmp_path: Path) -> None:
    source = tmp_path / "upload.mp4"
    source.write_bytes(b"x" * 1000)
    (tmp_path / probe.PIECES).write_text("[" + "[0,1]," * probe.MAX_PIECES + "[0,1]]")
    with pytest.raises(formats.Refused) as refused:
        probe._served(source, "av", tmp_path)
    assert refused.value.reason is formats.Reason.TOO_HARD


def test_a_child_that_does_not_stop_talking_is_not_listened_to(tmp_path: Path) -> None:
    talks = "import sys; sys.stdout.write('x' * (4 << 20))"
    status, said = probe.answer_of([sys.executable, "-c", talks], tmp_path)
    assert (status, len(said)) == (0, probe.MAX_ANSWER_BYTES)

"""seccomp: system calls that the process takes from itself, where Landlock has nothing to say.

Landlock leaves UNIX sockets, UDP, further processes, other processes of the same user, and the
owner, mode, times and attributes of every file as they are; before its third version also the
length of files by their names. https://docs.kernel.org/userspace-api/seccomp_filter.html: a small
program that the kernel asks at each system call, made here by hand, since the C library has no
functions for it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

PR_GET_SECCOMP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 21, 22, 38
MODE_FILTER = 2
CLONE_THREAD = 0x10000
PR_SET_PDEATHSIG = 1
# To whom a file tells that it can be read, and by which signal: a way to end other processes.
F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24


@dataclass(frozen=True)
class _Machine:
    """A machine's audit number, and the numbers of its system calls."""

    audit: int
    forbidden: tuple[int, ...]
    signals: tuple[int, ...]
    """They are for this process alone: kill, tgkill."""

    limits: int
    """prlimit64: for this process alone; 0 stands for it."""

    clone: int
    fcntl: int
    prctl: int


# The same everywhere since Linux 5.0: pidfd_send_signal, io_uring_*, open_tree, move_mount, fsopen,
# fsconfig, fsmount, fspick, pidfd_open, pidfd_getfd, process_madvise, mount_setattr,
# process_mrelease, fchmodat2, setxattrat, removexattrat, open_tree_attr, file_setattr.
_NEWER = (
    *(424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 448, 452),
    *(463, 466, 467, 469),
)
_CLONE3 = 435
# In this order: socket, socketpair, bind, listen, accept, accept4, connect, sendto, sendmsg,
# sendmmsg, execve, execveat, ptrace, process_vm_readv, process_vm_writev, tkill, rt_sigqueueinfo,
# rt_tgsigqueueinfo, unshare, setns, mount, add_key, request_key, keyctl, bpf, perf_event_open,
# userfaultfd, shmget, shmat, msgget, semget, mq_open, open_by_handle_at; of files fchmod, fchmodat,
# fchown, fchownat, utimensat, (l, f)setxattr, (l, f)removexattr, truncate, inotify_add_watch; of
# processes setpriority, ioprio_set, sched_setparam, sched_setscheduler, sched_setaffinity,
# sched_setattr, migrate_pages, move_pages, kcmp; x86 has fork, vfork, chmod, chown, lchown, utime,
# utimes and futimesat.
_X86_64 = (
    *(41, 53, 49, 50, 43, 288, 42, 44, 46, 307, 59, 322, 101, 310, 311, 200, 129, 297),
    *(272, 308, 165, 248, 249, 250, 321, 298, 323, 29, 30, 68, 64, 240, 304, 91, 268, 93, 260, 280),
    *(188, 189, 190, 197, 198, 199, 76, 254, 141, 251, 142, 144, 203, 314, 256, 279, 312),
    *(57, 58, 90, 92, 94, 132, 235, 261),
)
_AARCH64 = (
    *(198, 199, 200, 201, 202, 242, 203, 206, 211, 269, 221, 281, 117, 270, 271, 130, 138, 240),
    *(97, 268, 40, 217, 218, 219, 280, 241, 282, 194, 196, 186, 190, 180, 265, 52, 53, 55, 54, 88),
    *(5, 6, 7, 14, 15, 16, 45, 27, 140, 30, 118, 119, 122, 274, 238, 239, 272),
)
_MACHINES = {
    "x86_64": _Machine(0xC000003E, (*_X86_64, *_NEWER), (62, 234), 302, 56, 72, 157),
    "aarch64": _Machine(0xC00000B7, (*_AARCH64, *_NEWER), (129, 131), 261, 220, 25, 167),
}


def is_there() -> bool:
    """Tell whether this kernel and this machine can do it."""
    if not sys.platform.startswith("linux") or platform.machine() not in _MACHINES:
        return False
    return bool(_libc().prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0)


def restrict() -> bool:
    """Give up sockets, further processes and programs, and all that reaches into other processes.

    Also what changes of a file is not in it: mode, owner, times, attributes.

    Returns False where that cannot be done. Raises OSError where it can, and is refused.
    """
    if not is_there():
        return False
    program = _program(_MACHINES[platform.machine()], os.getpid())
    filters = ctypes.create_string_buffer(program, len(program))
    told = struct.pack("@HP", len(program) // 8, ctypes.addressof(filters))
    libc = _libc()
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, MODE_FILTER, told, 0, 0
    ):
        raise OSError(ctypes.get_errno(), "seccomp")
    return True


def _program(machine: _Machine, pid: int) -> bytes:
    """Write the program: the first answer that fits a call holds."""
    refused = _step(_RETURN, _ERRNO | errno.EPERM)
    allowed = _step(_RETURN, _ALLOW)
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        *(_step(_EQUAL, machine.audit, 1, 0), refused),
        _step(_LOAD, _NUMBER),
        *(_step(_AT_LEAST, _X32, 0, 1), refused),
        *(_step(_EQUAL, _CLONE3, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)),
    ]
    for number in machine.forbidden:
        steps += [_step(_EQUAL, number, 0, 1), refused]
    for number, own in ((machine.limits, (0, pid)), *((one, (pid,)) for one in machine.signals)):
        answers = [part for one in own for part in (_step(_EQUAL, one, 0, 1), allowed)]
        steps += [_step(_EQUAL, number, 0, len(answers) + 2)]
        steps += [_step(_LOAD, _FIRST_ARGUMENT), *answers, refused]
    for number, argument, values in (
        (machine.fcntl, _SECOND_ARGUMENT, (F_SETOWN, F_SETSIG, F_SETOWN_EX)),
        (machine.prctl, _FIRST_ARGUMENT, (PR_SET_PDEATHSIG,)),
    ):
        answers = [part for one in values for part in (_step(_EQUAL, one, 0, 1), refused)]
        steps += [_step(_EQUAL, number, 0, len(answers) + 2)]
        steps += [_step(_LOAD, argument), *answers, allowed]
    # Threads are made by clone; what else it makes is a process.
    steps += [_step(_EQUAL, machine.clone, 0, 3), _step(_LOAD, _FIRST_ARGUMENT)]
    steps += [_step(_HAS_BIT, CLONE_THREAD, 1, 0), refused, allowed]
    return b"".join(steps)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)

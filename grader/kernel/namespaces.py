"""Namespaces of the warm parent's own: no network there, and no process or user but its own.

Entered once, after the imports, so that every child is born inside at no cost. Seccomp and Landlock
refuse sockets and signals besides; this holds were a rule of theirs to miss one. Where the system
allows no user namespaces, seccomp stands alone, and `grader doctor` says so.

A process namespace needs a first process, which must outlive the others: a child that does nothing
but wait for the parent's end. When it goes, the kernel ends every student kernel with it.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

__all__ = ["KINDS", "apart", "enter"]

CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER = 0x04000000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
KINDS = ("user", "net", "pid", "ipc", "uts")
FLAGS = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS


def enter() -> str:
    """Let this process's children be born in namespaces of their own.

    Returns:
        Nothing where that was done; otherwise why it is not allowed here, and nothing has changed.
    """
    refused = _try_in_a_child()
    if not refused:
        _unshare()
        _start_init()
    return refused


def apart(pid: int) -> set[str]:
    """The kinds of namespace that a process does not share with this one."""
    return {kind for kind in KINDS if _identity(pid, kind) != _identity(os.getpid(), kind)}


def _identity(pid: int, kind: str) -> str:
    return str(Path(f"/proc/{pid}/ns/{kind}").readlink())


def _try_in_a_child() -> str:
    """Why it cannot be done, tried where a refusal half-way does no harm."""
    pid = os.fork()
    if pid == 0:
        try:
            _unshare()
        except BaseException as error:  # whatever it is, this copy must not go on
            os._exit(getattr(error, "errno", None) or 255)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == errno.ENOSPC:
        return "the limit in /proc/sys/user is reached"
    return os.strerror(abs(code)) if code else ""


def _unshare() -> None:
    """Each user and group stands for itself inside, so that files belong to whom they did."""
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(FLAGS) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _start_init() -> None:
    """Fork the namespace's first process; the pipe that it reads stays open as long as we live."""
    reading, _ = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.dup2(reading, 0)
        os.closerange(1, 1 << 16)
        os.read(0, 1)
        os._exit(0)
    os.close(reading)

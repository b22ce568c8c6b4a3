"""What keeps a learner's server to the learner's own folder: an own account, Landlock, or both.

Learners may run anything in their notebooks, with a network and processes of their own: that is
what a notebook is for. What they must not do is read other learners' work, the hidden tests, the
gradebook or the room's secrets. (The sandbox in which submissions are graded is far tighter.)
"""

from __future__ import annotations

import ctypes
import os
import pwd
import resource
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import MachineError
from grader.kernel.sandbox import (
    ACCESS_BITS,
    CAPABILITY_VERSION_3,
    FILE_RIGHTS,
    LANDLOCK_ADD_RULE,
    LANDLOCK_CREATE_RULESET,
    LANDLOCK_RESTRICT_SELF,
    PR_CAPBSET_DROP,
    PR_SET_NO_NEW_PRIVS,
    READ_ONLY,
    readable_paths,
)
from grader.room.people import MOST

__all__ = ["Walls", "find_walls"]

FIRST_ACCOUNT = 30_000  # learner n runs as this number plus n; no entry in /etc/passwd is needed
AFTER_THE_ROOM = 5  # steps of priority: thirty kernels must not keep the teacher's page waiting
PROCESSES = 512  # of one learner's account: a fork bomb ends there
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/opt", "/proc", "/sys")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
TERMINALS = ("/dev/ptmx", "/dev/pts")
SCOPES = 3  # no signals to, and no abstract sockets of, processes outside


@dataclass(frozen=True)
class Walls:
    """Which walls there are on this machine."""

    accounts: bool  # each learner's server runs under a number of its own
    landlock: int  # the version of Landlock; 0 where there is none
    why: str = ""  # there are no accounts

    @property
    def hold(self) -> bool:
        """Whether learners are kept apart at all."""
        return self.accounts or self.landlock > 0

    @property
    def told(self) -> str:
        """Which holds, in a sentence for the teacher."""
        if self.accounts and self.landlock:
            return (
                "Each learner's server runs under an account number of its own, and behind "
                "Landlock: it can open its own folder, Python and the system, nothing else."
            )
        if self.accounts:
            return "Each learner's server runs under an account number of its own."
        if self.landlock:
            signals = "" if self.landlock >= 6 else " They could end one another's servers, though."
            return (
                f"All learners' servers run under one account ({self.why}), each behind Landlock: "
                f"it can open its own folder, Python and the system, nothing else.{signals}"
            )
        return (
            "NOTHING keeps learners apart here: under one account, without Landlock, each could "
            "read the others' work, the hidden tests and the gradebook."
        )

    def uid(self, number: int) -> int | None:
        """The account number of learner number so-and-so; None where all share this account."""
        return FIRST_ACCOUNT + number if self.accounts else None

    def closing(self, home: Path, number: int, shared: Sequence[Path] = ()) -> Callable[[], None]:
        """What a forked child calls before it becomes the learner's server.

        Args:
            home: the learner's folder, the only one that may be written.
            number: the learner's.
            shared: more that may be read.
        """
        uid = self.uid(number)
        readable = [*SYSTEM, *readable_paths(), *map(str, shared)] if self.landlock else []
        libc = ctypes.CDLL(None, use_errno=True)

        def close() -> None:
            os.umask(0o077)
            os.nice(AFTER_THE_ROOM)
            os.chdir(home)
            if uid is not None:
                resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            if self.landlock:
                _restrict(libc, self.landlock, readable, home)

        return close

    def try_reading(self, paths: Sequence[Path], home: Path, number: int) -> list[Path]:
        """Which of these a learner could read, tried as one. `home` must be theirs."""
        program = (
            "import os, sys\n"
            "for name in sys.argv[1:]:\n"
            "    try: os.listdir(name) if os.path.isdir(name) else open(name, 'rb').read(1)\n"
            "    except OSError: continue\n"
            "    print(name)"
        )
        try:
            ran = subprocess.run(
                [sys.executable, "-I", "-c", program, *map(str, paths)],
                preexec_fn=self.closing(home, number),
                capture_output=True,
                text=True,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", "") or error).strip()[-200:]
            raise MachineError(
                f"Python does not start as a learner ({said}): its folder, {sys.prefix}, and the "
                "learners' folders must be open to other accounts on every step of the path."
            ) from None
        return [Path(line) for line in ran.stdout.splitlines()]


def find_walls() -> Walls:
    """Which walls this machine has, tried."""
    why = _why_no_accounts()
    return Walls(not why, _landlock_version(), why)


def _why_no_accounts() -> str:
    """Why learners cannot have account numbers of their own; nothing where they can."""
    if os.geteuid() != 0:
        return "only root can give each learner an account number"
    taken = range(FIRST_ACCOUNT, FIRST_ACCOUNT + MOST + 1)
    used = [one.pw_name for one in pwd.getpwall() if one.pw_uid in taken]
    if used:
        return f"{used[0]} has one of the numbers {taken.start} to {taken.stop - 1}"
    command = [sys.executable, "-I", "-c", "import jupyterlab, torch"]
    try:
        ran = subprocess.run(
            command, user=taken.start, group=taken.start, extra_groups=[], capture_output=True
        )
    except OSError:
        return f"other accounts may not go to {sys.executable}"
    return "" if ran.returncode == 0 else f"other accounts cannot start {sys.executable}"


def _landlock_version() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    asked = libc.syscall(
        ctypes.c_long(LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(1)
    )
    return max(int(asked), 0)


def _restrict(libc: ctypes.CDLL, version: int, readable: Sequence[str], home: Path) -> None:
    """Landlock: what is listed, and nothing else; the network stays, for the kernel's own sockets.

    Raises:
        OSError: where a step is refused; the server must then not start.
    """
    every = (1 << ACCESS_BITS[min(version, max(ACCESS_BITS))]) - 1
    size = 24 if version >= 6 else 8
    attributes = struct.pack("QQQ", every, 0, SCOPES)[:size]
    call = [ctypes.c_long(LANDLOCK_CREATE_RULESET), attributes, ctypes.c_size_t(size)]
    ruleset = _must(libc.syscall(*call, ctypes.c_uint(0)))
    rules = [
        *((path, READ_ONLY) for path in readable),
        *((path, every) for path in (*DEVICES, *TERMINALS, str(home))),
    ]
    for path, access in rules:
        if Path(path).exists():
            _allow(libc, ruleset, path, access & every)
    _must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _drop_capabilities(libc)
    restrict = [ctypes.c_long(LANDLOCK_RESTRICT_SELF), ctypes.c_int(ruleset)]
    _must(libc.syscall(*restrict, ctypes.c_uint(0)))
    os.close(ruleset)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Where all are root: some of its rights go past Landlock, to other processes' secrets."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _must(libc.capset(header, b"\0" * 24))


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    if not Path(path).is_dir():
        access &= FILE_RIGHTS
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", access, opened)
    call = [ctypes.c_long(LANDLOCK_ADD_RULE), ctypes.c_int(ruleset), ctypes.c_uint(1), rule]
    _must(libc.syscall(*call, ctypes.c_uint(0)))
    os.close(opened)


def _must(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock could not be closed around a learner's server")
    return result

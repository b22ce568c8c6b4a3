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
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import MachineError
from grader.kernel.landlock import EVERY, READ_ONLY, landlock_version, must, restrict
from grader.kernel.sandbox import PR_SET_NO_NEW_PRIVS, drop_capabilities, readable_paths
from grader.room.people import MOST

__all__ = ["Walls", "find_walls"]

FIRST_ACCOUNT = 30_000  # learner n runs as this number plus n; no entry in /etc/passwd is needed
AFTER_THE_ROOM = 10  # steps of priority: thirty kernels must not keep the teacher's page waiting
PROCESSES = 512  # of one learner's account: a fork bomb ends there
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/sys")  # nobody's work
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
TERMINALS = ("/dev/ptmx", "/dev/pts")


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

    def closing(
        self, home: Path, number: int, shared: Sequence[Path] = (), runtime: Path | None = None
    ) -> Callable[[], None]:
        """What a forked child calls before it becomes the learner's server.

        Args:
            home: the learner's folder.
            number: the learner's.
            shared: more that may be read.
            runtime: the folder of the learner's sockets; no third one may be written.
        """
        uid = self.uid(number)
        own = [home, runtime] if runtime else [home]
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
                must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
                restrict(_rules(readable, own), tcp=True)  # TCP: the server listens
                drop_capabilities(libc)

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
    return Walls(not why, landlock_version(), why)


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


def _rules(readable: Iterable[str], own: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """What Landlock leaves open to a learner's server, of what there is here."""
    wanted = dict.fromkeys(readable, READ_ONLY)
    wanted |= dict.fromkeys((*DEVICES, *TERMINALS, *map(str, own)), EVERY)
    return ((path, access) for path, access in wanted.items() if Path(path).exists())

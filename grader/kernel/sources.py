"""Where student kernels come from: a warm parent that forks them, or a new Python for each."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from grader.errors import MachineError
from grader.kernel.client import KernelDied, StudentKernel
from grader.kernel.parent import CONNECT, READY
from grader.kernel.scratch import Scratch, make_folder, remove_folder

__all__ = ["Connection", "KernelSource", "SoloSource", "WarmParent", "kernels"]

MEMORY = 2 << 30  # bytes on top of the warm parent's own
DYING = 5.0  # seconds that a killed process may take to be gone
STARTING = 300.0  # seconds that a new Python and its imports may take
STARTS = 5  # times that it is started, where it is killed before it has
FORKING = 60.0  # seconds that a fork may take, behind those of other workers
PARENT_GONE = "The warm parent ended; start the command again."
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")


class KernelSource(Protocol):
    """Where student kernels come from."""

    def fork(self) -> StudentKernel:
        """A fresh student kernel."""

    def close(self) -> None:
        """End what made them."""


class WarmParent:
    """The sandboxed source: a program that has imported everything and forks a child a submission.

    It starts on its own core while the caller goes on; the first `fork` or `wait` waits for it.

    Attributes:
        home: its own folder, with every scratch folder in it; removed with it.
        refused: why student kernels have no namespaces of their own here; empty where they have.
    """

    def __init__(self, preload: Sequence[str] = (), memory: int = MEMORY) -> None:
        self._preload = list(preload)
        self._memory = memory
        self._own: Connection | None = None
        self.refused = ""
        self.home = make_folder("attend-")
        self._control, self._process = self._start()

    def _start(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        # Whole messages, so that several workers may ask for connections over one socket.
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(STARTING)
        arguments = [str(theirs.fileno()), str(self.home), *self._preload]
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", "grader.kernel.parent", *arguments],
                pass_fds=[theirs.fileno()],
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C in the terminal is not for it
                cwd="/",
                env=_clean_environment(),
            )
        return ours, process

    def wait(self) -> None:
        """Return when it is ready to fork.

        Raises:
            MachineError: where the sandbox cannot be closed on this machine, with the reason.
        """
        for left in reversed(range(STARTS)):
            if self._own is not None or self._is_ready():
                return
            assert self._process.stderr is not None
            reason = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            self._end()
            if self._process.returncode >= 0 or not left:  # else somebody killed it
                remove_folder(self.home)
                why = reason[-1] if reason else "it ended without a word"
                raise MachineError(f"The student kernel did not start: {why}")
            self._control, self._process = self._start()

    def _is_ready(self) -> bool:
        """Wait until it is, or has ended."""
        try:
            said = self._control.recv(4096)
            if not said.startswith(READY):
                return False
            self._own = self.connect()
        except TimeoutError:
            self.close()
            raise MachineError(f"The student kernel did not start in {STARTING:g} s.") from None
        except (OSError, MachineError):
            return False
        self.refused = said.removeprefix(READY).decode()
        return True

    def connect(self) -> Connection:
        """A connection of one's own, for a worker forked from the process that made this.

        Raises:
            MachineError: where the parent is gone.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [CONNECT], [theirs.fileno()])
            except OSError:
                ours.close()
                raise MachineError(PARENT_GONE) from None
        return Connection(ours, self._memory, self.home)

    def fork(self) -> StudentKernel:
        """A fresh sandboxed child."""
        self.wait()
        assert self._own is not None
        return self._own.fork()

    def close(self) -> None:
        """Close the socket, at which the parent ends, and with it every child."""
        self._end()
        remove_folder(self.home)

    def _end(self) -> None:
        self._control.close()
        if self._own is not None:
            self._own.close()
        assert self._process.stderr is not None
        self._process.stderr.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Connection:
    """One way to ask a warm parent for children."""

    def __init__(self, asking: socket.socket, memory: int, home: Path) -> None:
        asking.settimeout(FORKING)
        self._socket = asking
        self._memory = memory
        self._home = home

    def fork(self) -> StudentKernel:
        """A fresh sandboxed child with its own scratch folder.

        Raises:
            MachineError: where the parent is gone, or the disk is full.
        """
        scratch = Scratch(self._home)
        to_child, from_us = os.pipe()
        from_child, to_us = os.pipe()
        request = json.dumps({"scratch": str(scratch.path), "memory": self._memory}).encode()
        try:
            socket.send_fds(self._socket, [request], [to_child, to_us])
            reply, handles, _, _ = socket.recv_fds(self._socket, 4, 1)
        except OSError:
            reply = b""
        finally:
            os.close(to_child)
            os.close(to_us)
        if len(reply) < 4:
            os.close(from_child)
            os.close(from_us)
            scratch.remove()
            raise MachineError(PARENT_GONE)
        (pid,) = struct.unpack("<i", reply)
        streams = os.fdopen(from_child, "rb"), os.fdopen(from_us, "wb")
        return StudentKernel(*streams, pid, _Handle(handles[0]), scratch)

    def close(self) -> None:
        """End this connection; the parent goes on."""
        self._socket.close()


class _Handle:
    """Kills one child by its pidfd, so never a stranger that got its number later."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            if self._descriptor < 0:
                return
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            select.select([self._descriptor], [], [], DYING)  # till then it may go on writing
            os.close(self._descriptor)
            self._descriptor = -1


class SoloSource:
    """The plain source: a new Python a kernel, no sandbox. For one's own work, on any system."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        self._preload = list(preload)

    def fork(self) -> StudentKernel:
        """A fresh process that speaks over its standard input and output."""
        scratch = Scratch()
        process = subprocess.Popen(
            [sys.executable, "-m", "grader.kernel.solo", *self._preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=scratch.path,
        )
        assert process.stdin is not None and process.stdout is not None

        def kill() -> None:
            process.kill()
            process.wait()

        streams: tuple[Any, Any] = (process.stdout, process.stdin)
        kernel = StudentKernel(*streams, process.pid, kill, scratch)
        try:
            kernel.run_cell("", STARTING)  # its imports are not the first cell's to pay for
        except KernelDied:
            kernel.close()
            raise MachineError(
                "A Python for the notebook did not start; see `grader doctor`."
            ) from None
        return kernel

    def close(self) -> None:
        """Nothing outlives its kernel."""


@contextlib.contextmanager
def kernels(preload: Sequence[str], *, sandboxed: bool = True) -> Iterator[KernelSource]:
    """A source of student kernels for the length of a `with` block.

    Raises:
        MachineError: where a sandbox is asked for and this machine has none.
    """
    if sandboxed and not sys.platform.startswith("linux"):
        raise MachineError(
            "Grading other people's work needs the sandbox, which needs Linux; this is "
            f"{sys.platform}. Grade on Linux, or say --without-sandbox for work that you trust."
        )
    source: KernelSource = WarmParent(preload) if sandboxed else SoloSource(preload)
    try:
        if isinstance(source, WarmParent):
            source.wait()
        yield source
    finally:
        source.close()


def _clean_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}

"""The grading side of the pipe: start the warm parent, fork student kernels, ask them, end them."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal, Protocol

from grader import wire
from grader.cases import Callback, Case
from grader.errors import MachineError
from grader.kernel.replies import plain_error
from grader.kernel.scratch import Scratch

__all__ = ["KernelDied", "KernelSource", "SoloSource", "StudentKernel", "WarmParent", "kernels"]

MEMORY = 2 << 30  # bytes on top of the warm parent's own
CALLS = 10_000  # questions that one case may put to its callbacks
DYING = 5.0  # seconds that a killed process may take to be gone
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")


class KernelDied(Exception):
    """A student kernel that is gone: out of time, dead of itself, or sending what is no message."""

    def __init__(self, status: Literal["timeout", "crashed", "tampered"]) -> None:
        super().__init__(status)
        self.status = status


class StudentKernel:
    """One forked child. Every question has a deadline; past it the child is killed."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO, kill: Any, scratch: Scratch) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._kill = kill
        self._scratch = scratch
        self._late = False
        self._received = 0  # bytes of the case that runs
        scratch.watch(kill)

    def run_cell(self, code: str, timeout: float) -> dict[str, Any] | None:
        """Run a cell; return its error as plain text parts, or None.

        Raises:
            KernelDied: where the child did not answer.
        """
        with self._deadline(timeout):
            self._ask({"op": "cell", "code": code})
            return plain_error(self._reply().get("error"))

    def run_cases(
        self,
        cases: Sequence[Case],
        inputs: Sequence[dict[str, Any]],
        forbid: Sequence[str],
        timeout: float,
    ) -> Iterator[dict[str, Any]]:
        """Run cases on drawn inputs; yield each outcome as it comes, each within `timeout` seconds.

        Raises:
            KernelDied: where the child did not answer; the outcomes before it stand.
        """
        callbacks: list[Callback] = []
        question = {
            "op": "cases",
            "sources": sorted({case.source for case in cases}),
            "cases": [(case.name, dict(drawn)) for case, drawn in zip(cases, inputs, strict=True)],
            "forbid": list(forbid),
        }
        with self._deadline(timeout):
            self._ask(question, callbacks)
        for index in range(len(cases)):
            with self._deadline(timeout):
                outcome = self._answer_calls(callbacks)
            if type(outcome.get("case")) is not int or outcome["case"] != index:
                raise KernelDied("tampered")
            yield outcome | {"error": plain_error(outcome.get("error"))}
        with self._deadline(timeout):
            self._reply()

    def close(self) -> None:
        """Kill the child and remove its scratch folder."""
        self._kill()
        for stream in (self._incoming, self._outgoing):
            with contextlib.suppress(OSError):
                stream.close()
        self._scratch.remove()

    def _answer_calls(self, callbacks: list[Callback]) -> dict[str, Any]:
        self._received = 0
        for _ in range(CALLS):
            reply = self._reply()
            if self._received > wire.LIMIT:
                break
            if "call" not in reply:
                return reply
            index, args, kwargs = reply["call"], reply.get("args"), reply.get("kwargs")
            if type(index) is not int or not 0 <= index < len(callbacks):
                raise KernelDied("tampered")
            if type(args) is not list or type(kwargs) is not dict:
                raise KernelDied("tampered")
            try:
                answer = {"value": callbacks[index].function(*args, **kwargs)}
            except Exception as error:  # the learner called it wrongly: they see the error
                answer = {"error": f"{type(error).__name__}: {error}"[:300]}
            self._ask(answer)
        raise KernelDied("tampered")

    def _ask(self, question: dict[str, Any], callbacks: list[Callback] | None = None) -> None:
        try:
            wire.send(self._outgoing, wire.pack(question, callbacks))
        except (OSError, ValueError):
            raise KernelDied(self._cause()) from None

    def _reply(self) -> dict[str, Any]:
        try:
            data = wire.receive(self._incoming)
            self._received += len(data)
            reply = wire.unpack(data)
        except (EOFError, OSError):
            raise KernelDied(self._cause()) from None
        except wire.Refused:
            raise KernelDied("tampered") from None
        if type(reply) is not dict:
            raise KernelDied("tampered")
        return reply

    def _cause(self) -> Literal["timeout", "crashed"]:
        return "timeout" if self._late else "crashed"

    @contextlib.contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        def end() -> None:
            self._late = True
            self._kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class KernelSource(Protocol):
    """Where student kernels come from."""

    def fork(self) -> StudentKernel:
        """A fresh student kernel."""

    def close(self) -> None:
        """End what made them."""


class WarmParent:
    """The sandboxed source: a program that has imported everything and forks a child a submission.

    Raises:
        MachineError: where the sandbox cannot be closed on this machine, with the reason.
    """

    def __init__(self, preload: Sequence[str] = (), memory: int = MEMORY) -> None:
        ours, theirs = socket.socketpair()
        self._memory = memory
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "grader.kernel.parent", str(theirs.fileno()), *preload],
            pass_fds=[theirs.fileno()],
            stderr=subprocess.PIPE,
            cwd="/",
            env=_clean_environment(),
        )
        theirs.close()
        self._socket = ours
        if len(ours.recv(4)) < 4:
            assert self._process.stderr is not None
            reason = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            raise MachineError(f"The student kernel did not start: {(reason or ['no reason'])[-1]}")

    def fork(self) -> StudentKernel:
        """A fresh sandboxed child with its own scratch folder."""
        import json

        scratch = Scratch()
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
            scratch.remove()
            raise MachineError("The warm parent ended; start the command again.")
        (pid,) = struct.unpack("<i", reply)
        return StudentKernel(
            os.fdopen(from_child, "rb"), os.fdopen(from_us, "wb"), _Handle(handles[0], pid), scratch
        )

    def close(self) -> None:
        """Close the socket, at which the parent ends, and with it every child."""
        self._socket.close()
        assert self._process.stderr is not None
        self._process.stderr.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Handle:
    """Kills one child by its pidfd, so never a stranger that got its number later."""

    def __init__(self, descriptor: int, pid: int) -> None:
        self._descriptor = descriptor
        self.pid = pid
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

        return StudentKernel(process.stdout, process.stdin, kill, scratch)  # type: ignore[arg-type]

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
        yield source
    finally:
        source.close()


def _clean_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}

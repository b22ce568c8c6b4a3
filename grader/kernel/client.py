"""The grading side of the pipe: ask one student kernel, each question with a deadline."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

from grader import wire
from grader.cases import Callback, Case
from grader.kernel import appetite, watchdog
from grader.kernel.forbidden import SWITCH
from grader.kernel.replies import plain_error
from grader.kernel.scratch import Scratch

__all__ = ["ForbiddenCall", "KernelDied", "StudentKernel"]

Status = Literal["timeout", "crashed", "memory", "tampered"]
CALLS = 10_000  # questions that one case may put to its callbacks


class KernelDied(Exception):
    """A student kernel that is gone: out of time, dead of itself, or sending what is no message.

    Attributes:
        explained: whether its end came from us; a crash of any other cause may be the machine's.
    """

    def __init__(self, status: Status, *, explained: bool = True) -> None:
        super().__init__(status)
        self.status = status
        self.explained = explained


class ForbiddenCall(Exception):
    """A call that the exercise forbids was seen, at the moment that it was made."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class StudentKernel:
    """One forked child. Every question has a deadline; past it the child is killed."""

    def __init__(
        self, incoming: BinaryIO, outgoing: BinaryIO, pid: int, kill: Any, scratch: Scratch
    ) -> None:
        self.pid = pid
        self._incoming = incoming
        self._outgoing = outgoing
        self._kill = kill
        self._scratch = scratch
        self._killed_for: Status | None = None
        self._received = 0  # bytes of the case that runs
        self._stop_watching = appetite.watch(pid, scratch, self._end)

    def run_cell(self, code: str, timeout: float, ends: float = math.inf) -> dict[str, Any] | None:
        """Run a cell; return its error as plain text parts, or None.

        Args:
            code: the cell's text.
            timeout: seconds that it may take.
            ends: the moment, by `time.monotonic`, past which it does not go on.

        Raises:
            KernelDied: where the child did not answer.
        """
        with self._deadline(timeout, ends):
            self._ask({"op": "cell", "code": code})
            return plain_error(self._reply().get("error"))

    def run_cases(
        self,
        cases: Sequence[Case],
        inputs: Sequence[dict[str, Any]],
        forbid: Sequence[str],
        timeout: float,
        dtypes: Sequence[str | None] = (),
        ends: float = math.inf,
    ) -> Iterator[dict[str, Any]]:
        """Run cases on drawn inputs; yield each outcome as it comes, each within `timeout` seconds.

        Args:
            cases: what to run.
            inputs: what each is given.
            forbid: names of torch functions that are not allowed.
            timeout: seconds that each case may take.
            dtypes: torch's default dtype for each case; none, or None, leaves it as it is.
            ends: the moment, by `time.monotonic`, past which no case goes on.

        Raises:
            KernelDied: where the child did not answer; the outcomes before it stand.
            ForbiddenCall: where one of `forbid` was called; the child is good for nothing more.
        """
        callbacks: list[Callback] = []
        named = zip(cases, inputs, dtypes or [None] * len(cases), strict=True)
        question = {
            "op": "cases",
            "sources": sorted({case.source for case in cases}),
            "cases": [(case.name, dict(drawn), dtype) for case, drawn, dtype in named],
            "forbid": list(forbid),
        }
        with self._deadline(timeout, ends):
            self._ask(question, callbacks)
        known = {*forbid, SWITCH} if forbid else set()
        first = 0
        for index, drawn in enumerate(inputs):
            own = range(first, first + sum(type(value) is Callback for value in drawn.values()))
            first = own.stop
            with self._deadline(timeout, ends):
                outcome = self._answer_calls(callbacks, own, known)
            if type(outcome.get("case")) is not int or outcome["case"] != index:
                raise KernelDied("tampered")
            yield outcome | {"error": plain_error(outcome.get("error"))}
        with self._deadline(timeout, ends):
            self._reply()

    def close(self) -> None:
        """Kill the child and remove its scratch folder."""
        self._stop_watching()
        self._kill()
        for stream in (self._incoming, self._outgoing):
            with contextlib.suppress(OSError):
                stream.close()
        self._scratch.remove()

    def _answer_calls(
        self, callbacks: list[Callback], own: range, forbidden: set[str]
    ) -> dict[str, Any]:
        """The outcome of the case that runs, which may call its own callbacks and no other's."""
        self._received = 0
        for _ in range(CALLS):
            reply = self._reply()
            if self._received > wire.LIMIT:
                break
            if reply.get("seen") is not None:
                raise _forbidden(reply["seen"], forbidden)
            if "call" not in reply:
                return reply
            index, args, kwargs = reply["call"], reply.get("args"), reply.get("kwargs")
            if type(index) is not int or index not in own:
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
            raise self._gone() from None

    def _reply(self) -> dict[str, Any]:
        try:
            data = wire.receive(self._incoming)
            self._received += len(data)
            reply = wire.unpack(data)
        except (EOFError, OSError):
            raise self._gone() from None
        except wire.Refused:
            raise KernelDied("tampered") from None
        if type(reply) is not dict:
            raise KernelDied("tampered")
        return reply

    def _gone(self) -> KernelDied:
        if self._killed_for is None:
            return KernelDied("crashed", explained=False)
        return KernelDied(self._killed_for)

    def _end(self, status: Status) -> None:
        self._killed_for = status
        self._kill()

    @contextlib.contextmanager
    def _deadline(self, seconds: float, ends: float = math.inf) -> Iterator[None]:
        left = min(seconds, ends - time.monotonic())
        with watchdog.within(left, lambda: self._end("timeout")):
            yield


def _forbidden(seen: Any, known: set[str]) -> Exception:
    if type(seen) is str and seen in known:
        return ForbiddenCall(seen)
    return KernelDied("tampered")

"""The grading side of the pipe: ask one student kernel, each question with a deadline."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

from grader import wire
from grader.cases import Callback, Case
from grader.kernel import watchdog
from grader.kernel.replies import plain_error
from grader.kernel.scratch import Scratch

__all__ = ["KernelDied", "StudentKernel"]

CALLS = 10_000  # questions that one case may put to its callbacks


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

        with watchdog.within(seconds, end):
            yield

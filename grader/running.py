"""Run one submission in its student kernel, through deaths and time-outs, and judge each case.

A dead or stuck kernel costs the case it was at: a new one is forked, the cells before are replayed,
and the other cases and exercises go on. A death that we did not cause counts once it has happened
twice: the first may be the machine's, which ends processes when memory is short, or the end of the
warm parent, at which the next fork fails and the submission starts anew.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.course import Exercise
from grader.drawing import Drawn, Result, judge
from grader.kernel.client import ForbiddenCall, KernelDied, StudentKernel
from grader.kernel.replies import plain_text
from grader.kernel.sources import KernelSource
from grader.precision import Precision
from grader.submission import Program

__all__ = ["Outcome", "Run", "Settings"]

DEATHS_ALLOWED = 1  # dead or stuck cases of one exercise before its other ones are given up
NOTHING_CAME = Result(error="nothing came")
PROBLEM = 1000  # characters of what is wrong with a result
MEMORY_ERRORS = ("MemoryError", "not enough memory", "can't allocate memory")


@dataclass(frozen=True)
class Settings:
    """How to grade: the seed of the hidden inputs, and seconds per call and per submission.

    Grading takes inputs as they are drawn; `grader verify` casts them to each precision too.
    """

    seed: int = 0
    timeout: float = 10.0
    budget: float = 60.0
    precision: Precision | None = None


@dataclass(frozen=True)
class Outcome:
    """One hidden case after judging: what is wrong with it, or nothing."""

    status: str  # passed failed error missing timeout memory tampered crashed
    problem: str = ""
    error: dict[str, Any] | None = None
    result: Result = NOTHING_CAME


class Run:
    """One submission in its student kernel; forked again, and replayed, where that dies."""

    def __init__(self, program: Program, source: KernelSource, settings: Settings) -> None:
        self.program = program
        self._source = source
        self._settings = settings
        self._kernel: StudentKernel | None = None
        self._errors: dict[int, dict[str, Any] | None] = {}
        self._ends = time.monotonic() + settings.budget

    def close(self) -> None:
        """End the kernel."""
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None

    def cell_error(self, exercise: str) -> dict[str, Any] | None:
        """The error of an answer's own cell, where running it raised one."""
        if not self._errors:
            self._live()
        for index, step in enumerate(self.program.steps):
            if step.exercise == exercise:
                return self._errors.get(index)
        return None

    def cases(self, drawn: Sequence[Drawn], exercise: Exercise) -> tuple[list[Outcome], str]:
        """Every case's outcome, and the name of a forbidden call that was seen, or ""."""
        killed = self.cell_error(exercise.name) or {}
        if killed.get("killed"):
            return [Outcome(killed["type"]) for _ in drawn], ""
        outcomes: list[Outcome] = []
        deaths, last, again = 0, "timeout", -1
        while len(outcomes) < len(drawn):
            left = drawn[len(outcomes) :]
            if deaths > DEATHS_ALLOWED or self._is_over:
                outcomes += [Outcome(last) for _ in left]
                break
            try:
                for one, reply in zip(left, self._replies(left, exercise), strict=True):
                    outcomes.append(_judged(one, reply))
            except ForbiddenCall as seen:
                self.close()
                return outcomes, seen.name
            except KernelDied as died:
                self.close()
                if not died.explained and again != len(outcomes):  # the machine's fault, perhaps
                    again = len(outcomes)
                elif len(outcomes) < len(drawn):
                    deaths, last = deaths + 1, died.status
                    outcomes.append(Outcome(died.status))
        return outcomes, ""

    def _replies(self, left: Sequence[Drawn], exercise: Exercise) -> Iterator[dict[str, Any]]:
        return self._live().run_cases(
            [drawn.case for drawn in left],
            [drawn.fresh_inputs() for drawn in left],
            exercise.forbid,
            self._settings.timeout,
            [drawn.dtype for drawn in left],
            self._ends,
        )

    @property
    def _is_over(self) -> bool:
        return time.monotonic() > self._ends

    def _live(self) -> StudentKernel:
        """A kernel in which every cell has run, but for those that killed one."""
        again: set[int] = set()
        while self._kernel is None:
            kernel = self._source.fork()
            try:
                died = self._run_cells(kernel)
            except BaseException:
                kernel.close()
                raise
            if died is None:
                self._kernel = kernel
                break
            kernel.close()
            index, cause = died
            if cause.explained or index in again:
                self._errors[index] = {"type": cause.status, "message": "", "killed": True}
            again.add(index)
        return self._kernel

    def _run_cells(self, kernel: StudentKernel) -> tuple[int, KernelDied] | None:
        """Run every cell but the killers; where one ends the kernel, which it was, and how."""
        for index, step in enumerate(self.program.steps):
            if self._killer(index):
                continue
            ends = math.inf if step.given else self._ends
            try:
                self._errors[index] = kernel.run_cell(step.source, self._settings.timeout, ends)
            except KernelDied as died:
                return index, died
        return None

    def _killer(self, index: int) -> bool:
        error = self._errors.get(index)
        return bool(error and error.get("killed")) or (
            self._is_over and not self.program.steps[index].given
        )


def _judged(drawn: Drawn, reply: dict[str, Any]) -> Outcome:
    """What one reply is worth; a reply is untrusted plain data."""
    if "refused" in reply:
        words = plain_text(reply["refused"], 200)
        problem = f"your answer cannot be judged: {words}"
        return Outcome("failed", problem, result=Result(error="Refused", words=words))
    error = reply.get("error")  # plain text since it came through the client
    if error is not None:
        result = Result(error=error["type"], words=error["message"])
        return Outcome(_error_status(error), error=error, result=result)
    if "value" not in reply:
        return Outcome("tampered")
    value = drawn.with_calls(reply["value"])
    result = Result(value, changed=not _holds(reply.get("inputs"), drawn.fingerprint))
    try:
        wrong = judge(drawn, result)
    except Exception:  # a value made to break the comparison earns nothing, and breaks nothing
        return Outcome("tampered")
    return Outcome("failed" if wrong else "passed", (wrong or "")[:PROBLEM], result=result)


def _error_status(error: dict[str, Any]) -> str:
    if error.get("type") == "NotImplementedError":
        return "missing"
    text = f"{error.get('type')} {error.get('message')}"
    return "memory" if any(sign in text for sign in MEMORY_ERRORS) else "error"


def _holds(came: Any, data: bytes) -> bool:
    return type(came) is np.ndarray and came.dtype == np.uint8 and came.tobytes() == data

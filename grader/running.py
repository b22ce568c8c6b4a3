"""Run one submission in its student kernel, through deaths and time-outs, and judge each case.

A dead or stuck kernel costs the case it was at: a new one is forked, the cells before are replayed,
and the other cases and exercises go on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.course import Exercise
from grader.drawing import Drawn, Prepared, Result, judge
from grader.kernel.client import KernelDied, StudentKernel
from grader.kernel.replies import plain_text
from grader.kernel.sources import KernelSource
from grader.submission import Program

__all__ = ["Outcome", "Run", "Settings"]

DEATHS_ALLOWED = 1  # dead or stuck calls of one exercise before its other cases are given up
NOTHING_CAME = Result(error="nothing came")
PROBLEM = 1000  # characters of what is wrong with a result
MEMORY_ERRORS = ("MemoryError", "not enough memory", "can't allocate memory")


@dataclass(frozen=True)
class Settings:
    """How to grade: the seed of the hidden inputs, and seconds per call and per submission."""

    seed: int = 0
    timeout: float = 10.0
    budget: float = 60.0


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
        self._live()
        for index, step in enumerate(self.program.steps):
            if step.exercise == exercise:
                return self._errors.get(index)
        return None

    def cases(self, prepared: Prepared, exercise: Exercise) -> tuple[list[Outcome], str]:
        """Every case's outcome, and the name of a forbidden call that was seen, or ""."""
        killed = self.cell_error(exercise.name) or {}
        if killed.get("killed"):
            return [Outcome(killed["type"]) for _ in prepared.drawn], ""
        outcomes: list[Outcome] = []
        forbidden = ""
        deaths, last = 0, "timeout"
        while len(outcomes) < len(prepared.drawn):
            left = prepared.drawn[len(outcomes) :]
            if deaths > DEATHS_ALLOWED or time.monotonic() > self._ends:
                outcomes += [Outcome(last) for _ in left]
                break
            try:
                kernel = self._live()
                replies = kernel.run_cases(
                    [drawn.case for drawn in left],
                    [drawn.fresh_inputs() for drawn in left],
                    exercise.forbid,
                    self._settings.timeout,
                )
                for drawn, reply in zip(left, replies, strict=True):
                    forbidden = forbidden or _named(reply.get("forbidden"), exercise.forbid)
                    outcomes.append(_judged(drawn, reply))
            except KernelDied as died:
                deaths, last = deaths + 1, died.status
                self.close()
                if len(outcomes) < len(prepared.drawn):
                    outcomes.append(Outcome(died.status))
        return outcomes, forbidden

    def _live(self) -> StudentKernel:
        """A kernel in which every cell has run, but for those that killed one."""
        while self._kernel is None:
            kernel = self._source.fork()
            for index, step in enumerate(self.program.steps):
                if self._killer(index):
                    continue
                try:
                    self._errors[index] = kernel.run_cell(step.source, self._settings.timeout)
                except KernelDied as died:
                    kernel.close()
                    self._errors[index] = {"type": died.status, "message": "", "killed": True}
                    break
            else:
                self._kernel = kernel
        return self._kernel

    def _killer(self, index: int) -> bool:
        error = self._errors.get(index)
        return bool(error and error.get("killed")) or (
            time.monotonic() > self._ends and not self.program.steps[index].given
        )


def _judged(drawn: Drawn, reply: dict[str, Any]) -> Outcome:
    """What one reply is worth; a reply is untrusted plain data."""
    if "refused" in reply:
        problem = f"your answer cannot be judged: {plain_text(reply['refused'], 200)}"
        return Outcome("failed", problem, result=Result(error="Refused"))
    error = reply.get("error")  # plain text since it came through the client
    if error is not None:
        result = Result(error=error["type"])
        return Outcome(_error_status(error), error=error, result=result)
    if "value" not in reply:
        return Outcome("tampered")
    value = drawn.with_calls(reply["value"])
    result = Result(value, changed=reply.get("unchanged") is not True)
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


def _named(seen: Any, forbid: Sequence[str]) -> str:
    first = seen[0] if type(seen) is list and seen else None
    return first if type(first) is str and first in forbid else ""

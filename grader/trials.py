"""Try a text as the answer to one exercise: all hidden cases under each seed, the visible check."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.course import Exercise, Lesson
from grader.drawing import Drawn, Prepared
from grader.kernel.client import KernelDied
from grader.kernel.sources import KernelSource
from grader.notebook import released, source_notebook
from grader.running import Run, Settings
from grader.stub import solution_source
from grader.submission import Step, program_of

__all__ = ["Court", "Trial"]

PATIENCE = 2.0  # seconds that a text may take, beyond five times what the solution takes


@dataclass(frozen=True)
class Trial:
    """What the tests say of one text: a candidate, or a mutant of the kernel.

    Attributes:
        name: the candidate's; of a mutant, a short digest of its change.
        kind: solution, misconception, alternative; of a mutant, what was changed.
        status: killed where it loses a case under every seed; else survived; equivalent where it
            is a right answer.
        killed_by: the cases that it loses under the first seed, or else one under another.
        seen: whether the visible check stops it, or it hangs.
        line: the mutant's changed line in the solution cell, from 1.
        change: that line as it stands in the mutant.
        reason: why no case kills the mutant, where the lesson says it.
    """

    name: str
    kind: str
    status: str
    killed_by: tuple[str, ...]
    seen: bool
    line: int = 0
    change: str = ""
    reason: str = ""


class Court:
    """Tries texts as the answer to one exercise, each the way a submission goes."""

    def __init__(
        self, lesson: Lesson, exercise: str, source: KernelSource, seeds: Sequence[int]
    ) -> None:
        self._exercise = lesson.exercises[exercise]
        self._source = source
        self._prepared = [Prepared(lesson, exercise, seed) for seed in seeds]
        program = program_of(source_notebook(lesson), released(lesson))
        self._program = replace(program, steps=_up_to(exercise, program.steps))
        (self._check,) = (
            cell.source
            for cell in lesson.page.cells
            if cell.role == "check" and cell.name == exercise
        )
        self._settings = Settings()
        started = time.perf_counter()
        self.try_text("solution", "solution", solution_source(lesson.kernels_source, exercise))
        took = time.perf_counter() - started
        limit = PATIENCE + 5 * took  # a text that hangs costs this once, not once a case
        self._settings = Settings(timeout=limit, budget=limit)

    def try_text(self, name: str, kind: str, text: str) -> Trial:
        """Run one text under every seed, and then the visible check."""
        steps = [
            replace(step, source=text) if step.exercise == self._exercise.name else step
            for step in self._program.steps
        ]
        program = replace(self._program, steps=tuple(steps))
        run = _CheckedRun(program, self._source, self._settings)
        try:
            lost = run.lost_cases(self._prepared, self._exercise)
            seen = run.hangs or run.fails(self._check)
        finally:
            run.close()
        every = set[str]().union(*lost)
        killed_by = tuple(
            drawn.case.name for drawn in self._prepared[0].drawn if drawn.case.name in every
        )
        return Trial(name, kind, "killed" if all(lost) else "survived", killed_by, seen)


def _up_to(exercise: str, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The given cells, and the exercises up to this one: no check may need a later one."""
    last = [step.exercise for step in steps].index(exercise)
    return tuple(steps[: last + 1])


class _CheckedRun(Run):
    """A run that may go on to the visible check, in the same student kernel."""

    hangs = False

    def lost_cases(self, prepared: Sequence[Prepared], exercise: Exercise) -> list[set[str]]:
        """The cases lost under the first seed, and under each later one the first that is found.

        Of a later seed nothing is asked but whether anything is lost: what the first one lost is
        tried first. What hangs under one seed is not waited for under the next.
        """
        first, *later = prepared
        lost = [self._lost(first.drawn, exercise)]
        for one in later:
            if self.hangs:
                break
            likely = sorted(one.drawn, key=lambda drawn: drawn.case.name not in lost[0])
            found = (self._lost([drawn], exercise) for drawn in likely)
            lost.append(next(filter(None, found), set()))
        return lost

    def _lost(self, drawn: Sequence[Drawn], exercise: Exercise) -> set[str]:
        outcomes, _ = self.cases(drawn, exercise)
        self.hangs |= any(outcome.status == "timeout" for outcome in outcomes)
        judged = zip(drawn, outcomes, strict=True)
        return {one.case.name for one, held in judged if held.status != "passed"}

    def fails(self, check: str) -> bool:
        """Whether a visible check raises an error, or does not end."""
        try:
            return self._live().run_cell(check, self._settings.timeout) is not None
        except KernelDied:
            self.close()
            return True

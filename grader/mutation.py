"""Prove the hidden tests by mutants: what one change makes of a kernel, some case must kill.

Mutants and named candidates go the way a submission goes, through the student kernel. What no case
kills is a right answer or a gap in the tests: a lesson lists the right ones in UNKILLED, with the
reason. And what fails a visible check must fail a hidden case.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

from threadpoolctl import threadpool_limits

from grader.cases import Unkilled
from grader.course import Lesson
from grader.grading import imports_of
from grader.kernel.sandbox import die_with_parent
from grader.kernel.sources import KernelSource, WarmParent, kernels
from grader.mutants import Mutant, mutants_of
from grader.stub import solution_source
from grader.trials import Court, Trial

__all__ = [
    "SEEDS",
    "SHARE",
    "Kills",
    "killed_share",
    "prove_exercise",
    "prove_lessons",
    "share_problems",
]

SEEDS = (0, 1)
SHARE = 0.95  # of a lesson's mutants that are no right answers, how many must be killed
SAME = "it has the same bytecode"


@dataclass(frozen=True)
class Kills:
    """Of one exercise: its cases, what they did to each candidate and mutant, what is wrong."""

    lesson: str
    exercise: str
    cases: dict[str, str]  # by name, the requirement
    candidates: tuple[Trial, ...]
    mutants: tuple[Trial, ...]
    problems: tuple[str, ...]

    def records(self) -> list[dict[str, Any]]:
        """Every trial as plain data, for `--json`."""
        where = {"lesson": self.lesson, "exercise": self.exercise}
        trials = (*self.candidates, *self.mutants)
        return [where | vars(trial) | {"killed_by": list(trial.killed_by)} for trial in trials]


def prove_lessons(lessons: Sequence[Lesson], workers: int) -> Iterator[Kills]:
    """Yield what is found of each exercise, as it is done.

    Args:
        lessons: whose exercises to prove.
        workers: how many processes work side by side, where there is a sandbox.
    """
    jobs = [(lesson, name) for lesson in lessons for name in lesson.exercises]
    # All that runs is ours: where there is no sandbox, it runs without one.
    with kernels(imports_of(lessons), sandboxed=sys.platform.startswith("linux")) as source:
        if not isinstance(source, WarmParent):
            yield from (prove_exercise(lesson, name, source) for lesson, name in jobs)
            return
        source.wait()
        known = {lesson.name: lesson for lesson in lessons}
        with ProcessPoolExecutor(workers, get_context("fork"), _enlist, (source, known)) as pool:
            running = [pool.submit(_prove, lesson.name, name) for lesson, name in jobs]
            try:
                for future in as_completed(running):
                    yield future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def prove_exercise(lesson: Lesson, exercise: str, source: KernelSource) -> Kills:
    """Run an exercise's candidates, and the mutants of its kernel, against all its cases."""
    court = Court(lesson, exercise, source, SEEDS)
    solution = solution_source(lesson.kernels_source, exercise)
    candidates = [court.try_text("solution", "solution", solution)]
    for one in lesson.candidates[exercise]:
        candidates.append(court.try_text(one.name, one.kind, one.source))
    unkilled = [item for item in _unkilled(lesson) if item.exercise == exercise]
    mutants = [_try_mutant(court, mutant, unkilled) for mutant in mutants_of(solution)]
    problems = [*_weak_spots(candidates, mutants), *_stale(unkilled, mutants)]
    return Kills(
        lesson=lesson.name,
        exercise=exercise,
        cases={case.name: case.requirement for case in lesson.cases[exercise]},
        candidates=tuple(candidates),
        mutants=tuple(mutants),
        problems=tuple(f"{lesson.name}/{exercise}: {problem}" for problem in problems),
    )


def killed_share(mutants: Sequence[Trial]) -> float:
    """The share that is killed of the mutants that are no right answers."""
    wrong = [trial.status for trial in mutants if trial.status != "equivalent"]
    return wrong.count("killed") / len(wrong) if wrong else 1.0


def share_problems(kills: Sequence[Kills]) -> list[str]:
    """The lessons of whose mutants too few are killed, one sentence each."""
    found = []
    for lesson in sorted({one.lesson for one in kills}):
        mutants = [trial for one in kills if one.lesson == lesson for trial in one.mutants]
        share = killed_share(mutants)
        if share < SHARE:
            found.append(f"{lesson}: {share:.1%} of its mutants are killed; {SHARE:.0%} is asked.")
    return found


def _try_mutant(court: Court, mutant: Mutant, unkilled: Sequence[Unkilled]) -> Trial:
    digest = hashlib.sha256(f"{mutant.line} {mutant.change}".encode()).hexdigest()[:8]
    if mutant.same:
        trial = Trial(digest, mutant.kind, "equivalent", (), False, reason=SAME)
    else:
        trial = court.try_text(digest, mutant.kind, mutant.source)
    trial = replace(trial, line=mutant.line, change=mutant.change)
    for item in unkilled:
        excused = mutant.change in item.changes and trial.status == "survived"
        if excused and not (item.right and trial.killed_by):  # no case may kill a right answer
            status = "equivalent" if item.right else "survived"
            return replace(trial, status=status, reason=item.reason)
    return trial


def _weak_spots(candidates: Sequence[Trial], mutants: Sequence[Trial]) -> Iterator[str]:
    for trial in (*candidates, *mutants):
        right = trial.kind in ("solution", "alternative")
        name = f"the mutant `{trial.change}`" if trial.line else f"the {trial.kind} {trial.name}"
        if trial.seen and (right or trial.status != "killed"):
            yield f"the visible check stops {name}, and no hidden case does under every seed."
        elif trial.status == "survived" and not trial.reason and not right:
            under = "under every seed" if trial.killed_by else "at all"
            yield (
                f"no case kills {name} {under}: add one, or list it in UNKILLED with the reason "
                "why it is a right answer."
            )


def _stale(unkilled: Sequence[Unkilled], mutants: Sequence[Trial]) -> Iterator[str]:
    """What UNKILLED lists, and need not."""
    for item in unkilled:
        for change in item.changes:
            found = [trial for trial in mutants if trial.change == change]
            if not found:
                yield f"UNKILLED lists `{change}`, which is no mutant's line."
            elif not any(trial.reason == item.reason for trial in found):
                names = sorted({name for trial in found for name in trial.killed_by})
                yield f"UNKILLED lists `{change}`, which is killed: {', '.join(names)}."


def _unkilled(lesson: Lesson) -> list[Unkilled]:
    module = importlib.import_module(f"solutions.{lesson.folder.name}.hidden_tests")
    return list(getattr(module, "UNKILLED", ()))


# In a worker: its own connection to the warm parent, and the lessons that it inherited.
_source: KernelSource | None = None
_lessons: Mapping[str, Lesson] = {}


def _enlist(parent: WarmParent, lessons: Mapping[str, Lesson]) -> None:
    global _source, _lessons
    die_with_parent()
    os.environ["OMP_NUM_THREADS"] = "1"
    threadpool_limits(1)
    import torch

    torch.set_num_threads(1)
    _source, _lessons = parent.connect(), lessons


def _prove(lesson: str, exercise: str) -> Kills:
    assert _source is not None
    return prove_exercise(_lessons[lesson], exercise, _source)

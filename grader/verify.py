"""Prove the hidden tests: every right answer gets all its points, every wrong one loses some.

Each candidate (solution, stub, misconceptions, alternatives) goes the way a submission goes,
through the student kernel, under several seeds, and under the first of them in each precision.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from grader.cases import Candidate, Case
from grader.course import Exercise, Lesson
from grader.grading import Grader, Settings, Verdict
from grader.kernel.sources import KernelSource
from grader.notebook import source_notebook
from grader.precision import PRECISIONS
from grader.stub import cut_stub, free_names, solution_source

__all__ = [
    "LESSON_POINTS",
    "Proof",
    "check_exercise",
    "check_lesson",
    "count_candidates",
    "spare_cases",
    "verify_lesson",
]

LESSON_POINTS = 20
CASE_NAMES = {"torch", "np", "nn", "F"}


@dataclass(frozen=True)
class Proof:
    """What one candidate got, against what it must get: one record of `verify --json`.

    `points` is its worst, and `under` says where that was: the seed, and the precision if it was
    one. `drawn` holds what it got under the seeds, each figure once: a fair test gives one.
    `killed_by` names every case that it failed anywhere, `diagnosed` what it was called everywhere.
    """

    lesson: str
    exercise: str
    candidate: str
    kind: str  # solution, stub, misconception, alternative
    expected: str
    points: float
    max_points: float
    ok: bool
    killed_by: tuple[str, ...]
    diagnosed: str | None
    under: str
    drawn: tuple[float, ...]

    def record(self) -> dict[str, Any]:
        """The proof as plain data."""
        lists = {"killed_by": list(self.killed_by), "drawn": list(self.drawn)}
        return asdict(self) | lists


def count_candidates(lesson: Lesson) -> int:
    """How many candidates `verify_lesson` will yield."""
    return sum(2 + len(found) for found in lesson.candidates.values())


def verify_lesson(
    lesson: Lesson, source: KernelSource, seeds: Sequence[int], only: str | None = None
) -> Iterator[Proof]:
    """Yield a proof a candidate, exercise by exercise.

    Args:
        lesson: the lesson to prove.
        source: where student kernels come from.
        seeds: each candidate is graded under each, and under the first also with all inputs cast
            to float32 (where they are not so already), and to float64; a right one must always get
            all its points, a wrong one never.
        only: prove this one exercise.
    """
    trials = [Settings(seed=seed) for seed in seeds]
    trials += [Settings(seed=seeds[0], precision=precision) for precision in PRECISIONS]
    graders = [Grader(lesson, source, settings) for settings in trials]
    solved = source_notebook(lesson)
    for exercise in lesson.exercises.values():
        if only not in (None, exercise.name):
            continue
        telling = [one for one in graders if not _repeats(one, graders[0], exercise.name)]
        for name, kind, text, candidate in _candidates(lesson, exercise):
            notebook = _with_answer(solved, exercise.name, text)
            verdicts = {
                grader.settings: grader.grade(notebook, only=exercise.name)[0] for grader in telling
            }
            yield _prove(lesson, exercise, name, kind, candidate, verdicts)


def check_lesson(lesson: Lesson, proofs: Sequence[Proof]) -> list[str]:
    """What is wrong with a lesson's tests beyond single candidates, one sentence each."""
    problems = []
    total = sum(exercise.total for exercise in lesson.exercises.values())
    if total != LESSON_POINTS:
        problems.append(f"{lesson.name}: its points sum to {total:g}, not {LESSON_POINTS}.")
    for exercise in lesson.exercises.values():
        problems += check_exercise(lesson, exercise, proofs)
    return problems


def check_exercise(lesson: Lesson, exercise: Exercise, proofs: Sequence[Proof]) -> Iterator[str]:
    """What is wrong with one exercise's tests beyond single candidates, one sentence each."""
    where = f"{lesson.name}/{exercise.name}"
    cases = lesson.cases[exercise.name]
    if exercise.points.get("idea", 0) * 2 < exercise.total:
        yield f"{where}: less than half its points stand for the idea."
    for name in exercise.points.keys() - {case.requirement for case in cases}:
        yield f"{where}: no case tests {name}, which has points."
    for name in {case.requirement for case in cases} - exercise.points.keys():
        yield f"{where}: cases test {name}, which has no points."
    mine = [proof for proof in proofs if proof.exercise == exercise.name]
    killers = {name for proof in mine if proof.kind == "misconception" for name in proof.killed_by}
    for case in cases:
        if case.name not in killers:
            yield f"{where}: no misconception needs the case {case.name}."
        foreign = free_names(case.source) - CASE_NAMES
        if foreign:
            yield f"{where}: the case {case.name} uses {', '.join(sorted(foreign))}."
    for proof in mine:
        if len(proof.drawn) > 1:
            got = " or ".join(f"{points:g}" for points in proof.drawn)
            yield f"{where}: {proof.candidate} gets {got} points, as the inputs happen to be drawn."
    kinds = [proof.kind for proof in mine]
    if kinds.count("misconception") < 2:
        yield f"{where}: fewer than two misconceptions."
    if kinds.count("alternative") < 2:
        yield f"{where}: fewer than two alternatives."


def spare_cases(exercise: Exercise, cases: Sequence[Case], proofs: Sequence[Proof]) -> list[str]:
    """The cases that may go, all together, without a point more for any misconception.

    What stays is a small set (chosen greedily, so not always the smallest) in which each
    misconception still fails a case of every requirement that it fails now. The others may catch
    what no misconception is, or tell two of them apart: this is worth a look, and no defect.
    """
    requirement = {case.name: case.requirement for case in cases}
    fails = {case.name: set[tuple[str, str]]() for case in cases}
    for proof in proofs:
        if proof.exercise == exercise.name and proof.kind == "misconception":
            for name in proof.killed_by:
                fails[name].add((proof.candidate, requirement[name]))
    left = set[tuple[str, str]]().union(*fails.values())
    kept = set()
    while left:
        best = max(fails, key=lambda name: len(fails[name] & left))
        kept.add(best)
        left -= fails[best]
    return [case.name for case in cases if case.name not in kept]


def _repeats(one: Grader, other: Grader, exercise: str) -> bool:
    """Whether casting to torch's own precision leaves every case as another grader has it."""
    if one.settings.precision != "float32" or one.settings.seed != other.settings.seed:
        return False
    pairs = zip(one.prepared(exercise).drawn, other.prepared(exercise).drawn, strict=True)
    return all(mine.packed == its.packed and not mine.callbacks for mine, its in pairs)


def _label(settings: Settings) -> str:
    return f"seed {settings.seed}" + (f" in {settings.precision}" if settings.precision else "")


def _candidates(
    lesson: Lesson, exercise: Exercise
) -> Iterator[tuple[str, str, str, Candidate | None]]:
    solution = solution_source(lesson.kernels_source, exercise.name)
    yield "solution", "solution", solution, None
    yield "stub", "stub", cut_stub(solution, exercise.name), None
    for candidate in lesson.candidates[exercise.name]:
        yield candidate.name, candidate.kind, candidate.source, candidate


def _with_answer(solved: Any, exercise: str, text: str) -> Any:
    notebook = copy.deepcopy(solved)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == exercise:
            cell.source = text
    return notebook


def _prove(
    lesson: Lesson,
    exercise: Exercise,
    name: str,
    kind: str,
    candidate: Candidate | None,
    verdicts: Mapping[Settings, Verdict],
) -> Proof:
    right = kind in ("solution", "alternative")
    under = (min if right else max)(verdicts, key=lambda settings: verdicts[settings].points)
    worst, full = verdicts[under].points, exercise.total
    if right:
        expected, ok = "all", worst == full
    elif kind == "stub":
        expected, ok = "none", worst == 0
    elif candidate is not None and candidate.about == "idea":
        expected, ok = "at most half", worst * 2 <= full
    else:
        expected, ok = "less than all", worst < full
    named = {verdict.misconception for verdict in verdicts.values()}
    killed = sorted(set[str]().union(*(verdict.failed_cases for verdict in verdicts.values())))
    return Proof(
        lesson=lesson.name,
        exercise=exercise.name,
        candidate=name,
        kind=kind,
        expected=expected,
        points=worst,
        max_points=full,
        ok=ok,
        killed_by=tuple(killed),
        diagnosed=named.pop() if len(named) == 1 else None,
        under=_label(under),
        drawn=tuple(sorted({got.points for key, got in verdicts.items() if not key.precision})),
    )

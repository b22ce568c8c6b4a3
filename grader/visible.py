"""Run a page's visible checks here, on answers that are ours, and write down what they would see.

What comes of it is the check data: what each misconception answers to the visible examples. It lies
beside the notebooks, so that a learner's own check can say which mistake it sees.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import Any

import grader.attend
from grader.attend.recording import Recorder
from grader.course import Lesson
from grader.errors import GraderError
from grader.notebook import given_source
from grader.seeding import seed_global_state
from grader.stub import solution_source

__all__ = ["check_data", "exercise_data", "notebook_names", "run_check"]


def check_data(lesson: Lesson) -> dict[str, Any]:
    """What the lesson's notebook needs to name mistakes, by exercise.

    Raises:
        GraderError: where a check cell fails on the solution itself.
    """
    return {
        "lesson": lesson.name,
        "exercises": {
            cell.name: exercise_data(lesson, cell.name)
            for cell in lesson.page.cells
            if cell.role == "check"
        },
    }


def notebook_names(lesson: Lesson, **answers: str) -> dict[str, Any]:
    """All names of the lesson's solved notebook, with the texts of some answers replaced.

    Like a notebook run from top to bottom: an answer that calls another exercise calls the one that
    stands there.
    """
    sys.modules.setdefault("attend", grader.attend)
    names: dict[str, Any] = {}
    with _quiet():
        for name, code in _solved(lesson):
            exec(answers.get(name) or code, names)
    return names


def run_check(
    lesson: Lesson, exercise: str, names: dict[str, Any], checker: Any, seed: int = 0
) -> None:
    """Run the check cell of one exercise on a notebook's names, with `checker` as its Checker.

    Args:
        lesson, exercise: whose check.
        names: the notebook's, from `notebook_names`; not changed.
        checker: stands where the Checker stands.
        seed: of the global random state, on which no good check depends.
    """
    (cell,) = (one for one in lesson.page.cells if (one.role, one.name) == ("check", exercise))
    with _quiet():
        seed_global_state(seed)
        exec(cell.source, {**names, "check": checker})


@functools.cache
def _solved(lesson: Lesson) -> list[tuple[str, CodeType]]:
    """The given cells and the solutions, each with its exercise's name, ready to run."""
    given = [given_source(lesson, cell) for cell in lesson.page.cells if cell.role == "given"]
    texts = [("", text) for text in given]
    texts += [(name, solution_source(lesson.kernels_source, name)) for name in lesson.exercises]
    return [(name, compile(text, f"<{name or 'given'}>", "exec")) for name, text in texts]


def exercise_data(lesson: Lesson, exercise: str) -> dict[str, Any]:
    """One exercise's part of the check data; raises as `check_data` does."""
    solved = _record(lesson, exercise)
    examples = solved.examples[exercise]
    if solved.stopped[exercise]:
        raise GraderError(
            f"{lesson.name}: the check of {exercise} fails on the solution: "
            f"{solved.stopped[exercise]}."
        )
    wrong: dict[str, dict[str, Any]] = {}
    for name, candidate in lesson.misconceptions(exercise).items():
        seen = _record(lesson, exercise, candidate.source)
        again = _record(lesson, exercise, candidate.source, seed=1).answers[exercise]
        answers = seen.answers[exercise]
        varies = [what for what, value in answers.items() if again.get(what, value) != value]
        wrong[name] = {
            "sentence": candidate.sentence,
            "answers": {what: value for what, value in answers.items() if what not in varies},
        }
        if varies:
            wrong[name]["varies"] = varies
        if seen.stopped[exercise]:
            at = examples[len(seen.examples[exercise])]
            wrong[name]["stopped"] = {"at": at, "error": seen.stopped[exercise]}
    section = lesson.sections[exercise]
    return {"section": section, "examples": examples, "misconceptions": wrong}


def _record(lesson: Lesson, exercise: str, text: str = "", seed: int = 0) -> Recorder:
    """What a check would see of one answer, the solution by default."""
    recorder = Recorder(lesson.name)
    run_check(lesson, exercise, notebook_names(lesson, **{exercise: text}), recorder, seed)
    return recorder


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield

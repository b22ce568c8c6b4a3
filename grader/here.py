"""Run an exercise's hidden cases in this very process: for authors, never for grades."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from grader.course import find_repository, load_lessons
from grader.drawing import Prepared, answer_case, judge

__all__ = ["run"]


def run(lesson: str, exercise: str, names: dict[str, Any]) -> None:
    """Raise where a hidden case fails on `names`; the instructor's source notebook calls this.

    Raises:
        AssertionError: naming the case and what is wrong.
    """
    (found,) = load_lessons(find_repository(), [lesson])
    for drawn in Prepared(found, exercise, seed=0).drawn:
        result = answer_case(drawn, SimpleNamespace(**names))
        problem = judge(drawn, result)
        if problem:
            raise AssertionError(f"{drawn.case.name.replace('_', ' ')}: {problem}")

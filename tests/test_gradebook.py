"""nbgrader's gradebook: scores go in, what a person wrote stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import DOUBLE_CHECK, DOUBLE_SLOT, HEADER, SETUP, MakeLesson

from grader.errors import GraderError
from grader.gradebook import open_gradebook, write_graded
from grader.grading import Verdict
from grader.nbgrader_course import Course, build_course
from grader.submissions import Submission
from grader.verdicts import Graded

pytestmark = pytest.mark.xdist_group("gradebook")
CHECK = ("check_double", "99_tiny", "99_tiny", "ada")


@pytest.fixture
def course(make_lesson: MakeLesson, tmp_path: Path) -> Course:
    return build_course(tmp_path / "course", [make_lesson()], seed=1)


@pytest.fixture
def gradebook(course: Course) -> Iterator[Any]:
    with open_gradebook(course, ["99_tiny"]) as opened:
        yield opened


def graded(course: Course, points: float, *, exercise: str = "double") -> Graded:
    path = course.folder / "submitted" / "ada" / "99_tiny" / "99_tiny.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    verdict = Verdict(exercise, points, 20.0, "partial", None, "Try again.", 0.1)
    return Graded(Submission("ada", "99_tiny", path), (verdict,), '{"cells": []}')


def test_a_verdict_becomes_the_automatic_score(course: Course, gradebook: Any) -> None:
    write_graded(course, gradebook, [graded(course, 12.0)])
    grade = gradebook.find_grade(*CHECK)
    assert (grade.auto_score, grade.score, grade.max_score) == (12.0, 12.0, 20.0)
    assert not grade.needs_manual_grade
    assert gradebook.find_submission("99_tiny", "ada").score == 12.0


def test_grading_again_replaces_the_score(course: Course, gradebook: Any) -> None:
    write_graded(course, gradebook, [graded(course, 12.0), graded(course, 20.0)])
    assert gradebook.find_grade(*CHECK).score == 20.0
    assert len(gradebook.assignment_submissions("99_tiny")) == 1


def test_a_manual_score_survives_and_is_marked_for_another_look(
    course: Course, gradebook: Any
) -> None:
    write_graded(course, gradebook, [graded(course, 12.0)])
    gradebook.find_grade(*CHECK).manual_score = 17.0
    gradebook.db.commit()
    write_graded(course, gradebook, [graded(course, 0.0)])
    grade = gradebook.find_grade(*CHECK)
    assert (grade.auto_score, grade.manual_score, grade.score) == (0.0, 17.0, 17.0)
    assert grade.needs_manual_grade


def test_building_again_keeps_the_scores(
    course: Course, gradebook: Any, make_lesson: MakeLesson
) -> None:
    write_graded(course, gradebook, [graded(course, 12.0)])
    build_course(course.folder, [make_lesson()])
    gradebook.db.expire_all()
    assert gradebook.find_grade(*CHECK).score == 12.0


def test_renaming_a_graded_exercise_is_refused(
    course: Course, gradebook: Any, make_lesson: MakeLesson
) -> None:
    write_graded(course, gradebook, [graded(course, 12.0)])
    page = (HEADER + SETUP + DOUBLE_SLOT + DOUBLE_CHECK).replace("double", "twice")
    kernels = "import numpy as np\ndef twice(x):\n    return 2 * x\n"
    renamed = make_lesson(page=page, kernels=kernels, cases="", candidates="")
    with pytest.raises(GraderError, match="added or renamed"):
        build_course(course.folder, [renamed])


def test_an_exercise_that_the_gradebook_knows_not_is_said(course: Course, gradebook: Any) -> None:
    with pytest.raises(GraderError, match="grader build 99_tiny"):
        write_graded(course, gradebook, [graded(course, 1.0, exercise="new")])


def test_the_notebook_for_feedback_is_written(course: Course, gradebook: Any) -> None:
    write_graded(course, gradebook, [graded(course, 12.0)])
    path = course.folder / "autograded" / "ada" / "99_tiny" / "99_tiny.ipynb"
    assert path.read_text() == '{"cells": []}'


@pytest.mark.parametrize(
    ("stamp", "year"), [("2026-01-31 12:00:00 UTC", 2026), ("nonsense", None), ("9" * 200, None)]
)
def test_the_time_of_handing_in_is_kept_where_it_can_be_read(
    course: Course, gradebook: Any, stamp: str, year: int | None
) -> None:
    item = graded(course, 12.0)
    (item.submission.path.parent / "timestamp.txt").write_text(stamp)
    write_graded(course, gradebook, [item])
    when = gradebook.find_submission("99_tiny", "ada").timestamp
    assert (when.year if when else None) == year


def test_a_damaged_gradebook_is_said(course: Course) -> None:
    (course.folder / "gradebook.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(GraderError, match="cannot be used"):
        open_gradebook(course)


def test_a_missing_gradebook_is_said(course: Course) -> None:
    (course.folder / "gradebook.db").unlink()
    with pytest.raises(GraderError, match="no gradebook"):
        open_gradebook(course)


def test_a_lesson_that_was_not_built_is_said(course: Course) -> None:
    with pytest.raises(GraderError, match="01_dot_products is not in the gradebook"):
        open_gradebook(course, ["01_dot_products"])


def test_a_gradebook_that_cannot_be_written_keeps_what_it_holds(
    course: Course, gradebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    write_graded(course, gradebook, [graded(course, 12.0)])

    def full() -> None:
        raise OperationalError("", None, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(gradebook.db, "commit", full)
        with pytest.raises(GraderError, match="disk is full"):
            write_graded(course, gradebook, [graded(course, 0.0)])
    gradebook.db.expire_all()
    assert gradebook.find_grade(*CHECK).score == 12.0

"""nbgrader's gradebook: scores go in, what a person wrote stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import DOUBLE_SLOT, HEADER, NUMPY_SETUP, PLAIN_CHECK, REPOSITORY, MakeLesson

from grader.course import load_lessons
from grader.errors import GraderError
from grader.gradebook import open_gradebook, write_graded
from grader.grading import Verdict
from grader.nbgrader_course import Course, build_course
from grader.submissions import Submission
from grader.verdicts import Graded

NAME = "01_dot_products"
EXERCISE = "cosine_similarity"
FULL = load_lessons(REPOSITORY, [NAME])[0].exercises[EXERCISE].total
CHECK = (f"check_{EXERCISE}", NAME, NAME, "ada")


@pytest.fixture(scope="module")
def built(tmp_path_factory: Any) -> Course:
    """Built once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("built") / "course"
    return build_course(folder, load_lessons(REPOSITORY, [NAME]), seed=1)


@pytest.fixture
def course(built: Course, tmp_path: Path) -> Course:
    shutil.copytree(built.folder, tmp_path / "course")
    return Course(tmp_path / "course", built.seed)


@pytest.fixture
def gradebook(course: Course) -> Iterator[Any]:
    with open_gradebook(course, [NAME]) as opened:
        yield opened


def graded(course: Course, points: float, *, exercise: str = EXERCISE) -> Graded:
    path = course.folder / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    verdict = Verdict(exercise, points, FULL, "partial", None, "Try again.", 0.1)
    return Graded(Submission("ada", NAME, path), (verdict,), '{"cells": []}')


def test_a_verdict_becomes_the_automatic_score(course: Course, gradebook: Any) -> None:
    write_graded(course, gradebook, [graded(course, 1.0)])
    grade = gradebook.find_grade(*CHECK)
    assert (grade.auto_score, grade.score, grade.max_score) == (1.0, 1.0, FULL)
    assert not grade.needs_manual_grade
    assert gradebook.find_submission(NAME, "ada").score == 1.0


def test_grading_again_replaces_the_score(course: Course, gradebook: Any) -> None:
    write_graded(course, gradebook, [graded(course, 1.0), graded(course, FULL)])
    assert gradebook.find_grade(*CHECK).score == FULL
    assert len(gradebook.assignment_submissions(NAME)) == 1


def test_a_manual_score_survives_and_is_marked_for_another_look(
    course: Course, gradebook: Any
) -> None:
    write_graded(course, gradebook, [graded(course, 1.0)])
    gradebook.find_grade(*CHECK).manual_score = 1.5
    gradebook.db.commit()
    write_graded(course, gradebook, [graded(course, 0.0)])
    grade = gradebook.find_grade(*CHECK)
    assert (grade.auto_score, grade.manual_score, grade.score) == (0.0, 1.5, 1.5)
    assert grade.needs_manual_grade


def test_building_again_keeps_the_scores(course: Course, gradebook: Any) -> None:
    write_graded(course, gradebook, [graded(course, 1.0)])
    build_course(course.folder, load_lessons(REPOSITORY, [NAME]))
    gradebook.db.expire_all()
    assert gradebook.find_grade(*CHECK).score == 1.0


def test_renaming_a_graded_exercise_is_refused(
    course: Course, gradebook: Any, make_lesson: MakeLesson
) -> None:
    write_graded(course, gradebook, [graded(course, 1.0)])
    page = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK
    renamed = make_lesson(page=page)
    renamed.name = NAME
    with pytest.raises(GraderError, match="added or renamed"):
        build_course(course.folder, [renamed])


def test_an_exercise_that_the_gradebook_knows_not_is_said(course: Course, gradebook: Any) -> None:
    with pytest.raises(GraderError, match=f"grader build {NAME}"):
        write_graded(course, gradebook, [graded(course, 1.0, exercise="new")])


def test_the_notebook_for_feedback_is_written(course: Course, gradebook: Any) -> None:
    write_graded(course, gradebook, [graded(course, 1.0)])
    path = course.folder / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    assert path.read_text() == '{"cells": []}'


@pytest.mark.parametrize(
    ("stamp", "year"), [("2026-01-31 12:00:00 UTC", 2026), ("nonsense", None), ("9" * 200, None)]
)
def test_the_time_of_handing_in_is_kept_where_it_can_be_read(
    course: Course, gradebook: Any, stamp: str, year: int | None
) -> None:
    item = graded(course, 1.0)
    (item.submission.path.parent / "timestamp.txt").write_text(stamp)
    write_graded(course, gradebook, [item])
    when = gradebook.find_submission(NAME, "ada").timestamp
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
    with pytest.raises(GraderError, match="02_softmax is not in the gradebook"):
        open_gradebook(course, ["02_softmax"])


def test_a_gradebook_that_cannot_be_written_keeps_what_it_holds(
    course: Course, gradebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    write_graded(course, gradebook, [graded(course, 1.0)])

    def full() -> None:
        raise OperationalError("", None, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(gradebook.db, "commit", full)
        with pytest.raises(GraderError, match="disk is full"):
            write_graded(course, gradebook, [graded(course, 0.0)])
    gradebook.db.expire_all()
    assert gradebook.find_grade(*CHECK).score == 1.0

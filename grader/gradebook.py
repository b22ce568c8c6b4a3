"""Write verdicts into nbgrader's gradebook, and the notebooks that its feedback is made from."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.nbgrader_course import Course
from grader.verdicts import Graded

__all__ = ["open_gradebook", "write_graded"]


def open_gradebook(course: Course, lessons: Iterable[str] = ()) -> Any:
    """nbgrader's own gradebook of this course, which knows these lessons.

    Raises:
        GraderError: where it is missing, damaged or locked, or knows a lesson not.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import DatabaseError, SAWarning

    # nbgrader 0.9.6 builds its rows half-attached, and SQLAlchemy 2 remarks on each.
    warnings.filterwarnings("ignore", category=SAWarning)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("tornado.application").setLevel(logging.CRITICAL)  # we say it ourselves
    if not (course.folder / "gradebook.db").is_file():
        raise GraderError(f"{course.folder} has no gradebook; make one with `grader build`.")
    try:
        gradebook = Gradebook(course.db_url, "attend")
        known = {assignment.name for assignment in gradebook.assignments}
    except DatabaseError as error:
        reason = str(error.orig)
        raise GraderError(f"The gradebook in {course.folder} cannot be used: {reason}.") from None
    unknown = sorted(set(lessons) - known)
    if unknown:
        gradebook.close()
        raise GraderError(
            f"{unknown[0]} is not in the gradebook; run `grader build {unknown[0]}` first."
        )
    return gradebook


def write_graded(course: Course, gradebook: Any, graded: Iterable[Graded]) -> None:
    """Record submissions: scores in the gradebook, notebooks under autograded/.

    A manual score that a person gave stays; the cell is then marked for another look, as nbgrader
    itself does.

    Raises:
        GraderError: where the gradebook cannot be written; what was written stays.
    """
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import SQLAlchemyError

    for item in graded:
        try:
            _record(gradebook, item)
            gradebook.db.commit()
        except (SQLAlchemyError, InvalidEntry) as error:
            gradebook.db.rollback()
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            raise GraderError(
                f"The gradebook cannot be written ({reason}); the verdicts are kept, so run the "
                "same command again when it can."
            ) from None
        _write_autograded(course, item)


def _record(gradebook: Any, item: Graded) -> None:
    submission = item.submission
    gradebook.update_or_create_student(submission.student)
    when = _timestamp(submission.path.parent)
    gradebook.update_or_create_submission(
        submission.lesson, submission.student, **({"timestamp": when} if when else {})
    )
    notebook = gradebook.find_submission_notebook(
        submission.lesson, submission.lesson, submission.student
    )
    grades = {grade.cell.name: grade for grade in notebook.grades}
    for verdict in item.verdicts:
        grade = grades.get(f"check_{verdict.exercise}")
        if grade is None:
            raise GraderError(
                f"The gradebook knows no exercise {verdict.exercise}; run `grader build "
                f"{submission.lesson}`, then grade again."
            )
        grade.auto_score = verdict.points
        grade.needs_manual_grade = grade.manual_score is not None


def _timestamp(folder: Path) -> Any:
    from nbgrader.utils import parse_utc

    stamp = folder / "timestamp.txt"
    if stamp.is_symlink() or not stamp.is_file():
        return None
    try:
        with stamp.open("rb") as file:
            return parse_utc(file.read(100).decode().strip())
    except (OSError, ValueError, OverflowError):
        return None


def _write_autograded(course: Course, item: Graded) -> None:
    submission = item.submission
    folder = course.folder / "autograded" / submission.student / submission.lesson
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{submission.lesson}.ipynb").write_text(item.notebook, encoding="utf-8")
    stamp = submission.path.parent / "timestamp.txt"
    if stamp.is_file() and not stamp.is_symlink():
        (folder / "timestamp.txt").write_bytes(stamp.read_bytes()[:100])

"""Write verdicts into nbgrader's gradebook, and the notebooks that its feedback is made from."""

from __future__ import annotations

import datetime
import logging
import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.late import LatePenalties
from grader.nbgrader_course import Course
from grader.submission import is_linked
from grader.submissions import Submission
from grader.verdicts import Graded

__all__ = ["Recorder", "copy_timestamp", "handed_in", "open_gradebook"]

STAMP = "timestamp.txt"
STAMP_LENGTH = 100  # bytes of one that are read


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


class Recorder:
    """Writes graded submissions as `nbgrader autograde` does: the same fields, the same values.

    What a person wrote stays: manual scores, extra credit, comments. A cell that has a manual score
    is marked for another look, and so is one that only a person can grade.
    """

    def __init__(self, course: Course, gradebook: Any) -> None:
        """Record into this gradebook, with the late penalties of the course's settings.

        Raises:
            GraderError: where the settings cannot be used.
        """
        self._course = course
        self._gradebook = gradebook
        self._penalties = LatePenalties(course)
        self._names: dict[str, dict[str, str]] = {}  # of each lesson: a cell's name by its id

    def record(self, item: Graded) -> None:
        """Record one submission: scores in the gradebook, its notebook under autograded/.

        Raises:
            GraderError: where the gradebook cannot be written; what was written stays.
        """
        from nbgrader.api import InvalidEntry
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._write_scores(item)
            self._gradebook.db.commit()
        except GraderError:
            self._gradebook.db.rollback()
            raise
        except (SQLAlchemyError, InvalidEntry) as error:
            self._gradebook.db.rollback()
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            raise GraderError(
                f"The gradebook cannot be written ({reason}); the verdicts are kept, so run the "
                "same command again when it can."
            ) from None
        _write_autograded(self._course, item)

    def _write_scores(self, item: Graded) -> None:
        from nbformat import v4

        submission = item.submission
        submitted = self._submitted(submission)
        notebook = self._gradebook.find_submission_notebook(
            submission.lesson, submission.lesson, submission.student
        )
        _fill(notebook, v4.reads(item.notebook), self._cell_names(submission.lesson))
        self._gradebook.db.flush()  # for the penalty, the score is asked of the database
        self._penalties.assign(submitted, notebook)

    def _cell_names(self, lesson: str) -> dict[str, str]:
        """Asked for once a lesson: nbgrader would look up each cell of each submission."""
        if lesson not in self._names:
            known = self._gradebook.find_notebook(lesson, lesson)
            cells = [*known.grade_cells, *known.solution_cells, *known.task_cells]
            self._names[lesson] = {cell.id: cell.name for cell in cells}
        return self._names[lesson]

    def _submitted(self, submission: Submission) -> Any:
        self._gradebook.update_or_create_student(submission.student)
        when = handed_in(submission.path.parent)
        return self._gradebook.update_or_create_submission(
            submission.lesson, submission.student, **({"timestamp": when} if when else {})
        )


def _fill(notebook: Any, graded: Any, names: dict[str, str]) -> None:
    """Scores and automatic comments of one submitted notebook, as nbgrader's SaveAutoGrades.

    Raises:
        GraderError: where the gradebook lacks a graded cell.
    """
    from nbgrader import utils

    grades = {names[grade.cell_id]: grade for grade in notebook.grades}
    comments = {names[comment.cell_id]: comment for comment in notebook.comments}
    for cell in graded.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_grade(cell):
            if name not in grades:
                raise GraderError(
                    f"The gradebook knows no cell {name}; run `grader build` for its lesson, then "
                    "grade again."
                )
            score, _ = utils.determine_grade(cell)
            grades[name].auto_score = score
            by_hand = score is None or grades[name].manual_score is not None
            grades[name].needs_manual_grade = by_hand
        if (utils.is_solution(cell) or utils.is_task(cell)) and name in comments:
            comments[name].auto_comment = _automatic_comment(cell)


def _automatic_comment(cell: Any) -> str | None:
    from nbgrader import utils

    unchanged = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return "No response." if unchanged and not utils.is_task(cell) else None


def handed_in(folder: Path) -> datetime.datetime | None:
    """When a submission was handed in, by its timestamp.txt; None where that cannot be read."""
    from nbgrader.utils import parse_utc

    stamp = folder / STAMP
    try:
        if is_linked(stamp) or not stamp.is_file():
            return None
        with stamp.open("rb") as file:
            when = parse_utc(file.read(STAMP_LENGTH).decode().strip())
    except Exception:  # a hostile text takes the parser of dates anywhere
        return None
    return when if isinstance(when, datetime.datetime) else None


def copy_timestamp(submitted: Path, graded: Path) -> None:
    """Put a submission's time beside its graded notebook: nbgrader compares the two."""
    if handed_in(submitted) is None:
        return
    with (submitted / STAMP).open("rb") as file:
        _replace(graded / STAMP, file.read(STAMP_LENGTH))


def _write_autograded(course: Course, item: Graded) -> None:
    submission = item.submission
    folder = course.folder / "autograded" / submission.student / submission.lesson
    _replace(folder / f"{submission.lesson}.ipynb", item.notebook.encode())
    copy_timestamp(submission.path.parent, folder)


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, even over one that nbgrader made read-only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parents[1] / f".{os.getpid()}.part"  # where nbgrader copies nothing from
    part.write_bytes(data)
    part.replace(path)

"""One learner's graded submission, recorded by us or by nbgrader's own steps, and what came."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import chdir
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import REPOSITORY
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

from grader.course import load_lessons
from grader.gradebook import Recorder, handed_in, open_gradebook
from grader.grading import Verdict
from grader.late import nbgrader_settings
from grader.nbgrader_course import Course
from grader.nbgrader_plugin import write_outputs
from grader.notebook import released, write_notebook
from grader.stub import solution_source
from grader.submission import rebuild
from grader.submissions import Submission
from grader.verdicts import Graded

NAME = "01_dot_products"
LESSON = load_lessons(REPOSITORY, [NAME])[0]
EXERCISE = "cosine_similarity"
FULL = LESSON.exercises[EXERCISE].total
CHECK = (f"check_{EXERCISE}", NAME, NAME, "ada")


def copy_course(built: Course, folder: Path) -> Course:
    """A course of one's own, with nothing in it yet."""
    shutil.copytree(built.folder, folder)
    return Course(folder, built.seed)


def graded(course: Course, points: float, *, written: bool = True, stamp: str = "") -> Graded:
    """Ada's submission: these points for one exercise, which she wrote or left; none for others."""
    path = course.folder / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if stamp:
        (path.parent / "timestamp.txt").write_text(stamp)
    verdicts = tuple(
        Verdict(name, points if name == EXERCISE else 0.0, FULL, "partial", None, "Again.", 0.1)
        for name in LESSON.exercises
    )
    answer = nbformat.v4.new_code_cell(solution_source(LESSON.kernels_source, EXERCISE))
    answer.metadata["nbgrader"] = {"grade_id": EXERCISE}
    handed = nbformat.v4.new_notebook(cells=[answer] if written else [])
    notebook = write_outputs(rebuild(handed, released(LESSON)), verdicts)
    submission = Submission("ada", NAME, path)
    return Graded(submission, verdicts, write_notebook(notebook).decode(), "")


def by_us(course: Course, *items: Graded) -> None:
    """Record as `grader grade` does."""
    with open_gradebook(course) as gradebook:
        recorder = Recorder(course, gradebook)
        for item in items:
            recorder.record(item)


def by_nbgrader(course: Course, *items: Graded) -> None:
    """Record with nbgrader's own steps, as `nbgrader autograde` takes them."""
    for item in items:
        who, lesson = item.submission.student, item.submission.lesson
        when = handed_in(item.submission.path.parent)
        with Gradebook(course.db_url, "attend") as gradebook:
            gradebook.update_or_create_student(who)
            stamp = {"timestamp": when} if when else {}
            gradebook.update_or_create_submission(lesson, who, **stamp)
        names = {"student": who, "assignment": lesson, "notebook": lesson, "db_url": course.db_url}
        notebook = nbformat.reads(item.notebook, as_version=4)
        settings = nbgrader_settings(course)
        with chdir(course.folder), pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(str(course.folder))  # as nbgrader's commands do
            for step in (SaveAutoGrades, AssignLatePenalties):
                notebook, _ = step(config=settings)(notebook, {"nbgrader": names})


def contents(course: Course) -> dict[str, list[Any]]:
    """All that the gradebook holds of submissions, by names instead of its random ids."""
    joined = """
        JOIN base_cell ON base_cell.id = cell_id
        JOIN submitted_notebook ON submitted_notebook.id = {0}.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        ORDER BY student_id, base_cell.name
    """
    queries = {
        "grades": "SELECT student_id, base_cell.name, auto_score, manual_score, extra_credit, "
        "needs_manual_grade FROM grade" + joined.format("grade"),
        "comments": "SELECT student_id, base_cell.name, auto_comment, manual_comment "
        "FROM comment" + joined.format("comment"),
        "submissions": "SELECT student_id, timestamp, extension, flagged, late_submission_penalty "
        "FROM submitted_assignment JOIN submitted_notebook "
        "ON submitted_assignment.id = submitted_notebook.assignment_id ORDER BY student_id",
    }
    with sqlite3.connect(course.folder / "gradebook.db") as book:
        return {name: book.execute(query).fetchall() for name, query in queries.items()}

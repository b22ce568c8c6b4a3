"""Scores as CSV, safe to open in a spreadsheet: names that look like formulas stay text.

nbgrader's own CSV quotes nothing, so that a learner called `=HYPERLINK(...)` runs in the teacher's
spreadsheet, and one with a comma in the name shifts every column. `nbgrader export` uses this
plug-in through the course's nbgrader_config.py; `grader export` writes the same file.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.plugins.export import ExportPlugin

from grader.errors import GraderError

__all__ = ["SafeCsvExport", "plain_cell", "write_scores"]

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for more than text


class SafeCsvExport(ExportPlugin):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's CSV, with every field quoted where it must be."""

    def export(self, gradebook: Any) -> None:
        """Write `grades.csv`, or the file that `--to` names."""
        write_scores(gradebook, Path(self.to or "grades.csv"), self.assignment, self.student)


def write_scores(
    gradebook: Any, path: Path, assignments: Collection[str] = (), students: Collection[str] = ()
) -> int:
    """Write one line a learner and lesson; return how many.

    Args:
        gradebook: nbgrader's.
        path: the file to write.
        assignments: only these lessons, where any are named.
        students: only these learners, where any are named.

    Raises:
        GraderError: where the file cannot be written.
    """
    rows = list(_rows(gradebook, set(assignments), set(map(str, students))))
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([plain_cell(row[name]) for name in COLUMNS] for row in rows)
    except OSError as error:
        raise GraderError(f"{path} cannot be written: {error.strerror}.") from None
    return len(rows)


def plain_cell(value: Any) -> str:
    """A value as text that no spreadsheet runs: an apostrophe leads what looks like more."""
    if value is None or isinstance(value, int | float):
        return "" if value is None else str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _rows(
    gradebook: Any, assignments: Collection[str], students: Collection[str]
) -> Iterator[dict[str, Any]]:
    for assignment in gradebook.assignments:
        if assignments and assignment.name not in assignments:
            continue
        for student in gradebook.students:
            if not students or student.id in students:
                yield _row(gradebook, assignment, student)


def _row(gradebook: Any, assignment: Any, student: Any) -> dict[str, Any]:
    row = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return row | {
            "timestamp": None,
            "raw_score": 0.0,
            "late_submission_penalty": 0.0,
            "score": 0.0,
        }
    penalty = submission.late_submission_penalty
    return row | {
        "timestamp": submission.timestamp,
        "raw_score": submission.score,
        "late_submission_penalty": penalty,
        "score": max(0.0, submission.score - penalty),
    }

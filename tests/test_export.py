"""`grader export` and `nbgrader export`: what a spreadsheet opens runs nothing."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.errors import GraderError
from grader.export import COLUMNS, plain_cell, write_scores

SUBMISSION = SimpleNamespace(timestamp=None, score=12.5, late_submission_penalty=20.0)


class Gradebook:
    """Two learners, one lesson: what the export asks of nbgrader's gradebook."""

    def __init__(self, *students: str) -> None:
        self.assignments = [SimpleNamespace(name="01_dot_products", duedate=None, max_score=20.0)]
        self.students = [
            SimpleNamespace(id=name, last_name=None, first_name="", email=None) for name in students
        ]

    def find_submission(self, assignment: str, student: str) -> SimpleNamespace:
        return SUBMISSION


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/c calc'!A0"]
)
def test_a_name_like_a_formula_stays_text(name: str) -> None:
    assert plain_cell(name) == f"'{name}"


@pytest.mark.parametrize(("value", "text"), [("ada", "ada"), (-1.5, "-1.5"), (None, ""), (0, "0")])
def test_other_values_are_left_as_they_are(value: object, text: str) -> None:
    assert plain_cell(value) == text


def test_commas_quotes_and_line_ends_in_names_shift_no_column(tmp_path: Path) -> None:
    odd = 'a,"b"\n=c'
    assert write_scores(Gradebook("ada", odd), tmp_path / "grades.csv") == 2
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        header, first, second = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert [len(first), len(second)] == [len(COLUMNS)] * 2
    assert [first[3], second[3]] == ["ada", odd]


def test_a_penalty_never_makes_a_score_negative(tmp_path: Path) -> None:
    write_scores(Gradebook("ada"), tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == (
        "12.5",
        "20.0",
        "0.0",
    )


def test_only_the_named_learners_are_written(tmp_path: Path) -> None:
    assert write_scores(Gradebook("ada", "ben"), tmp_path / "x.csv", students=["ben"]) == 1


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="cannot be written"):
        write_scores(Gradebook("ada"), tmp_path)

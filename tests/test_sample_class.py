"""The simulated class: what each learner must get is worked out a second way, and comes true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

from grader.course import Lesson, load_lessons
from grader.engine import grade_all
from grader.grading import Settings
from grader.submissions import find_submissions
from solutions.sample_class import LEARNERS, MISHAPS, make_class

FIELDS = ("student", "lesson", "exercise", "points", "status", "misconception")


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    (found,) = load_lessons(REPOSITORY, ["01"])
    return found


@pytest.fixture(scope="module")
def made(lesson: Lesson, tmp_path_factory: Any) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("class") / "submitted"
    return folder, make_class([lesson], folder)


def by_answer(records: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (item["student"], item["exercise"]): tuple(item[field] for field in FIELDS)
        for item in records
    }


def test_every_verdict_is_the_known_one(
    lesson: Lesson, made: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    folder, truth = made
    graded = grade_all(
        find_submissions(folder, [lesson]),
        [lesson],
        Settings(seed=5, timeout=2.0),
        workers=2,
        kept=tmp_path / "kept",
    )
    records = [record for item in graded for record in item.records]
    assert by_answer(records) == by_answer(truth)


def test_the_class_is_the_same_each_time(
    lesson: Lesson, made: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    folder, truth = made
    assert make_class([lesson], tmp_path) == truth
    for path in folder.rglob("*.ipynb"):
        assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes()


def test_every_learner_and_every_mishap_is_in_it(made: tuple[Path, list[dict[str, Any]]]) -> None:
    _, truth = made
    assert {item["student"] for item in truth} == set(LEARNERS)
    assert {item["kind"] for item in truth} >= {
        *MISHAPS,
        *("solution", "alternative", "misconception"),
    }

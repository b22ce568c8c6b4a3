"""The class's median times become the minutes that the pages print."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.room.events import Event
from grader.room.minutes import measured, write_minutes
from grader.room.plan import Plan, PlannedExercise, PlannedLesson

PLAN = Plan("Tiny", (PlannedLesson("01", "One", 10, (PlannedExercise("softmax", 10),)),))
SLOT = '# %% exercise="softmax" points={"idea": 3} minutes=10 difficulty=2 importance=5 day=true\n'
OTHER = '# %% exercise="softmax_twice" points={"idea": 3} minutes=10 difficulty=2 importance=5\n'


def passed_after(minutes: list[float]) -> list[Event]:
    return [
        Event(f"{who}{kind}", f"learner-{who}", at, kind, "01", "softmax", status)
        for who, took in enumerate(minutes)
        for kind, at, status in (("opened", 0.0, ""), ("checked", 60 * took, "passed"))
    ]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "solutions" / "lesson_01" / "lesson.py"
    path.parent.mkdir(parents=True)
    path.write_text(SLOT + OTHER, encoding="utf-8")
    return path


def test_the_median_is_written_to_the_next_five_minutes(tmp_path: Path, page: Path) -> None:
    found = measured(PLAN, passed_after([12, 14, 18, 19, 25]))
    assert [(one.median, one.learners) for one in found] == [(pytest.approx(18), 5)]
    write_minutes(tmp_path, found)
    assert page.read_text(encoding="utf-8") == SLOT.replace("=10", "=20") + OTHER


def test_a_few_learners_change_nothing(tmp_path: Path, page: Path) -> None:
    assert write_minutes(tmp_path, measured(PLAN, passed_after([20, 20, 20, 20]))) == []
    assert page.read_text(encoding="utf-8") == SLOT + OTHER


def test_a_page_without_the_slot_is_named(tmp_path: Path, page: Path) -> None:
    page.write_text(OTHER, encoding="utf-8")
    with pytest.raises(GraderError, match="no one slot of softmax"):
        write_minutes(tmp_path, measured(PLAN, passed_after([20] * 5)))

"""The ways through the course: their sums, their marks, their editions."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import REPOSITORY

from grader.course import Lesson, load_lessons
from grader.errors import GraderError
from grader.paths import load_path, load_paths, path_lessons, plan_text
from grader.release import write_release
from grader.stub import free_names, solution_source

LESSONS = load_lessons(REPOSITORY)
BY_NUMBER = {lesson.name.split("_")[0]: lesson for lesson in LESSONS}
DAY = load_path(REPOSITORY, "day")
PLANNED = dict(zip(DAY.lessons, DAY.minutes, strict=True))

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def day_exercises(lesson: Lesson) -> set[str]:
    return {name for name, exercise in lesson.exercises.items() if exercise.day}


def test_the_day_is_no_longer_than_a_day() -> None:
    assert sum(DAY.minutes) == 260
    assert DAY.total_minutes == 324 <= DAY.available_minutes == 360


@every_lesson
def test_the_days_exercises_take_the_minutes_planned(lesson: Lesson) -> None:
    number = lesson.name.split("_")[0]
    minutes = sum(item.minutes for item in lesson.exercises.values() if item.day)
    assert minutes <= PLANNED.get(number, 0)
    assert day_exercises(lesson) == set() or number in PLANNED


@every_lesson
def test_no_exercise_of_the_day_needs_a_stretch(lesson: Lesson) -> None:
    day = day_exercises(lesson)
    for name in day:
        used = free_names(solution_source(lesson.kernels_source, name))
        assert used & lesson.exercises.keys() <= day, name
    for cell in lesson.page.cells:
        if cell.role == "check" and cell.name in day:
            assert free_names(cell.source) & lesson.exercises.keys() <= day, cell.name


def test_the_star_marks_the_two_day_path() -> None:
    core = {number for number, lesson in BY_NUMBER.items() if lesson.page.header.get("core")}
    assert core == set(load_path(REPOSITORY, "two-days").numbers) & BY_NUMBER.keys()


def test_the_semester_takes_every_lesson_once() -> None:
    semester = load_path(REPOSITORY, "semester")
    assert len(semester.weeks) == 14
    assert list(semester.numbers) == [f"{number:02d}" for number in range(18)]


def test_each_path_needs_only_what_it_has_had() -> None:
    for path in load_paths(REPOSITORY).values():
        if path.name == "half-day":  # its lessons say what they take from 03 and 00
            continue
        had: set[str] = set()
        for lesson in path_lessons(path, LESSONS):
            needed = {str(name).split("_")[0] for name in lesson.page.header.get("needs", ())}
            assert needed <= had, (path.name, lesson.name)
            had.add(lesson.name.split("_")[0])


def test_a_plan_names_the_days_exercises_and_the_stretches() -> None:
    text = plan_text(DAY, LESSONS)
    assert "- `score_matrix`, 10 minutes\n" in text
    assert "- `bilinear_scores`, " in text and "a stretch" in text
    assert "make 324 of 360 minutes" in text
    assert "at home, beforehand" in text
    assert "- `pairwise_sums`, 8 minutes\n" in text


def test_an_unknown_path_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="choose one of half-day, day, two-days, semester"):
        load_path(REPOSITORY, "week")


def test_an_edition_holds_its_lessons_and_its_plan(tmp_path: Path) -> None:
    path = load_path(REPOSITORY, "half-day")
    write_release(REPOSITORY, path_lessons(path, LESSONS), tmp_path, plan_text(path, LESSONS))
    notebooks = {file.name[:2] for file in (tmp_path / "notebooks").glob("*.ipynb")}
    assert notebooks == set(path.numbers) & BY_NUMBER.keys()
    assert (tmp_path / "PLAN.md").read_text(encoding="utf-8").startswith("# Half a day")

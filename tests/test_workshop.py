"""The workshop guide's minutes and lessons are those of solutions/paths.toml and of the pages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest
from conftest import REPOSITORY
from typer.testing import CliRunner

from grader.cli import app
from grader.course import Exercise, load_lessons
from grader.paths import load_path, load_paths

TEXT = (REPOSITORY / "docs" / "workshop.md").read_text(encoding="utf-8")
LESSONS = {lesson.name.split("_")[0]: lesson for lesson in load_lessons(REPOSITORY)}
DAY, HALF = (load_path(REPOSITORY, name) for name in ("day", "half-day"))
PLANNED = dict(zip(DAY.lessons, DAY.minutes, strict=True))
LUNCH = 60


def section(title: str) -> str:
    return re.split(r"(?m)^## ", TEXT.split(f"## {title}\n")[1])[0]


def rows(title: str) -> list[list[str]]:
    """The table of a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def clock(title: str) -> list[tuple[int, str, int]]:
    """A timetable: minutes after midnight, what, how long."""
    found = []
    for begins, what, minutes in rows(title):
        hours, past = begins.split(":")
        found.append((60 * int(hours) + int(past), what, int(minutes)))
    return found


def named(table: Sequence[tuple[int, str, int]], word: str) -> list[tuple[str, int]]:
    """The lessons of all entries that begin with a word, with their minutes."""
    found = [(re.match(rf"{word} (\d\d)\b", what), minutes) for _, what, minutes in table]
    return [(match[1], minutes) for match, minutes in found if match]


def in_two_days(exercise: Exercise) -> bool:
    return exercise.day or exercise.difficulty < 4


def test_the_day_takes_what_paths_toml_plans() -> None:
    table = clock("One day")
    assert named(table, "Work") == list(PLANNED.items())
    assert named(table, "Talk") == [(number, DAY.talk_minutes) for number in DAY.lessons]
    assert sum(minutes for _, _, minutes in table) == DAY.available_minutes == 360


def test_half_a_day_takes_the_days_minutes_of_its_lessons() -> None:
    table = clock("Half a day")
    assert named(table, "Work") == [(number, PLANNED[number]) for number in HALF.lessons]
    assert named(table, "Talk") == [(number, DAY.talk_minutes) for number in HALF.lessons]
    assert [number for number, _ in named(table, "Show")] == list(HALF.demonstrations)
    assert f"| {sum(minutes for _, _, minutes in table)} minutes |" in section("Four ways through")


@pytest.mark.parametrize("title", ["One day", "Half a day"])
def test_each_entry_begins_where_the_last_one_ends(title: str) -> None:
    table = clock(title)
    gaps = [
        begins - (before + minutes)
        for (before, _, minutes), (begins, _, _) in itertools.pairwise(table)
    ]
    lunches = [gap for gap in gaps if gap]
    assert lunches == ([LUNCH] if title == "One day" else [])


def test_a_talk_comes_before_its_work() -> None:
    for title in ("One day", "Half a day"):
        told = [what.split(":")[0].split(";")[0] for _, what, _ in clock(title)]
        for place, what in enumerate(told):
            if what.startswith("Work"):
                assert told[place - 1] == what.replace("Work", "Talk")


def test_the_days_work_names_its_exercises() -> None:
    for _, what, _ in clock("One day"):
        match = re.match(r"Work (\d\d)\b", what)
        if match and match[1] in LESSONS:
            exercises = LESSONS[match[1]].exercises.values()
            assert re.findall(r"`(\w+)`", what) == [item.name for item in exercises if item.day]


def test_the_paths_are_named_with_their_lessons() -> None:
    table = {row[0]: row[1] for row in rows("Four ways through")}
    assert table.keys() == load_paths(REPOSITORY).keys()
    for name in ("half-day", "day"):
        path = load_path(REPOSITORY, name)
        numbers = (*path.lessons, *path.demonstrations, *path.before)
        assert tuple(re.findall(r"\b\d\d\b", table[name])) == numbers
    assert load_path(REPOSITORY, "two-days").lessons == DAY.lessons


def test_lessons_that_are_not_built_are_said_to_be_so() -> None:
    (told,) = re.findall(r"\*\*Not built yet:\*\* ([\d, ]+)\.", TEXT) or [""]
    missing = [number for number in DAY.numbers if number not in LESSONS]
    assert re.findall(r"\d\d", told) == missing, "see docs/workshop.md, Four ways through"


def test_two_days_take_the_minutes_on_the_pages() -> None:
    wanted = []
    for number in (number for number in DAY.lessons if number in LESSONS):
        exercises = LESSONS[number].exercises.values()
        everybody = sum(item.minutes for item in exercises if in_two_days(item))
        every = sum(item.minutes for item in exercises)
        wanted.append([number, str(PLANNED[number]), str(everybody), str(every)])
    assert rows("Two days") == wanted


def test_the_sums_of_two_days_are_right() -> None:
    minutes = {row[0]: int(row[2]) for row in rows("Two days")}
    first = sum(minutes[number] for number in DAY.lessons[:4])
    talks = 4 * DAY.talk_minutes
    text = " ".join(section("Two days").split())
    assert f"{first} minutes and four talks, {first + talks} of 360" in text
    second = sum(minutes[number] for number in DAY.lessons[4:])
    assert f"{second} minutes and four talks, {second + talks} of 360" in text


def test_the_semester_is_that_of_paths_toml() -> None:
    weeks = [tuple(row[1].split(", ")) for row in rows("A semester")]
    assert weeks == list(load_path(REPOSITORY, "semester").weeks)
    assert [row[0] for row in rows("A semester")] == [str(week) for week in range(1, 15)]


def test_pairs_have_a_question_for_each_built_lesson_of_the_day() -> None:
    asked = [row[0] for row in rows("Pairs")]
    missing = [number for number in DAY.numbers if number in LESSONS and number not in asked]
    assert missing == [], "docs/workshop.md, Pairs"
    assert set(asked) <= LESSONS.keys()


def test_every_command_of_the_guide_is_there() -> None:
    told = set(re.findall(r"\bgrader (\w+)", TEXT))
    listed = CliRunner().invoke(app, ["--help"]).output
    assert told and [name for name in told if not re.search(rf"\b{name}\b", listed)] == []

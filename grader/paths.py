"""The ways through the course: half a day, a day, two days, a semester.

Which lessons a path takes stands in solutions/paths.toml; which exercises the short paths take is
marked on the exercises themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Exercise, Lesson
from grader.errors import GraderError

__all__ = ["CoursePath", "load_path", "load_paths", "path_lessons", "plan_text"]

SHORT = ("half-day", "day")  # paths that take only the exercises with the day's mark


@dataclass(frozen=True)
class CoursePath:
    """One way through the course; lessons are named by number."""

    name: str
    title: str
    text: str
    lessons: tuple[str, ...] = ()
    minutes: tuple[int, ...] = ()  # planned for each lesson, where the path is timed
    before: tuple[str, ...] = ()  # done at home
    demonstrations: tuple[str, ...] = ()  # shown by the teacher
    weeks: tuple[tuple[str, ...], ...] = ()
    talk_minutes: int = 0  # one talk a lesson
    available_minutes: int = 0

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every lesson that the path uses, in order."""
        flat = [number for week in self.weeks for number in week]
        return (*self.before, *(self.lessons or flat), *self.demonstrations)

    @property
    def total_minutes(self) -> int:
        """Exercises and talks together; 0 where the path is not timed."""
        return sum(self.minutes) + self.talk_minutes * len(self.minutes)

    def takes(self, exercise: Exercise) -> bool:
        """Whether everybody on this path does the exercise; others are stretches."""
        return exercise.day or self.name not in SHORT


def load_paths(repository: Path) -> dict[str, CoursePath]:
    """Every path by name."""
    text = (repository / "solutions" / "paths.toml").read_text(encoding="utf-8")
    return {name: _path(name, table) for name, table in tomllib.loads(text).items()}


def load_path(repository: Path, name: str) -> CoursePath:
    """One path.

    Raises:
        GraderError: where no path has this name.
    """
    paths = load_paths(repository)
    if name not in paths:
        raise GraderError(f"There is no path {name!r}; choose one of {', '.join(paths)}.")
    return paths[name]


def path_lessons(path: CoursePath, lessons: Sequence[Lesson]) -> list[Lesson]:
    """The path's lessons among those that exist, in the path's order."""
    by_number = {lesson.name.split("_")[0]: lesson for lesson in lessons}
    return [by_number[number] for number in path.numbers if number in by_number]


def plan_text(path: CoursePath, lessons: Sequence[Lesson]) -> str:
    """The path as a page that a teacher prints: what, in which order, how long."""
    lines = [f"# {path.title}", "", path.text, ""]
    by_number = {lesson.name.split("_")[0]: lesson for lesson in path_lessons(path, lessons)}
    planned = dict(zip(path.lessons, path.minutes, strict=False))
    weeks = {number: week for week, group in enumerate(path.weeks, 1) for number in group}
    for number in path.numbers:
        if number in by_number:
            lines += _lesson_lines(path, by_number[number], planned.get(number), weeks.get(number))
    if path.total_minutes:
        lines += [
            f"{sum(path.minutes)} minutes of work and {len(path.minutes)} talks of "
            f"{path.talk_minutes} minutes make {path.total_minutes} of "
            f"{path.available_minutes} minutes.",
            "",
        ]
    return "\n".join(lines)


def _lesson_lines(
    path: CoursePath, lesson: Lesson, planned: int | None, week: int | None
) -> Iterator[str]:
    number = lesson.name.split("_")[0]
    notes = [f"week {week}"] if week else []
    notes += ["at home, beforehand"] if number in path.before else []
    notes += ["shown by the teacher"] if number in path.demonstrations else []
    notes += [f"{planned} minutes"] if planned else []
    yield f"## {number} · {lesson.title}" + (f" ({', '.join(notes)})" if notes else "")
    yield ""
    for exercise in lesson.exercises.values():
        taken = path.takes(exercise) or number in path.before
        stretch = "" if taken else ", a stretch"
        yield f"- `{exercise.name}`, {exercise.minutes} minutes{stretch}"
    yield ""


def _path(name: str, table: dict[str, object]) -> CoursePath:
    values = {
        key: tuple(tuple(item) if isinstance(item, list) else item for item in value)
        if isinstance(value, list)
        else value
        for key, value in table.items()
    }
    return CoursePath(name=name, **values)  # type: ignore[arg-type]  # the file's own keys

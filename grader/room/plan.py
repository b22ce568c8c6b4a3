"""What the day holds: the lessons in order, their exercises, and the minutes planned for each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the service reads a kept plan, and no lesson
    from grader.course import Lesson
    from grader.paths import CoursePath

__all__ = ["Plan", "PlannedExercise", "PlannedLesson", "load_plan", "read_plan", "write_plan"]


@dataclass(frozen=True)
class PlannedExercise:
    """One exercise, and the sentence of each of its known mistakes."""

    name: str
    minutes: float
    taken: bool = True  # whether everybody on this path does it; else it is a stretch
    sentences: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedLesson:
    """One lesson, and the minutes that its taken exercises get together."""

    name: str
    title: str
    minutes: float
    exercises: tuple[PlannedExercise, ...]
    shows: tuple[tuple[str, str], ...] = ()  # of other lessons: (lesson, exercise) answered in it

    @property
    def taken(self) -> tuple[PlannedExercise, ...]:
        """What everybody does; the whole lesson where the path takes none of it by name."""
        return tuple(one for one in self.exercises if one.taken) or self.exercises


@dataclass(frozen=True)
class Plan:
    """One path's lessons in the order in which they are taken."""

    title: str
    lessons: tuple[PlannedLesson, ...]
    talk_minutes: float = 0.0

    def lesson(self, name: str) -> PlannedLesson | None:
        """The lesson of this name."""
        return next((one for one in self.lessons if one.name == name), None)

    def holds(self, lesson: str, exercise: str) -> bool:
        """Whether there is such an exercise, or, without one, such a lesson."""
        found = self.lesson(lesson)
        return found is not None and (
            not exercise or any(one.name == exercise for one in found.exercises)
        )


def load_plan(repository: Path, path: str) -> Plan:
    """The plan of one path, from solutions/paths.toml and the lessons that are there.

    Raises:
        GraderError: where no path has this name.
    """
    from grader.course import load_lessons
    from grader.paths import load_path, path_lessons
    from grader.release import shown_by

    chosen = load_path(repository, path)
    lessons = path_lessons(chosen, load_lessons(repository))
    planned = dict(zip(chosen.lessons, chosen.minutes, strict=False))
    return Plan(
        chosen.title,
        tuple(
            replace(_planned(repository, chosen, one, planned), shows=tuple(shown_by(one, lessons)))
            for one in lessons
        ),
        float(chosen.talk_minutes),
    )


def write_plan(plan: Plan, path: Path) -> None:
    """Keep a plan, for the service that runs it."""
    path.write_text(json.dumps(asdict(plan), ensure_ascii=False), encoding="utf-8")


def read_plan(path: Path) -> Plan:
    """A plan that `write_plan` kept; quick, since no lesson is read for it."""
    data = json.loads(path.read_text(encoding="utf-8"))
    lessons = [
        {
            **one,
            "exercises": tuple(PlannedExercise(**item) for item in one["exercises"]),
            "shows": tuple((lesson, name) for lesson, name in one["shows"]),
        }
        for one in data["lessons"]
    ]
    return Plan(**{**data, "lessons": tuple(PlannedLesson(**one) for one in lessons)})


def _planned(
    repository: Path, path: CoursePath, lesson: Lesson, planned: Mapping[str, int]
) -> PlannedLesson:
    sentences = _sentences(repository, lesson.name)
    exercises = tuple(
        PlannedExercise(one.name, one.minutes, path.takes(one), sentences.get(one.name, {}))
        for one in lesson.exercises.values()
    )
    own = sum(one.minutes for one in exercises if one.taken)
    minutes = planned.get(lesson.name.split("_")[0], own)
    return PlannedLesson(lesson.name, lesson.title, float(minutes), exercises)


def _sentences(repository: Path, lesson: str) -> dict[str, dict[str, str]]:
    """From the check data, so that the room need not import solutions."""
    path = repository / "notebooks" / "attend" / "checks" / f"{lesson}.json"
    if not path.is_file():
        return {}
    exercises = json.loads(path.read_text(encoding="utf-8"))["exercises"]
    return {
        name: {key: str(one.get("sentence", "")) for key, one in data["misconceptions"].items()}
        for name, data in exercises.items()
    }

"""The room as plain data, for the pages: all of it for the teacher, shapes alone for learners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from grader.room.events import Event
from grader.room.plan import Plan, PlannedLesson
from grader.room.state import (
    SHAPES,
    Key,
    Square,
    median_minutes,
    mistakes,
    pace,
    squares,
    stuck,
)
from grader.room.store import Submitted

__all__ = ["Board", "learner_view", "teacher_view"]


@dataclass(frozen=True)
class Board:
    """Everything that a page shows is worked out from this."""

    plan: Plan
    names: Mapping[str, str]  # account to name, in the order in which they came
    events: Sequence[Event]
    releases: Mapping[str, float]
    submissions: Sequence[Submitted] = field(default=())

    @cached_property
    def found(self) -> dict[Key, Square]:
        """Every square that is not untouched."""
        return squares(self.events)

    @cached_property
    def medians(self) -> dict[tuple[str, str], tuple[float, int]]:
        """The minutes that each exercise took, and of how many learners."""
        return median_minutes(self.found)

    @cached_property
    def caught_up(self) -> set[tuple[str, str]]:
        """Who has been given which lesson solved."""
        return {(one.account, one.lesson) for one in self.events if one.kind == "caught_up"}

    def done(self, account: str, lesson: PlannedLesson) -> bool:
        """Whether a learner has passed all that everybody does of a lesson."""
        return self.passed(account, lesson.name, [one.name for one in lesson.taken])

    def passed(self, account: str, lesson: str, exercises: Iterable[str]) -> bool:
        """Whether a learner has passed all of these exercises."""
        keys = [(account, lesson, name) for name in exercises]
        return all(key in self.found and self.found[key].shape == "passed" for key in keys)


def teacher_view(board: Board, now: float) -> dict[str, Any]:
    """Names, shapes, mistakes, who is stuck, the pace."""
    found, given = board.found, board.caught_up
    return {
        "title": board.plan.title,
        "now": now,
        "lessons": [_lesson(board, one) for one in board.plan.lessons],
        "learners": [
            {
                "account": account,
                "name": name,
                "squares": _squares_of(board.found, account),
                "caught_up": sorted(lesson for who, lesson in given if who == account),
                "submitted": _submitted(board, account),
            }
            for account, name in board.names.items()
        ],
        "stuck": [
            {
                "name": board.names.get(one.account, one.account),
                "account": one.account,
                "lesson": one.lesson,
                "exercise": one.exercise,
                "minutes": round((now - one.since) / 60, 1),
                "said": one.said,
            }
            for one in stuck(found)
        ],
        "pace": _pace(board, now),
    }


def learner_view(board: Board, account: str) -> dict[str, Any]:
    """One's own row, and of the others only how many have which shape."""
    return {
        "title": board.plan.title,
        "name": board.names.get(account, account),
        "lessons": [
            _lesson(board, one, told=False)
            for one in board.plan.lessons
            if one.name in board.releases
        ],
        "squares": _squares_of(board.found, account),
        "caught_up": sorted(lesson for who, lesson in board.caught_up if who == account),
        "submitted": _submitted(board, account),
    }


def _lesson(board: Board, lesson: PlannedLesson, *, told: bool = True) -> dict[str, Any]:
    """One lesson; what is known of the class's mistakes and times is the teacher's to tell."""
    found = board.found
    medians = board.medians if told else {}
    exercises = []
    for one in lesson.exercises:
        item: dict[str, Any] = {
            "name": one.name,
            "minutes": one.minutes,
            "taken": one.taken,
            "shapes": _counts(board, found, lesson.name, one.name),
        }
        if told:
            item["mistakes"] = [
                {"name": name, "count": count, "sentence": one.sentences.get(name, "")}
                for name, count in mistakes(found, lesson.name, one.name)
            ]
            median = medians.get((lesson.name, one.name))
            item["median"] = round(median[0], 1) if median else None
        exercises.append(item)
    view = {
        "name": lesson.name,
        "title": lesson.title,
        "minutes": lesson.minutes,
        "released": board.releases.get(lesson.name),
        "exercises": exercises,
    }
    return view | {"shows": _shows(board, lesson)} if told else view


def _shows(board: Board, lesson: PlannedLesson) -> list[dict[str, Any]]:
    """What a lesson's given cells answer: exercises of others, and how many have yet to pass."""
    shown = []
    for other in board.plan.lessons:
        names = [exercise for name, exercise in lesson.shows if name == other.name]
        if names:
            open_to = sum(not board.passed(account, other.name, names) for account in board.names)
            shown.append({"lesson": other.name, "exercises": names, "open": open_to})
    return shown


def _counts(
    board: Board, found: Mapping[Key, Square], lesson: str, exercise: str
) -> dict[str, int]:
    shapes = Counter(
        square.shape if (square := found.get((account, lesson, exercise))) else "untouched"
        for account in board.names
    )
    return {shape: shapes[shape] for shape in SHAPES}


def _squares_of(found: Mapping[Key, Square], account: str) -> dict[str, dict[str, Any]]:
    return {
        f"{lesson}/{exercise}": {"shape": square.shape, "attempts": square.attempts}
        for (who, lesson, exercise), square in found.items()
        if who == account
    }


def _submitted(board: Board, account: str) -> dict[str, int]:
    """How often each lesson was handed in."""
    return dict(Counter(one.lesson for one in board.submissions if one.account == account))


def _pace(board: Board, now: float) -> dict[str, float] | None:
    if not board.releases:
        return None
    began = min(board.releases.values())
    known = pace(board.plan, board.found, list(board.releases), board.caught_up, began, now)
    if known is None:
        return None
    return {
        "elapsed": round(known.elapsed, 1),
        "done": round(known.done, 1),
        "behind": round(known.behind, 1),
    }

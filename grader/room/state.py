"""How the room stands, worked out from its events alone: the same events give the same page."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.room.events import Event
from grader.room.plan import Plan, PlannedLesson

__all__ = [
    "SHAPES",
    "Pace",
    "Square",
    "Stuck",
    "median_minutes",
    "mistakes",
    "pace",
    "squares",
    "stuck",
]

SHAPES = ("untouched", "failing", "passed", "stuck")
TRIES, TIME = 5, 600.0  # failing checks, over this many seconds: stuck without saying so
BREAK = 1800.0  # seconds between two events that are no work, but lunch

Key = tuple[str, str, str]  # account, lesson, exercise


@dataclass
class Square:
    """One learner at one exercise."""

    shape: str = "untouched"
    attempts: int = 0
    since: float = 0.0  # when it got this shape, or, stuck, when the trouble began
    said: bool = False  # whether the learner said so
    minutes: float = 0.0  # of work until it passed, or so far
    failed_first: float = 0.0
    mistakes: list[str] = field(default_factory=list)  # every known mistake, in order

    def checked(self, event: Event) -> None:
        """Take in one check."""
        if event.status == "unwritten":
            return
        self.attempts += 1
        if event.misconception and event.misconception not in self.mistakes:
            self.mistakes.append(event.misconception)
        if event.status == "passed":
            self.shape, self.since, self.said, self.failed_first = "passed", event.at, False, 0.0
            return
        if self.shape not in ("failing", "stuck"):
            self.failed_first = self.since = event.at
        long = self.attempts >= TRIES and event.at - self.failed_first >= TIME
        self.shape = "stuck" if self.said or long else "failing"


@dataclass(frozen=True)
class Stuck:
    """Somebody who is stuck, where, and since when."""

    account: str
    lesson: str
    exercise: str
    since: float
    said: bool


@dataclass(frozen=True)
class Pace:
    """Where the plan has the middle learner, against the clock; in minutes."""

    elapsed: float
    done: float

    @property
    def behind(self) -> float:
        """Minutes behind the plan; ahead of it where negative."""
        return self.elapsed - self.done


def squares(events: Iterable[Event]) -> dict[Key, Square]:
    """Every learner's squares that are not untouched; what follows a catch-up does not count."""
    found: dict[Key, Square] = defaultdict(Square)
    last: dict[str, float] = {}
    given: set[tuple[str, str]] = set()
    for event in sorted(events, key=lambda one: one.at):
        gap = event.at - last.get(event.account, event.at)
        last[event.account] = event.at
        if event.kind == "caught_up":
            given.add((event.account, event.lesson))
        if (event.account, event.lesson) in given or not event.exercise:
            continue
        square = found[event.account, event.lesson, event.exercise]
        if gap < BREAK and square.shape != "passed":
            square.minutes += gap / 60
        if event.kind == "checked":
            square.checked(event)
        elif event.kind == "stuck" and square.shape != "passed":
            since = square.since if square.said else event.at
            square.shape, square.since, square.said = "stuck", since, True
        elif event.kind == "unstuck" and square.shape == "stuck":
            square.shape = "failing" if square.attempts else "untouched"
            square.said, square.since, square.failed_first = False, event.at, event.at
    return dict(found)


def stuck(found: Mapping[Key, Square]) -> list[Stuck]:
    """Who is stuck, the longest first."""
    waiting = [
        Stuck(*key, square.since, square.said)
        for key, square in found.items()
        if square.shape == "stuck"
    ]
    return sorted(waiting, key=lambda one: one.since)


def mistakes(
    found: Mapping[Key, Square], lesson: str, exercise: str, most: int = 3
) -> list[tuple[str, int]]:
    """The most frequent known mistakes of one exercise, with how many learners made each."""
    counts: dict[str, int] = defaultdict(int)
    for (_, in_lesson, name), square in found.items():
        if (in_lesson, name) == (lesson, exercise):
            for mistake in square.mistakes:
                counts[mistake] += 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]


def median_minutes(found: Mapping[Key, Square]) -> dict[tuple[str, str], tuple[float, int]]:
    """For each exercise that somebody passed: the median of their minutes, and of how many."""
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (_, lesson, exercise), square in found.items():
        if square.shape == "passed":
            times[lesson, exercise].append(square.minutes)
    return {key: (statistics.median(values), len(values)) for key, values in times.items()}


def pace(
    plan: Plan,
    found: Mapping[Key, Square],
    released: Sequence[str],
    caught_up: Iterable[tuple[str, str]],
    began: float,
    now: float,
) -> Pace | None:
    """The clock against the plan; None while nobody has begun."""
    given = set(caught_up)
    accounts = {account for account, _, _ in found} | {account for account, _ in given}
    if not accounts:
        return None
    talks = plan.talk_minutes * len(released)
    done = [
        sum(_done(one, account, found, given) for one in plan.lessons if one.name in released)
        for account in sorted(accounts)
    ]
    return Pace((now - began) / 60, statistics.median(done) + talks)


def _done(
    lesson: PlannedLesson,
    account: str,
    found: Mapping[Key, Square],
    given: set[tuple[str, str]],
) -> float:
    """The planned minutes of what one learner has behind them in one lesson."""
    if (account, lesson.name) in given:
        return lesson.minutes
    whole = sum(one.minutes for one in lesson.taken)
    passed = sum(
        one.minutes
        for one in lesson.taken
        if (square := found.get((account, lesson.name, one.name))) and square.shape == "passed"
    )
    return lesson.minutes * passed / whole if whole else 0.0

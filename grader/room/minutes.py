"""The minutes that a class really took, for the pages to print in place of a first guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError
from grader.room.events import Event
from grader.room.plan import Plan
from grader.room.state import median_minutes, squares

__all__ = ["Measured", "measured", "write_minutes"]

FEWEST = 5  # learners who passed; a median of fewer says little
STEP = 5  # minutes; nobody's class is the next one's to the minute


@dataclass(frozen=True)
class Measured:
    """One exercise: what was planned, what it took, and how many passed it."""

    lesson: str
    exercise: str
    planned: float
    median: float
    learners: int

    @property
    def enough(self) -> bool:
        """Whether so many passed that the median may stand on the page."""
        return self.learners >= FEWEST

    @property
    def printed(self) -> int:
        """The minutes to print: the median, to the next five."""
        return max(STEP, STEP * round(self.median / STEP))


def measured(plan: Plan, events: Iterable[Event]) -> list[Measured]:
    """What each exercise that somebody passed took, in the plan's order."""
    medians = median_minutes(squares(events))
    return [
        Measured(lesson.name, one.name, one.minutes, *medians[lesson.name, one.name])
        for lesson in plan.lessons
        for one in lesson.exercises
        if (lesson.name, one.name) in medians
    ]


def write_minutes(repository: Path, found: Iterable[Measured]) -> list[Measured]:
    """Write the minutes into the lessons' slots where enough learners passed; which changed.

    Raises:
        GraderError: where a lesson's page has no such slot.
    """
    changed = []
    for one in found:
        if not one.enough or one.printed == one.planned:
            continue
        page = repository / "solutions" / f"lesson_{one.lesson}" / "lesson.py"
        text = page.read_text(encoding="utf-8")
        slot = re.compile(rf'(?m)^(# %% exercise="{re.escape(one.exercise)}" .*?\bminutes=)\d+')
        new, times = slot.subn(rf"\g<1>{one.printed}", text)
        if times != 1:
            raise GraderError(f"{page.parent.name}/lesson.py has no one slot of {one.exercise}.")
        page.write_text(new, encoding="utf-8")
        changed.append(one)
    return changed

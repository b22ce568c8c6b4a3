"""What the class report's template sees: lessons, learners, misconceptions, verdicts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

Record = dict[str, Any]
Key = tuple[str, str]  # (lesson, exercise)
FULL = 20.0  # what a lesson's points are scaled to
BINS = 10


class Status(NamedTuple):
    """How a status looks (a mark, and a tone that the style sheet colours) and what it means."""

    mark: str
    tone: str
    meaning: str


STATUSES = {
    "passed": Status("✓", "good", "Every hidden test agrees with the reference answer."),
    "partial": Status(
        "½", "half", "Some requirements hold and earned their points; at least one does not."
    ),
    "failed": Status("×", "bad", "The answer ran to its end, but what it gives back is wrong."),
    "error": Status("E", "bad", "The answer stopped with an error; the message says which."),
    "timeout": Status("T", "bad", "It was still running at the time limit, and was stopped."),
    "memory": Status("M", "bad", "It asked for more memory than the limit, and was stopped."),
    "forbidden": Status("F", "bad", "It calls something that the exercise does not allow."),
    "missing": Status("–", "none", "No answer: the cell is empty, gone, or as it was handed out."),
    "tampered": Status(
        "!", "look", "It reached for the grading itself. Look at it before you talk about it."
    ),
    "unreadable": Status(
        "?", "look", "The notebook could not be read, as after a broken upload. Ask for it again."
    ),
    "crashed": Status(
        "C", "look", "Its process died without a Python error. Open it and run it once yourself."
    ),
}


@dataclass(frozen=True)
class Exercise:
    """One exercise, with how the class did in it."""

    name: str
    lesson: str
    points: float
    requirements: Mapping[str, float]
    counts: Mapping[str, int]
    missed: Sequence[tuple[Learner, Record]]

    @property
    def graded(self) -> int:
        """Learners who have a verdict here."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float:
        """The share of them who passed, 0 to 1."""
        return self.counts.get("passed", 0) / self.graded if self.graded else 0.0


@dataclass(frozen=True)
class Lesson:
    """One lesson that somebody has a record in, and the scores of those who handed it in."""

    name: str
    title: str
    exercises: Sequence[Exercise]
    scores: Sequence[float]

    @property
    def number(self) -> str:
        """`04` of `04_scaled_dot_product`; the whole name where there is no number."""
        return found[0] if (found := re.match(r"\d+", self.name)) else self.name

    @property
    def label(self) -> str:
        """Number and title, or the name where the lesson is not in the course."""
        return f"{self.number} · {self.title}" if self.title != self.name else self.name

    @property
    def bins(self) -> list[int]:
        """How many scores fall into each of the equal parts of 0 to 20; 20 is in the last."""
        counts = Counter(min(int(score * BINS / FULL), BINS - 1) for score in self.scores)
        return [counts[i] for i in range(BINS)]

    @property
    def median(self) -> float:
        """The middle score; 0 where nobody handed in."""
        return median(self.scores) if self.scores else 0.0


@dataclass(frozen=True)
class Learner:
    """One learner: verdicts by (lesson, exercise), and a score of 20 for each lesson."""

    anchor: str
    name: str
    records: Mapping[Key, Record]
    scores: Mapping[str, float | None]  # None: nothing handed in
    redo: Sequence[Record]  # not passed, in lesson order

    @property
    def total(self) -> float:
        return sum(score or 0.0 for score in self.scores.values())

    @property
    def share(self) -> float:
        return self.total / (FULL * len(self.scores))

    @property
    def trouble(self) -> str:
        """What went wrong, in a line: lessons not handed in, then the commonest verdicts."""
        absent = [lesson.split("_")[0] for lesson, score in self.scores.items() if score is None]
        handed_in = (r for r in self.redo if self.scores[r["lesson"]] is not None)
        counts = Counter(r["status"] for r in handed_in).most_common(3)
        parts = [f"nothing for {', '.join(absent)}"] if absent else []
        return " · ".join(parts + [f"{count} {status}" for status, count in counts])

    @property
    def to_look_at(self) -> Mapping[str, int]:
        """Verdicts that a teacher should not leave to the grader, by status."""
        return Counter(r["status"] for r in self.redo if STATUSES[r["status"]].tone == "look")


class Misconception(NamedTuple):
    """A named wrong answer, and everyone who gave it."""

    lesson: str
    exercise: str
    name: str
    sentence: str
    learners: Sequence[Learner]


class Verdicts(NamedTuple):
    """The records beside the truth; `differing` holds pairs (truth, record or None)."""

    total: int
    equal: int
    submitted: int
    recognised: int
    invented: int
    differing: Sequence[tuple[Record, Record | None]]

"""Grade what is handed in, in a process of its own: with the hidden tests, far from any learner.

The process keeps a crew for the lessons it graded last, so that a submission takes what its cells
and cases take, and no start.
"""

from __future__ import annotations

import copy
import os
import sys
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the room's service names this module, and must not load torch for it
    from grader.course import Lesson
    from grader.crew import Crew
    from grader.verdicts import Graded

__all__ = ["HandedIn", "Marked", "enlist", "mark", "solved"]

CREWS = 2  # lessons that are kept ready; each holds a process with torch in it


@dataclass(frozen=True)
class HandedIn:
    """One submission, and what is known of the same learner's earlier ones."""

    repository: str
    course: str
    student: str
    name: str
    lesson: str
    path: str
    at: float
    place: int  # which of the learner's submissions of this lesson
    why_not: str  # it does not count; empty where it may
    best: tuple[float, int] | None  # points and place of the best one before


@dataclass(frozen=True)
class Marked:
    """What one submission got, and the page that tells its learner."""

    points: float
    max_points: float
    page: str


_crews: OrderedDict[tuple[str, str], Crew] = OrderedDict()  # in the marking process alone


def enlist() -> None:
    """End with the room's service; and import quickly, as `grader.cli` does, and why."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from grader.kernel.sandbox import die_with_parent
    from grader.room.walls import AFTER_THE_ROOM

    os.nice(AFTER_THE_ROOM)
    die_with_parent()


def mark(handed_in: HandedIn) -> Marked:
    """Grade one submission; where it is the best so far, it goes into the gradebook."""
    from grader.room.feedback import feedback_page
    from grader.submissions import Submission

    lesson = _lesson(handed_in.repository, handed_in.lesson)
    crew = _crew(handed_in.course, lesson)
    path = Path(handed_in.path)
    graded = crew.grade(Submission(handed_in.student, lesson.name, path))
    points = sum(verdict.points for verdict in graded.verdicts)
    if not handed_in.why_not and (handed_in.best is None or points > handed_in.best[0]):
        _record(handed_in, lesson, graded)
    total = sum(verdict.max_points for verdict in graded.verdicts)
    page = feedback_page(
        handed_in, lesson.title, list(graded.verdicts), _standing(handed_in, points)
    )
    return Marked(points, total, page)


def solved(repository: str, lesson: str) -> bytes:
    """A lesson's notebook with the solutions in it, and no hidden test."""
    from grader.notebook import released, write_notebook
    from grader.stub import solution_source

    found = _lesson(repository, lesson)
    notebook = copy.deepcopy(released(found))
    for cell in notebook.cells:
        tag = cell.metadata.get("nbgrader", {})
        if tag.get("solution"):
            cell.source = solution_source(found.kernels_source, tag["grade_id"])
    return write_notebook(notebook)


def _standing(handed_in: HandedIn, points: float) -> str:
    """Which submission counts now."""
    best, place = handed_in.best or (None, 0)
    if handed_in.why_not:
        kept = f"What counts is your submission {place}." if place else "None counts so far."
        return f"It does not count: {handed_in.why_not}. {kept}"
    if best is not None and best >= points:
        return f"Your best one counts, and that is still submission {place}."
    return "It is your best so far, so it is the one that counts."


def _lesson(repository: str, name: str) -> Lesson:
    from grader.course import find_repository, load_lessons

    (found,) = load_lessons(find_repository(Path(repository)), [name])
    return found


def _crew(course: str, lesson: Lesson) -> Crew:
    from grader.crew import Crew
    from grader.grading import Settings
    from grader.nbgrader_course import open_course

    key = (course, lesson.name)
    if key not in _crews:
        while len(_crews) >= CREWS:
            _crews.popitem(last=False)[1].close()
        _crews[key] = Crew([lesson], Settings(seed=open_course(Path(course)).seed))
    _crews.move_to_end(key)
    return _crews[key]


def _record(handed_in: HandedIn, lesson: Lesson, graded: Graded) -> None:
    """Put it where `grader grade` finds it, keep its verdict, and write the gradebook."""
    from grader.gradebook import Recorder, open_gradebook
    from grader.grading import Settings, lesson_digest
    from grader.nbgrader_course import open_course
    from grader.submissions import Submission
    from grader.verdicts import Graded, KeptVerdicts

    course = open_course(Path(handed_in.course))
    folder = course.folder / "submitted" / handed_in.student / lesson.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lesson.name}.ipynb"
    part = folder / f".{lesson.name}.part"
    part.write_bytes(Path(handed_in.path).read_bytes())
    part.replace(path)
    stamp = datetime.fromtimestamp(handed_in.at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    (folder / "timestamp.txt").write_text(stamp, encoding="utf-8")
    submission = Submission(handed_in.student, lesson.name, path)
    best = Graded(submission, graded.verdicts, graded.notebook, graded.content)
    digest = lesson_digest(lesson, Settings(seed=course.seed))
    KeptVerdicts(course.folder / "verdicts", {lesson.name: digest}).keep(best)
    with open_gradebook(course, [lesson.name]) as gradebook:
        Recorder(course, gradebook).record(best)

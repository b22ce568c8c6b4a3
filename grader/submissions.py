"""Find submissions on disk: `submitted/<student>/<lesson>/<lesson>.ipynb`, as nbgrader has them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Lesson
from grader.errors import GraderError

__all__ = ["Submission", "find_submissions", "hidden_folders"]


@dataclass(frozen=True, order=True)
class Submission:
    """One learner's notebook of one lesson; the file may turn out to be missing or broken."""

    student: str
    lesson: str
    path: Path


def find_submissions(folder: Path, lessons: Sequence[Lesson]) -> list[Submission]:
    """Every submission of these lessons, by student and lesson.

    Raises:
        GraderError: where the folder is not there, or holds none.
    """
    if not folder.is_dir():
        raise GraderError(f"{folder} is not a folder; --submitted names the folder of submissions.")
    names = [lesson.name for lesson in lessons]
    found = [
        Submission(_written(student.name), name, student / name / f"{name}.ipynb")
        for student in sorted(folder.iterdir())
        if not student.name.startswith(".")
        for name in names
        if _is_folder(student / name)
    ]
    if not found:
        raise GraderError(
            f"{folder} holds no submission of {', '.join(names)}; a submission lies at "
            f"{folder.name}/STUDENT/LESSON/LESSON.ipynb."
        )
    return found


def hidden_folders(folder: Path, lessons: Sequence[Lesson]) -> list[str]:
    """Folders of submissions that are passed over, since their names begin with a dot.

    Such names are hidden from file patterns, and so from nbgrader; they are what editors, file
    systems and backups leave behind, whose old copies must not become learners.
    """
    return [
        _written(student.name)
        for student in sorted(folder.iterdir())
        if student.name.startswith(".") and any(_is_folder(student / item.name) for item in lessons)
    ]


def _written(name: str) -> str:
    """A folder's name as text; bytes of it that are no UTF-8 are written out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_folder(path: Path) -> bool:
    """Whether a lesson's folder is there; one that may not be entered is, to be told of."""
    try:
        return path.is_dir()
    except PermissionError:
        return True

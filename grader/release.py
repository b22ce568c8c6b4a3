"""The learners' tree: what a person without the repository needs, and nothing that answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.build import attend_files, attend_zip, lesson_files
from grader.course import Lesson
from grader.errors import GraderError

__all__ = ["answers_shown", "release_files", "shown_by", "write_release"]

ALONGSIDE = {
    "docs/learners.md": "README.md",
    "environment.yml": "environment.yml",
    "requirements.lock": "requirements.lock",
    "LICENSE": "LICENSE",
}


def release_files(
    repository: Path, lessons: Sequence[Lesson], plan: str | None = None
) -> dict[str, bytes]:
    """The files of a release by path: notebooks, attend beside them and zipped, environment."""
    files = attend_files()
    for lesson in lessons:
        files |= lesson_files(lesson)
    files["notebooks/attend.zip"] = attend_zip(lessons)
    for source, name in ALONGSIDE.items():
        files[name] = (repository / source).read_bytes()
    if plan is not None:
        files["PLAN.md"] = plan.encode()
    return files


def write_release(
    repository: Path, lessons: Sequence[Lesson], folder: Path, plan: str | None = None
) -> list[Path]:
    """Write a release; files of other names that are in the folder stay.

    Args:
        repository: where the lessons lie.
        lessons: what to release.
        folder: where to.
        plan: the text of PLAN.md, where the release is one path's edition.

    Raises:
        GraderError: where the folder lies in solutions/, or cannot be written.
    """
    if (repository / "solutions").resolve() in [folder.resolve(), *folder.resolve().parents]:
        raise GraderError("A release does not go into solutions/; name another folder with --out.")
    written = []
    try:
        for name, data in release_files(repository, lessons, plan).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written.append(path)
    except OSError as error:
        raise GraderError(f"{folder} cannot be written: {error.strerror}.") from None
    return written


def answers_shown(lessons: Sequence[Lesson]) -> list[str]:
    """Where a given cell of one released lesson holds the answer to an exercise of another."""
    return [
        f"{lesson.name} shows the answer to {name}, an exercise of {other}, which is released with "
        "it."
        for lesson in lessons
        for other, name in shown_by(lesson, lessons)
    ]


def shown_by(lesson: Lesson, lessons: Sequence[Lesson]) -> list[tuple[str, str]]:
    """The exercises of other lessons that one's given cells answer: (lesson, exercise)."""
    return [
        (other.name, name)
        for cell in lesson.page.cells
        for other in lessons
        if cell.role == "given"
        and other is not lesson
        and f"solutions.{other.folder.name}." in cell.source
        for name in other.exercises
        if re.search(rf"\b{name}\b", cell.source)
    ]

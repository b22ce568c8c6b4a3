"""Which folders nbgrader's commands take, and what they read there: just what `grader grade` does.

nbgrader finds submissions by file patterns and takes their names apart by regular expressions, so
that a folder called `[ada]` is passed over, one with a line break in its name ends the run for
everybody, and one without a notebook gets no score. It reads timestamp.txt and copies every other
file whatever they are: a link to /dev/zero fills the disk. A converter makes its exporter after it
has listed the folders and before it converts the first; there our exporters call `adopt`, which
sets the list right and puts a careful course directory in the place of nbgrader's.
"""

from __future__ import annotations

import datetime
import glob
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets import Dict

from grader.course import find_repository, load_lessons
from grader.errors import GraderError
from grader.gradebook import handed_in
from grader.submissions import Submission, find_submissions

__all__ = ["CarefulDirectory", "adopt"]


class CarefulDirectory(CourseDirectory):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's course directory, for any name and without following a submission anywhere."""

    real = Dict(help="The folder on disk of each folder's written path.")

    def format_path(
        self, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False
    ) -> str:
        """A path, or the expression that takes one apart; a dot then fits a line break too."""
        path = str(super().format_path(nbgrader_step, student_id, assignment_id, escape=escape))
        return f"(?s){path}" if escape else path

    def get_existing_timestamp(self, dest_path: str) -> datetime.datetime | None:
        """The time of handing in; None where the file is a link, or no time."""
        return handed_in(self.real_folder(dest_path))

    def real_folder(self, written: str) -> Path:
        """Where a folder lies whose name may hold bytes that are no text."""
        return Path(self.real.get(written, written))


def adopt(converter: Any, *, copies: bool) -> None:
    """Set right which folders a converter takes, and how it reads them.

    Args:
        converter: nbgrader's, after it has listed its folders.
        copies: whether other files than the notebook go along.
    """
    course = converter.coursedir
    real = {}
    for found in _found(converter):
        folder = converter._format_source(found.lesson, found.student)
        converter.assignments.pop(str(found.path.parent), None)
        converter.assignments[folder] = [f"{folder}/{found.lesson}.ipynb"]
        real[folder] = str(found.path.parent)
    settings = {name: getattr(course, name) for name in course.traits(config=True)}
    settings["ignore"] = course.ignore + _ignored(list(converter.assignments), copies)
    converter.coursedir = CarefulDirectory(parent=course.parent, **settings, real=real)


def _found(converter: Any) -> list[Submission]:
    """Every submission that the command was asked for; none where the course is not ours."""
    course = converter.coursedir
    try:
        lessons = load_lessons(find_repository(Path(course.root)))
        chosen = [item for item in lessons if fnmatchcase(item.name, course.assignment_id)]
        found = find_submissions(Path(course.root) / converter._input_directory, chosen)
    except GraderError:
        return []
    wanted = course.student_id
    return [item for item in found if fnmatchcase(item.student, wanted) or item.student == wanted]


def _ignored(folders: list[str], copies: bool) -> list[str]:
    """What nbgrader must leave out when it copies files beside the notebook.

    It looks for these patterns in a file's own folder, whose name it takes for a pattern too; a
    whole path serves where that name is one.
    """
    odd = [glob.escape(folder) for folder in folders if glob.has_magic(folder)]
    if copies:
        return [f"{folder}/*.ipynb" for folder in odd]
    return ["*", *odd]

"""`grader export`: the gradebook's scores as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.terminal import CourseFolder, Lessons, out

__all__ = ["export"]


def export(
    lessons: Lessons = None,
    course: CourseFolder = Path("course"),
    to: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("grades.csv"),
) -> None:
    """Write the gradebook's scores as CSV, safe to open in a spreadsheet."""
    from grader.course import find_repository, load_lessons
    from grader.export import write_scores
    from grader.gradebook import open_gradebook
    from grader.nbgrader_course import open_course

    names = [lesson.name for lesson in load_lessons(find_repository(), lessons)] if lessons else []
    with open_gradebook(open_course(course), names) as gradebook:
        count = write_scores(gradebook, to, names)
    out.print(f"{count} lines in")
    out.print(str(to.resolve()), markup=False)

"""`grader grade`: a folder of submissions into verdicts, gradebook and class table."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from grader.terminal import CourseFolder, JsonFile, Lessons, Unsandboxed, out, progress, write_json

__all__ = ["grade"]


def grade(
    lessons: Lessons = None,
    course: CourseFolder = Path("course"),
    submitted: Annotated[
        Path | None,
        typer.Option(help="Where STUDENT/LESSON/LESSON.ipynb lie; else COURSE/submitted."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that grade side by side.")] = (
        os.cpu_count() or 1
    ),
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one cell or case.")] = 10.0,
    scheduler: Annotated[
        str | None, typer.Option(help="Grade on the Dask cluster at this address instead.")
    ] = None,
    json: JsonFile = None,
    without_sandbox: Unsandboxed = False,
) -> None:
    """Grade submissions: fresh inputs, two kernels, verdicts into nbgrader's gradebook."""
    from grader.course import find_repository, load_lessons
    from grader.engine import grade_all
    from grader.gradebook import open_gradebook, write_graded
    from grader.grading import Settings
    from grader.nbgrader_course import open_course
    from grader.submissions import find_submissions

    chosen = load_lessons(find_repository(), lessons)
    made = open_course(course)
    found = find_submissions(submitted or made.folder / "submitted", chosen)
    settings = Settings(seed=made.seed, timeout=timeout)
    started = time.monotonic()
    records: list[dict[str, Any]] = []
    graded_lessons = {submission.lesson for submission in found}
    with open_gradebook(made, graded_lessons) as gradebook, progress("Grading", len(found)) as done:
        for graded in grade_all(
            found,
            chosen,
            settings,
            workers=workers,
            kept=made.folder / "verdicts",
            sandboxed=not without_sandbox,
            scheduler=scheduler,
        ):
            write_graded(made, gradebook, [graded])
            records += graded.records
            done(_printable(f"{graded.submission.student}/{graded.submission.lesson}"))
    seconds = time.monotonic() - started
    records.sort(key=lambda item: (item["student"], item["lesson"]))
    write_json(made.folder / "records.json", {"seconds": seconds, "records": records})
    write_json(json, records)
    _print_class(records)
    out.print(f"{len(found)} submissions graded in {seconds:.1f} s.")


def _print_class(records: Sequence[dict[str, Any]]) -> None:
    """Learners by lessons: points, and a mark where something other than a wrong answer came."""
    lessons = sorted({item["lesson"] for item in records})
    table = Table("learner", *lessons, "total")
    for student in sorted({item["student"] for item in records}):
        mine = [item for item in records if item["student"] == student]
        cells = [_cell([item for item in mine if item["lesson"] == name]) for name in lessons]
        total = sum(item["points"] for item in mine)
        table.add_row(_plain(student), *cells, f"{total:g}")
    out.print(table)


def _cell(records: Sequence[dict[str, Any]]) -> str:
    if not records:
        return "[dim]–[/]"
    points = sum(item["points"] for item in records)
    most = sum(item["max_points"] for item in records)
    unusual = sorted({item["status"] for item in records} - {"passed", "partial", "failed"})
    return f"{points:g} of {most:g}" + (f" [yellow]{', '.join(unusual)}[/]" if unusual else "")


def _plain(text: str) -> str:
    """A name as text: no markup, no control characters."""
    from rich.markup import escape

    return escape(_printable(text))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:60]

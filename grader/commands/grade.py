"""`grader grade`: a folder of submissions into verdicts, gradebook and class table."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from grader.terminal import (
    CourseFolder,
    JsonFile,
    Lessons,
    Unsandboxed,
    err,
    out,
    progress,
    write_json,
)

if TYPE_CHECKING:
    from grader.submissions import Submission

__all__ = ["grade"]

MARKUP = set('<>"')
USUAL = {"passed", "partial", "failed"}


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
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Grade again what has a kept verdict.")
    ] = False,
    json: JsonFile = None,
    without_sandbox: Unsandboxed = False,
) -> None:
    """Grade submissions: fresh inputs, two kernels, verdicts into nbgrader's gradebook."""
    from grader.course import find_repository, load_lessons
    from grader.engine import grade_all
    from grader.gradebook import Recorder, open_gradebook
    from grader.grading import Settings
    from grader.nbgrader_course import open_course
    from grader.submissions import find_submissions, hidden_folders

    chosen = load_lessons(find_repository(), lessons)
    made = open_course(course)
    folder = submitted or made.folder / "submitted"
    found = find_submissions(folder, chosen)
    _say_what_to_know(hidden_folders(folder, chosen), found)
    settings = Settings(seed=made.seed, timeout=timeout)
    started = time.monotonic()
    records: list[dict[str, Any]] = []
    graded_lessons = {submission.lesson for submission in found}
    with open_gradebook(made, graded_lessons) as gradebook, progress("Grading", len(found)) as done:
        recorder = Recorder(made, gradebook)
        for graded in grade_all(
            found,
            chosen,
            settings,
            workers=workers,
            kept=made.folder / "verdicts",
            sandboxed=not without_sandbox,
            scheduler=scheduler,
            afresh=afresh,
        ):
            recorder.record(graded)
            records += graded.records
            done(_printable(f"{graded.submission.student}/{graded.submission.lesson}"))
    seconds = time.monotonic() - started
    records.sort(key=lambda item: (item["student"], item["lesson"]))
    write_json(made.folder / "records.json", {"seconds": seconds, "records": records})
    write_json(json, records)
    _print_class(records)
    out.print(f"{len(found)} submissions graded in {seconds:.1f} s.")


def _say_what_to_know(hidden: Sequence[str], found: Sequence[Submission]) -> None:
    """Folders that are passed over, and names that nbgrader's own pages cannot bear."""
    for name in hidden:
        _warn(f"{name} is not graded: its name begins with a dot. Rename the folder to grade it.")
    for name in sorted({item.student for item in found if set(item.student) & MARKUP}):
        _warn(f"{name} is markup, which nbgrader's formgrader runs: rename it before opening that.")


def _warn(text: str) -> None:
    err.print("grader:", _printable(text, 200), markup=False)


def _print_class(records: Sequence[dict[str, Any]]) -> None:
    """Learners by lessons: points, and a mark where something other than a wrong answer came."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for item in records:
        found.setdefault(item["student"], {}).setdefault(item["lesson"], []).append(item)
    lessons = sorted({item["lesson"] for item in records})
    table = Table("learner", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for head in (*(name.split("_")[0] for name in lessons), "total"):
        table.add_column(_plain(head), justify="right")
    for student, mine in sorted(found.items()):
        total = sum(item["points"] for one in mine.values() for item in one)
        table.add_row(
            _plain(student), *(_cell(mine.get(name, [])) for name in lessons), f"{total:g}"
        )
    out.print(table)
    unusual = Counter(item["status"] for item in records if item["status"] not in USUAL)
    if unusual:
        told = ", ".join(f"{count} {status}" for status, count in unusual.most_common())
        out.print(f"[yellow]![/] Answers with other trouble than a wrong value: {told}.")


def _cell(records: Sequence[dict[str, Any]]) -> str:
    if not records:
        return "[dim]–[/]"
    mark = " " if USUAL.issuperset(item["status"] for item in records) else "[yellow]![/]"
    return f"{sum(item['points'] for item in records):g}{mark}"


def _plain(text: str) -> str:
    """A name as text: no markup, no control characters."""
    from rich.markup import escape

    return escape(_printable(text))


def _printable(text: str, length: int = 60) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:length]

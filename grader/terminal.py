"""What every command prints with: the two streams, a progress bar, JSON beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grader.errors import GraderError, InterruptedRun

__all__ = [
    "CourseFolder",
    "JsonFile",
    "Lessons",
    "Unsandboxed",
    "err",
    "out",
    "progress",
    "write_json",
]

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Lessons = Annotated[
    list[str] | None, typer.Argument(help="Lesson names or numbers, such as 04; all if none.")
]
JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Also write the results to this file, as JSON.")
]
CourseFolder = Annotated[
    Path, typer.Option("--course", help="The nbgrader course's folder, as `grader build` makes it.")
]
Unsandboxed = Annotated[
    bool,
    typer.Option(
        "--without-sandbox",
        help="Run submissions with all your rights. Only for work that you trust.",
    ),
]


def write_json(path: Path | None, data: Any) -> None:
    """Write what was printed, for programs; nothing where no path is given.

    Raises:
        GraderError: where the file cannot be written.
    """
    if path is None:
        return
    try:
        text = json.dumps(data, indent=1, ensure_ascii=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise GraderError(f"{path} cannot be written: {error.strerror}.") from None


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar on the error stream; the function it yields moves it by one and names what is done.

    Raises:
        InterruptedRun: where Ctrl-C stops the work inside.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}", markup=False),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=total, now="")
        try:
            yield lambda name: bar.update(task, advance=1, now=name)
        except KeyboardInterrupt:
            raise InterruptedRun("interrupted; what was finished is kept.") from None

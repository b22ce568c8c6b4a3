"""`grader check`: one's own notebook against every hidden case, with the diagnosis."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from grader.course import Lesson
from grader.errors import FOUND, GraderError, MachineError
from grader.terminal import JsonFile, out, progress, write_json

__all__ = ["check"]

MARKS = {"passed": "[green]✓ passed[/]", "partial": "[yellow]◐ partial[/]"}


def check(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, as you saved it.")],
    lesson: Annotated[
        str | None, typer.Option(help="Which lesson it is, where its name does not say.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What the hidden inputs are drawn from.")] = 0,
    json: JsonFile = None,
) -> None:
    """Check your own notebook: everything hidden too, with the likely cause of each mistake."""
    from grader.course import find_repository, load_lessons
    from grader.grading import Grader, Settings, imports_of
    from grader.kernel.sources import kernels
    from grader.submission import read_notebook

    if not notebook.is_file():
        raise GraderError(f"{notebook} is not a file; `grader check` takes a saved notebook.")
    chosen = _lesson_of(notebook, lesson, load_lessons(find_repository()))
    content, problem = read_notebook(notebook)
    if problem:
        raise GraderError(f"{notebook}: {problem}")
    with contextlib.ExitStack() as stack, progress("Checking", len(chosen.exercises)) as done:
        modules = imports_of([chosen])
        try:
            source = stack.enter_context(kernels(modules))
        except MachineError:  # one's own work needs no sandbox
            source = stack.enter_context(kernels(modules, sandboxed=False))
        grader = Grader(chosen, source, Settings(seed=seed))
        verdicts = grader.grade(content)
        for verdict in verdicts:
            done(verdict.exercise)
    for verdict in verdicts:
        mark = MARKS.get(verdict.status, f"[red]✗ {verdict.status}[/]")
        out.print(
            f"{mark}  [bold]{verdict.exercise}[/]  {verdict.points:g} of {verdict.max_points:g}"
        )
        for line in verdict.message.splitlines():
            out.print(f"    {escape(line)}")
    total = sum(verdict.points for verdict in verdicts)
    out.print(f"{chosen.name}: {total:g} of {sum(item.max_points for item in verdicts):g} points.")
    write_json(json, [verdict.record("", chosen.name) for verdict in verdicts])
    if any(verdict.status != "passed" for verdict in verdicts):
        raise typer.Exit(FOUND)


def _lesson_of(notebook: Path, named: str | None, lessons: Sequence[Lesson]) -> Lesson:
    matches = [
        item
        for item in lessons
        if (named in (item.name, item.name.split("_")[0]) if named else item.name in notebook.stem)
    ]
    if len(matches) != 1:
        known = ", ".join(item.name for item in lessons)
        raise GraderError(
            f"{named or notebook.name} names no lesson; say which with --lesson, one of: {known}."
        )
    return matches[0]

"""`grader release`: the learners' tree, without an answer in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.terminal import Lessons, err, out

__all__ = ["release"]


def release(
    to: Annotated[Path, typer.Option("--out", help="The folder to write; made if missing.")],
    lessons: Lessons = None,
    path: Annotated[
        str | None,
        typer.Option(help="The lessons of half-day, day, two-days or semester, and PLAN.md."),
    ] = None,
) -> None:
    """Write what learners receive: notebooks, tools, environment; no solutions, no hidden tests."""
    from grader.course import find_repository, load_lessons
    from grader.errors import GraderError
    from grader.paths import load_path, path_lessons, plan_text
    from grader.release import answers_shown, write_release

    if path and lessons:
        raise GraderError("Name lessons or a --path, not both.")
    repository = find_repository()
    chosen = load_lessons(repository, lessons)
    plan = None
    if path:
        way = load_path(repository, path)
        chosen = path_lessons(way, chosen)
        plan = plan_text(way, chosen)
    for shown in answers_shown(chosen):
        err.print(f"grader: note: {shown}", markup=False)
    files = write_release(repository, chosen, to, plan)
    out.print(f"{len(chosen)} lessons, {len(files)} files, in")
    out.print(str(to.resolve()), markup=False)

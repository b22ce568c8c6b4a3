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
) -> None:
    """Write what learners receive: notebooks, tools, environment; no solutions, no hidden tests."""
    from grader.course import find_repository, load_lessons
    from grader.release import answers_shown, write_release

    repository = find_repository()
    chosen = load_lessons(repository, lessons)
    for shown in answers_shown(chosen):
        err.print(f"grader: note: {shown}", markup=False)
    files = write_release(repository, chosen, to)
    out.print(f"{len(chosen)} lessons, {len(files)} files, in")
    out.print(str(to.resolve()), markup=False)

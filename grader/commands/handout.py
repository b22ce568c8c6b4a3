"""`grader handout`: one printed page a lesson."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.terminal import Lessons, out, progress

__all__ = ["handout"]


def handout(
    to: Annotated[Path, typer.Option("--out", help="The folder to write; made if missing.")],
    lessons: Lessons = None,
) -> None:
    """Write a page of each lesson to print: goal, words, formulas, exercises; no solutions."""
    from grader.course import find_repository, load_lessons
    from grader.handout import write_handouts

    chosen = load_lessons(find_repository(), lessons)
    with progress("Writing pages", len(chosen)) as done:
        written = write_handouts(chosen, to, done)
    out.print(f"{len(written)} pages, each one sheet of A4, in")
    out.print(str(to.resolve()), markup=False)

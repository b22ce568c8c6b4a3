"""`grader build`: the learners' notebooks and the nbgrader course, from solutions/."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.errors import FOUND
from grader.terminal import CourseFolder, Lessons, err, out, progress

__all__ = ["build"]


def build(
    lessons: Lessons = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; say which files are stale.")
    ] = False,
    course: CourseFolder = Path("course"),
    seed: Annotated[
        int | None,
        typer.Option(help="The hidden inputs' seed; else drawn once and kept."),
    ] = None,
) -> None:
    """Build the learners' notebooks and the nbgrader course from solutions/."""
    from grader.build import build_lessons, stale_files
    from grader.course import find_repository, load_lessons
    from grader.nbgrader_course import build_course

    repository = find_repository()
    if check:
        everything = load_lessons(repository)
        stale = stale_files(repository, everything)
        for name in stale:
            out.print(f"stale: {name}", markup=False)
        if stale:
            err.print("grader: run `grader build`, and commit what it changes.")
            raise typer.Exit(FOUND)
        out.print(f"{len(everything)} lessons: notebooks/ is what solutions/ builds.")
        return
    chosen = load_lessons(repository, lessons)
    with progress("Building", 2 * len(chosen)) as done:
        changed = build_lessons(repository, chosen, done)
        made = build_course(course, chosen, seed=seed, done=done)
    out.print(f"Built {len(chosen)} lessons: {len(changed)} files of notebooks/ changed.")
    out.print(f"The nbgrader course is in {made.folder}", markup=False)

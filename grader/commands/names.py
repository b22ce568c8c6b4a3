"""`grader verify --names`: how mistakes are called, measured on answers whose mistake is known."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.table import Table

from grader.errors import FOUND
from grader.terminal import out, progress, write_json

if TYPE_CHECKING:
    from grader.course import Lesson
    from grader.naming import Naming

__all__ = ["measure_names"]


def measure_names(lessons: list[str] | None, json: Path | None) -> None:
    """Submit known mistakes, right answers and mutants, and count what each is called.

    Args:
        lessons: names or numbers; all if none.
        json: a file for every record.
    """
    from grader.course import find_repository, load_lessons

    chosen = load_lessons(find_repository(), lessons)
    jobs = [(lesson, name) for lesson in chosen for name in lesson.exercises]
    found: list[Naming] = []
    with progress("Naming", len(jobs)) as done:
        for where, records in _in_processes(jobs):
            found += records
            done(where)
    found.sort(key=lambda one: (one.lesson, one.exercise))
    _print(found)
    write_json(json, [asdict(one) for one in found])
    if any(one.kind == "right" and one.named for one in found):
        raise typer.Exit(FOUND)


def _in_processes(jobs: Sequence[tuple[Lesson, str]]) -> Iterator[tuple[str, list[Naming]]]:
    """Side by side, one exercise a job; processes of their own, which a timer may interrupt."""
    from threadpoolctl import threadpool_limits

    os.environ["OMP_NUM_THREADS"] = "1"
    with (
        threadpool_limits(1),
        ProcessPoolExecutor(mp_context=get_context("spawn"), max_workers=os.cpu_count()) as pool,
    ):
        running = {
            pool.submit(_name, lesson.name, name): f"{lesson.name}/{name}" for lesson, name in jobs
        }
        for future in as_completed(running):
            yield running[future], future.result()


def _name(lesson: str, exercise: str) -> list[Naming]:
    from grader.course import find_repository, load_lessons
    from grader.naming import name_exercise

    (found,) = load_lessons(find_repository(), [lesson])
    return list(name_exercise(found, exercise))


def _print(found: Sequence[Naming]) -> None:
    from grader.naming import KINDS

    table = Table("submitted", "seen by", "answers", "seen wrong", "named", "by its own", "wrongly")
    for kind, words in KINDS.items():
        for place in ("hidden", "notebook"):
            mine = [one for one in found if (one.kind, one.place) == (kind, place)]
            own = sum(one.named == one.answer for one in mine)
            table.add_row(
                words if place == "hidden" else "",
                "hidden cases" if place == "hidden" else "the notebook's check",
                str(len(mine)),
                str(sum(one.wrong for one in mine)),
                str(sum(one.named is not None for one in mine)),
                str(own) if kind == "misconception" else "",
                str(sum(not one.right for one in mine)),
            )
    out.print(table)
    for one in found:
        if not one.right:
            out.print(
                f"[dim]· {one.lesson}/{one.exercise}, {one.place}: {escape(one.answer)} "
                f"is called {one.named}[/]"
            )

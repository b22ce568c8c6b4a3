"""`grader verify --mutants`: prove the hidden tests on what one change makes of each solution."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from grader.errors import FOUND, MachineError
from grader.terminal import out, progress, write_json

if TYPE_CHECKING:
    from grader.mutation import Kills

__all__ = ["prove_mutants"]


def prove_mutants(lessons: list[str] | None, write: bool, json: Path | None) -> None:
    """Run every mutant of the chosen lessons' solutions, and say what no case kills.

    Args:
        lessons: names or numbers; all if none.
        write: also write docs/kill_matrix.md and .json anew, other lessons as they were.
        json: a file for every trial.
    """
    from grader.course import find_repository, load_lessons

    try:
        from grader.mutation import prove_lessons, share_problems
    except ModuleNotFoundError as error:
        raise MachineError(
            f"Mutants need the Python package {error.name}: pip install -e '.[dev]'."
        ) from None
    repository = find_repository()
    chosen = load_lessons(repository, lessons)
    order = [(lesson.name, name) for lesson in chosen for name in lesson.exercises]
    found: list[Kills] = []
    with progress("Mutating", len(order)) as done:
        for kills in prove_lessons(chosen, os.cpu_count() or 1):
            found.append(kills)
            done(f"{kills.lesson}/{kills.exercise}")
    found.sort(key=lambda kills: order.index((kills.lesson, kills.exercise)))
    _print(found)
    problems = [problem for kills in found for problem in kills.problems] + share_problems(found)
    for problem in problems:
        out.print(f"✗ {problem}", markup=False, style="red")
    write_json(json, [record for kills in found for record in kills.records()])
    if write:
        _write(repository, found)
    if problems:
        raise typer.Exit(FOUND)


def _print(found: Sequence[Kills]) -> None:
    table = Table("exercise", "mutants", "killed", "equivalent", "survived", "seen by the check")
    total: Counter[str] = Counter()
    for kills in found:
        count = Counter(trial.status for trial in kills.mutants)
        count["seen"] = sum(trial.seen for trial in kills.mutants)
        count["mutants"] = len(kills.mutants)
        total += count
        table.add_row(f"{kills.lesson.split('_')[0]} {kills.exercise}", *_cells(count))
    table.add_row("[b]all[/]", *_cells(total))
    out.print(table)


def _cells(count: Counter[str]) -> list[str]:
    return [str(count[name]) for name in ("mutants", "killed", "equivalent", "survived", "seen")]


def _write(repository: Path, found: Sequence[Kills]) -> None:
    from grader.course import load_lessons
    from grader.kill_matrix import JSON_FILE, PAGE_FILE, matrix_text, page, read_matrix, updated

    there = {lesson.name: list(lesson.exercises) for lesson in load_lessons(repository)}
    matrix = updated(read_matrix(repository), found, there)
    (repository / JSON_FILE).write_text(matrix_text(matrix), encoding="utf-8")
    (repository / PAGE_FILE).write_text(page(matrix), encoding="utf-8")
    out.print(f"Wrote {JSON_FILE} and {PAGE_FILE}", markup=False)

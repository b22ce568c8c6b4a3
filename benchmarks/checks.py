"""How long a learner waits for a check cell: `python benchmarks/checks.py [LESSON ...]`.

Each check cell runs in an IPython shell of its own lesson, with attend from the zip, as it is
released: on the solution, and on every misconception. Seconds are for the whole cell, from its text
to its output; the first run of each exercise is among them, and what its imports cost is not (the
notebook's first cell has paid for that). Printed beside the promise of 0.2 s; nothing here is a
test, since another machine may be slower.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from measuring import out
from rich.table import Table

from grader.build import attend_zip
from grader.course import Lesson, find_repository, load_lessons
from grader.notebook import released
from grader.stub import solution_source

PROMISE = 0.2  # seconds
RUNS = 5  # of the solution


def main() -> None:
    """Measure, print, and write the figures beside this file."""
    repository = find_repository()
    lessons = load_lessons(repository, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="attend-bench-") as name:
        os.chdir(name)
        Path("attend.zip").write_bytes(attend_zip(lessons))
        records = [record for lesson in lessons for record in measure(lesson)]
        os.chdir(repository)
    report(records)
    if not sys.argv[1:]:
        target = repository / "benchmarks" / "checks.json"
        target.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")


def measure(lesson: Lesson) -> Iterator[dict[str, Any]]:
    """Run one lesson's given cells and solutions, and time each check where the page has it."""
    shell = InteractiveShell()
    for cell in released(lesson).cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.startswith("given_"):
            run(shell, cell.source)
        elif name in lesson.exercises:
            run(shell, solution_source(lesson.kernels_source, name))
        elif name.startswith("check_"):
            yield measure_check(lesson, shell, name.removeprefix("check_"), cell.source)


def measure_check(
    lesson: Lesson, shell: InteractiveShell, exercise: str, check: str
) -> dict[str, Any]:
    """Time one check on the right answer and on every named wrong one."""
    right = [run(shell, check) for _ in range(RUNS)]
    wrong = {}
    for name, candidate in lesson.misconceptions(exercise).items():
        run(shell, candidate.source)
        wrong[name] = run(shell, check)
    run(shell, solution_source(lesson.kernels_source, exercise))
    run(shell, check)
    return {
        "lesson": lesson.name,
        "exercise": exercise,
        "first": right[0],
        "right": statistics.median(right),
        "slowest": max([*right, *wrong.values()]),
        "wrong_answers": len(wrong),
    }


def run(shell: InteractiveShell, text: str) -> float:
    """Run a cell, and return how long it took; what it prints is nobody's."""
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell.run_cell(text)
    return time.perf_counter() - started


def report(records: list[dict[str, Any]]) -> None:
    """Print a line an exercise, slowest first, and how many keep the promise."""
    table = Table("exercise", "first run", "right, median", "slowest of all", "of the promise")
    for one in sorted(records, key=lambda one: -float(one["slowest"])):
        table.add_row(
            f"{one['lesson'].split('_')[0]} {one['exercise']}",
            *(f"{1000 * one[key]:.0f} ms" for key in ("first", "right", "slowest")),
            f"{one['slowest'] / PROMISE:.0%}",
        )
    out.print(table)
    kept = sum(one["slowest"] < PROMISE for one in records)
    runs = sum(one["wrong_answers"] + RUNS for one in records)
    out.print(f"{kept} of {len(records)} checks answer within {PROMISE} s in all of {runs} runs.")


if __name__ == "__main__":
    main()

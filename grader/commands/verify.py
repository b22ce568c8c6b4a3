"""`grader verify`: prove the hidden tests on every named answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from grader.errors import FOUND
from grader.terminal import JsonFile, Lessons, out, progress, write_json

if TYPE_CHECKING:
    from grader.verify import Proof

__all__ = ["verify"]

MARKS = {True: "[green]✓[/]", False: "[red]✗[/]"}


def verify(
    lessons: Lessons = None,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds to grade each candidate under.")] = 3,
    json: JsonFile = None,
) -> None:
    """Prove the hidden tests: right answers get all points, every misconception loses some."""
    from grader.course import find_repository, load_lessons
    from grader.grading import imports_of
    from grader.kernel.sources import kernels
    from grader.verify import check_lesson, count_candidates, verify_lesson

    chosen = load_lessons(find_repository(), lessons)
    proofs: list[Proof] = []
    problems: list[str] = []
    # The candidates are ours: where there is no sandbox, they run without one.
    sandboxed = sys.platform.startswith("linux")
    with (
        kernels(imports_of(chosen), sandboxed=sandboxed) as source,
        progress("Verifying", sum(map(count_candidates, chosen))) as done,
    ):
        for lesson in chosen:
            mine = []
            for proof in verify_lesson(lesson, source, range(seeds)):
                mine.append(proof)
                done(f"{lesson.name}/{proof.exercise}")
            problems += check_lesson(lesson, mine)
            proofs += mine
    _print(proofs, problems)
    write_json(json, [proof.record() for proof in proofs])
    if problems or not all(proof.ok for proof in proofs):
        raise typer.Exit(FOUND)


def _print(proofs: Sequence[Proof], problems: Sequence[str]) -> None:
    table = Table("exercise", "candidate", "must get", "got", "killed by", "recognised")
    last = ""
    for proof in proofs:
        where = f"{proof.lesson.split('_')[0]} {proof.exercise}"
        table.add_row(
            "" if where == last else where,
            f"{proof.kind}: {proof.candidate}" if proof.candidate != proof.kind else proof.kind,
            proof.expected,
            f"{MARKS[proof.ok]} {proof.points:g} of {proof.max_points:g}",
            f"{len(proof.killed_by)} cases" if proof.killed_by else "",
            _recognised(proof),
            end_section=False,
        )
        last = where
    out.print(table)
    right = [proof for proof in proofs if proof.kind in ("solution", "alternative")]
    wrong = [proof for proof in proofs if proof.kind == "misconception"]
    out.print(
        f"{sum(proof.ok for proof in right)} of {len(right)} right answers get all points; "
        f"{sum(proof.ok for proof in wrong)} of {len(wrong)} misconceptions lose points; "
        f"{sum(proof.diagnosed == proof.candidate for proof in wrong)} are recognised by name."
    )
    for problem in problems:
        out.print(f"[red]✗[/] {problem}")


def _recognised(proof: Proof) -> str:
    if proof.kind != "misconception":
        return ""
    if proof.diagnosed == proof.candidate:
        return "yes"
    return f"[yellow]as {proof.diagnosed}[/]" if proof.diagnosed else "[yellow]no[/]"

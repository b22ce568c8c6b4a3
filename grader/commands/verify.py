"""`grader verify`: prove the hidden tests on every named answer."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from grader.commands.mutants import prove_mutants
from grader.commands.names import measure_names
from grader.errors import FOUND
from grader.terminal import JsonFile, Lessons, out, progress, write_json

if TYPE_CHECKING:
    from grader.verify import Proof

__all__ = ["verify"]

MARKS = {True: "[green]✓[/]", False: "[red]✗[/]"}


def verify(
    lessons: Lessons = None,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds to grade each candidate under.")] = 3,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Prove them by mutants of the solutions instead.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="With --mutants: also write docs/kill_matrix.*.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Measure how mistakes are called instead.")
    ] = False,
    json: JsonFile = None,
) -> None:
    """Prove the hidden tests: right answers get all points, every misconception loses some.

    Under each seed as drawn, and under the first with all inputs in float32 and in float64.
    """
    if names:
        measure_names(lessons, json)
        return
    if mutants or write:
        prove_mutants(lessons, write, json)
        return
    from grader.course import find_repository, load_lessons
    from grader.grading import imports_of
    from grader.kernel.sources import kernels
    from grader.verify import check_lesson, count_candidates, spare_cases, verify_lesson

    chosen = load_lessons(find_repository(), lessons)
    proofs: list[Proof] = []
    problems: list[str] = []
    spare: dict[str, list[str]] = {}
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
            for name, exercise in lesson.exercises.items():
                spare[f"{lesson.name}/{name}"] = spare_cases(exercise, lesson.cases[name], mine)
            proofs += mine
    _print(proofs)
    _print_cases(spare, sum(len(cases) for one in chosen for cases in one.cases.values()))
    for problem in problems:
        out.print(f"[red]✗[/] {problem}")
    write_json(json, [proof.record() for proof in proofs])
    if problems or not all(proof.ok for proof in proofs):
        raise typer.Exit(FOUND)


def _print(proofs: Sequence[Proof]) -> None:
    table = Table("exercise", "candidate", "must get", "got", "killed by", "recognised")
    last = ""
    for proof in proofs:
        where = f"{proof.lesson.split('_')[0]} {proof.exercise}"
        table.add_row(
            "" if where == last else where,
            f"{proof.kind}: {proof.candidate}" if proof.candidate != proof.kind else proof.kind,
            proof.expected,
            f"{MARKS[proof.ok]} {proof.points:g} of {proof.max_points:g}"
            + ("" if proof.ok else f" under {proof.under}"),
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


def _print_cases(spare: Mapping[str, Sequence[str]], total: int) -> None:
    """Say how few cases would do for the misconceptions alone: worth a look, and no defect."""
    needed = total - sum(map(len, spare.values()))
    out.print(
        f"{needed} of {total} hidden cases would take the same points from every misconception."
    )
    for where, names in spare.items():
        if names:
            out.print(f"[dim]· {where} has to spare: {', '.join(names)}[/]")


def _recognised(proof: Proof) -> str:
    if proof.kind != "misconception":
        return ""
    if proof.diagnosed == proof.candidate:
        return "yes"
    return f"[yellow]as {proof.diagnosed}[/]" if proof.diagnosed else "[yellow]no[/]"

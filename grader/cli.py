"""The command line: each command parses, calls the module that does the work, and prints.

Exit codes: 0 all is well; 1 the work was done and found something; 2 bad input; 3 this machine
cannot do it; 130 interrupted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from grader import errors

__all__ = ["app", "main"]

app = typer.Typer(
    help="Attend's grader: build the course, prove its tests, grade submissions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Lessons = Annotated[list[str] | None, typer.Argument(help="Lesson names or numbers; all if none.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write the results here, as JSON.")]
CourseFolder = Annotated[Path, typer.Option("--course", help="The nbgrader course's folder.")]


def main() -> None:
    """Run the command line; every foreseen problem is one sentence and an exit code."""
    if sys.version_info < (3, 11):
        sys.exit("Attend needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    try:
        app(standalone_mode=True)
    except errors.GraderError as problem:
        err.print(f"grader: {problem}", markup=False)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        err.print("grader: interrupted; what was finished is kept.")
        sys.exit(errors.INTERRUPTED)


@app.command()
def build(
    lessons: Lessons = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; say what is stale.")] = False,
    course: CourseFolder = Path("course"),
) -> None:
    """Build the learners' notebooks and the nbgrader course from solutions/."""
    from grader.build import build_lessons, stale_files
    from grader.nbgrader_course import build_course

    repository, chosen = _lessons(lessons)
    if check:
        stale = stale_files(repository, _lessons(None)[1])
        for name in stale:
            out.print(f"stale: {name}", markup=False)
        if stale:
            err.print("grader: run `grader build` and commit what it changes.")
            raise typer.Exit(errors.FOUND)
        out.print(f"{len(chosen)} lessons: notebooks/ is what solutions/ builds.")
        return
    with _bar("Building", 2 * len(chosen)) as done:
        changed = build_lessons(repository, chosen, done)
        build_course(repository / course, chosen, done=done)
    out.print(f"Built {len(chosen)} lessons; {len(changed)} files in notebooks/ changed.")


@app.command()
def verify(
    lessons: Lessons = None,
    seeds: Annotated[int, typer.Option(help="How many seeds each candidate is graded under.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Prove the hidden tests: right answers get all, every misconception loses points."""
    from grader.grading import imports_of
    from grader.kernel.client import kernels
    from grader.verify import check_lesson, count_candidates, verify_lesson

    _, chosen = _lessons(lessons)
    proofs, problems = [], []
    sandboxed = sys.platform.startswith("linux")
    with (
        kernels(imports_of(chosen), sandboxed=sandboxed) as source,
        _bar("Verifying", sum(map(count_candidates, chosen))) as done,
    ):
        for lesson in chosen:
            for proof in verify_lesson(lesson, source, range(seeds)):
                proofs.append(proof)
                done(f"{lesson.name}/{proof.exercise}")
            problems += check_lesson(lesson, proofs)
    _print_proofs(proofs)
    _write_json(json_file, [proof.record() for proof in proofs])
    for problem in problems:
        out.print(f"[red]✗[/] {problem}")
    if problems or not all(proof.ok for proof in proofs):
        raise typer.Exit(errors.FOUND)


def _print_proofs(proofs: list[Any]) -> None:
    table = Table("lesson", "exercise", "candidate", "must get", "got", "killed by", "named")
    for proof in proofs:
        mark = "[green]✓[/]" if proof.ok else "[red]✗[/]"
        named = "" if proof.kind != "misconception" else (
            "yes" if proof.diagnosed == proof.candidate else f"[yellow]{proof.diagnosed or 'no'}[/]"
        )
        table.add_row(
            proof.lesson.split("_")[0], proof.exercise, f"{proof.candidate}", proof.expected,
            f"{mark} {proof.points:g}/{proof.max_points:g}", str(len(proof.killed_by)), named,
        )
    out.print(table)
    wrong = [proof for proof in proofs if proof.kind == "misconception"]
    right = [proof for proof in proofs if proof.kind in ("solution", "alternative")]
    named = sum(proof.diagnosed == proof.candidate for proof in wrong)
    out.print(
        f"{sum(p.ok for p in right)} of {len(right)} right answers get all points; "
        f"{sum(p.ok for p in wrong)} of {len(wrong)} misconceptions lose theirs; "
        f"{named} of {len(wrong)} are recognised by name."
    )


def _lessons(names: list[str] | None) -> tuple[Path, list[Any]]:
    from grader.course import find_repository, load_lessons

    repository = find_repository()
    return repository, load_lessons(repository, names)


def _write_json(path: Path | None, data: Any) -> None:
    if path is None:
        return
    try:
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise errors.GraderError(f"{path} cannot be written: {error.strerror}.") from None


@contextmanager
def _bar(title: str, total: int) -> Iterator[Any]:
    """A progress bar on the terminal's error stream; the yielded function moves it by one."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(title, total=total, now="")
        yield lambda name="": progress.update(task, advance=1, now=name)


if __name__ == "__main__":
    main()

"""`grader doctor`: what this machine can do, tried for real."""

from __future__ import annotations

import typer

from grader.errors import MACHINE
from grader.terminal import JsonFile, out, progress, write_json

__all__ = ["doctor"]


def doctor(json: JsonFile = None) -> None:
    """Try each layer that grading needs on this machine, and say which hold."""
    from grader.course import find_repository
    from grader.doctor import ATTEMPTS, ENDS, examine

    findings = []
    with progress("Trying", len(ATTEMPTS) + len(ENDS) + 10) as done:
        for finding in examine(find_repository()):
            findings.append(finding)
            done(finding.name)
    for finding in findings:
        mark = "[green]✓[/]" if finding.holds else "[red]✗[/]"
        out.print(f"{mark} {finding.name}: ", end="")
        out.print(finding.seen, markup=False)
    write_json(json, [finding.record() for finding in findings])
    failed = [finding for finding in findings if not finding.holds]
    if failed:
        out.print(
            f"{len(failed)} of {len(findings)} do not hold here: do not grade other people's work."
        )
        raise typer.Exit(MACHINE)
    out.print("All hold: other people's work can be graded here.")

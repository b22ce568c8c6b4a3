"""The command line: one module of `grader.commands` a command.

Exit codes: 0 all is well; 1 the work was done and found something; 2 bad input; 3 this machine
cannot do it; 130 interrupted, and what was finished is kept.
"""

from __future__ import annotations

import sys

import typer

from grader import errors
from grader.commands.build import build
from grader.commands.check import check
from grader.commands.doctor import doctor
from grader.commands.export import export
from grader.commands.feedback import feedback
from grader.commands.grade import grade
from grader.commands.handout import handout
from grader.commands.release import release
from grader.commands.report import report
from grader.commands.room import room
from grader.commands.verify import verify
from grader.terminal import err

__all__ = ["app", "main"]

app = typer.Typer(
    help="Attend's grader: build the course, prove its tests, grade submissions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (doctor, build, check, verify, release, handout, grade, report, feedback, export):
    app.command()(command)
app.add_typer(room, name="room")


def main() -> None:
    """Run the command line; every foreseen problem is one sentence and an exit code."""
    # jsonschema, which nbformat imports, compiles a grammar of web addresses if it finds this
    # package: over a second of every command, for a check that no notebook needs.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    try:
        app(standalone_mode=True)
    except errors.GraderError as problem:
        err.print(f"grader: {problem}", markup=False)
        sys.exit(problem.exit_code)
    except OSError as problem:
        what = problem.filename or "a file"
        err.print(f"grader: {what} cannot be used: {problem.strerror}.", markup=False)
        sys.exit(errors.INPUT)
    except SystemExit as end:
        if end.code == errors.INTERRUPTED:  # Ctrl-C before the work began
            err.print("grader: interrupted; what was finished is kept.")
        raise


if __name__ == "__main__":
    main()

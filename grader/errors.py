"""What goes wrong in a way that a person can mend, and the exit code it ends with."""

from __future__ import annotations

__all__ = [
    "DONE",
    "FOUND",
    "INPUT",
    "INTERRUPTED",
    "MACHINE",
    "GraderError",
    "InterruptedRun",
    "MachineError",
]

DONE = 0  # all is as it should be
FOUND = 1  # the work was done, and found something: a failed check, a stale file, a weak test
INPUT = 2  # what was asked for is not there or cannot be read
MACHINE = 3  # this machine lacks something: Python version, sandbox, disk space
INTERRUPTED = 130  # stopped by Ctrl-C; what was graded is kept


class GraderError(Exception):
    """One sentence for the person at the terminal: what was expected, what came, what to do."""

    exit_code = INPUT


class InterruptedRun(GraderError):
    """The person stopped the work."""

    exit_code = INTERRUPTED


class MachineError(GraderError):
    """This machine cannot do what was asked."""

    exit_code = MACHINE

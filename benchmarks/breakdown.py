"""Where a submission's time goes, part by part, in one process that grades one after another."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from measuring import hand_in, out
from rich.table import Table

from grader import crew as crew_module
from grader import grading, running
from grader.course import Lesson
from grader.crew import Crew
from grader.drawing import Drawn
from grader.gradebook import Recorder, open_gradebook
from grader.grading import Settings, lesson_digest
from grader.kernel.client import StudentKernel
from grader.kernel.sources import WarmParent
from grader.nbgrader_course import build_course
from grader.submissions import find_submissions
from grader.verdicts import KeptVerdicts

__all__ = ["breakdown", "print_breakdown"]

WARMING = 3  # submissions graded before the clock runs
PARTS: list[tuple[str, Any, str]] = [
    ("read the notebook", crew_module, "fingerprint"),
    ("read the notebook", crew_module, "read_submission"),
    ("find the answers and what they need", grading, "program_of"),
    ("fork a kernel", WarmParent, "fork"),
    ("run the cells", StudentKernel, "run_cell"),
    ("unpack the cases' inputs", Drawn, "fresh_inputs"),
    ("run the cases, and the pipe", StudentKernel, "run_cases"),
    ("judge what came back", running, "_judged"),
    ("say what is wrong", grading, "explain"),
    ("kill the kernel", StudentKernel, "close"),
    ("write the notebook that is shown", grading, "rebuild"),
    ("write the notebook that is shown", crew_module, "write_outputs"),
    ("write the notebook that is shown", crew_module, "write_notebook"),
    ("keep the verdict", KeptVerdicts, "keep"),
    ("write nbgrader's gradebook", Recorder, "record"),
]


class Watch:
    """Seconds by part; what runs inside another part counts for itself alone."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._running: list[str] = []
        self._since = 0.0

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        """Count the time inside for a part."""
        self._turn()
        self._running.append(part)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._running:
            self.spent[self._running[-1]] += now - self._since
        self._since = now

    def watched(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted for a part; a generator is counted while it runs."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            with self.on(part):
                result = function(*args, **kwargs)
            return self._steps(part, result) if isinstance(result, Iterator) else result

        return counted

    def _steps(self, part: str, steps: Iterator[Any]) -> Iterator[Any]:
        while True:
            with self.on(part):
                try:
                    item = next(steps)
                except StopIteration:
                    return
            yield item


def breakdown(lesson: Lesson, folder: Path, notebook: bytes, size: int) -> dict[str, float]:
    """Milliseconds a submission by part, the mean over so many copies, serially in one process."""
    course = build_course(folder, [lesson])
    hand_in(lesson, folder, notebook, WARMING + size)
    found = find_submissions(folder / "submitted", [lesson])
    settings = Settings(seed=course.seed)
    kept = KeptVerdicts(folder / "verdicts", {lesson.name: lesson_digest(lesson, settings)})
    watch = Watch()
    with ExitStack() as stack:
        crew = Crew([lesson], settings)
        stack.callback(crew.close)
        recorder = Recorder(course, stack.enter_context(open_gradebook(course, [lesson.name])))
        for part, owner, name in PARTS:
            counted = watch.watched(part, getattr(owner, name))
            stack.enter_context(patch.object(owner, name, counted))
        for index, submission in enumerate(found):
            if index == WARMING:
                watch.spent.clear()
            with watch.on("the rest"):
                graded = crew.grade(submission)
                kept.keep(graded)
                recorder.record(graded)
    return {part: 1e3 * seconds / size for part, seconds in watch.spent.items()}


def print_breakdown(parts: dict[str, float], floor: float) -> None:
    """The table, largest first, and what stands above the floor.

    Args:
        parts: milliseconds by part.
        floor: milliseconds to fork a kernel, run an empty cell and kill it.
    """
    total = sum(parts.values())
    table = Table("a submission's time", "ms", "share", title="one process, one after another")
    for part, spent in sorted(parts.items(), key=lambda item: -item[1]):
        table.add_row(part, f"{spent:.1f}", f"{spent / total:.0%}")
    table.add_row("together", f"{total:.1f}", "100%", end_section=True)
    out.print(table)
    out.print(
        f"The floor (fork, empty cell, kill) is {floor:.0f} ms; {total - floor:.0f} ms stand above "
        f"it, {total / floor:.1f} times the floor in all."
    )

"""The visible checks of a notebook: `with check("softmax") as expect: expect(what, got, wanted)`.

Nothing here scores anything. Each line is ticked or crossed; a crossed line unfolds to what was
expected, what came, the likely cause and what to do next.
"""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Any

from .comparison import difference
from .diagnosis import Suspects
from .lines import Line, compared, html, once, raised, text, unwritten
from .output import emit

__all__ = ["CheckFailed", "Checker", "NotWritten"]


class CheckFailed(Exception):
    """At least one line of a check is crossed."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of frames."""
        return [str(self)]


class NotWritten(NotImplementedError):
    """The exercise is still as it was handed out."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


# The notebook's error output then bears the name that the learner's own stub raises.
NotWritten.__name__ = "NotImplementedError"


class Checker:
    """Checks the exercises of one lesson; calling it opens the block of one exercise.

    Example:
        check = Checker("01_dot_products")
        with check("score_matrix") as expect:
            expect("one row for each query", score_matrix(q, k).shape, (2, 3))
    """

    def __init__(self, lesson: str) -> None:
        self.lesson = lesson

    def __call__(self, exercise: str) -> Expect:
        return Expect(self.lesson, exercise)


class Expect:
    """One `with` block: call it once for each thing that is expected.

    Raises, when the block ends:
        CheckFailed: where a line is crossed.
        NotWritten: where the exercise, or another one that it needs, is not written yet.
    """

    def __init__(self, lesson: str, exercise: str) -> None:
        self.exercise = exercise
        self.lines: list[Line] = []
        self.suspects = Suspects(lesson, exercise)

    def __enter__(self) -> Expect:
        return self

    def __call__(
        self,
        what: str,
        got: Any,
        wanted: Any,
        tolerance: float | tuple[float, float] | None = None,
    ) -> None:
        """Compare one value with what is wanted, and go on either way.

        Args:
            what: a short sentence that reads well after a tick and after a cross.
            got: the learner's value.
            wanted: what it should be.
            tolerance: the largest difference allowed, or (relative, absolute); by default what
                the dtype can hold.
        """
        allowed = (0.0, float(tolerance)) if isinstance(tolerance, int | float) else tolerance
        found = difference(got, wanted, tolerance=allowed)
        self.suspects.saw(what, got, right=found is None)
        self.lines.append(compared(what, got, wanted, found, self.exercise))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is not None and not isinstance(error, Exception):
            return False
        missing = unwritten(error, self.exercise) if error else None
        left = self.suspects.unreached([line.what for line in self.lines]) if error else []
        if error:
            stopped = left[0] if left else ""
            self.lines.append(missing or raised(error, self.exercise, stopped))
        self._name_the_cause()
        self.lines = once(self.lines)
        emit(html(self.exercise, self.lines), text(self.exercise, self.lines))
        if missing:
            raise NotWritten(missing.what) from None
        crossed = [line for line in self.lines if not line.right]
        if crossed:
            raise CheckFailed(self._summary(crossed, len(left[1:]))) from None
        return True

    def _name_the_cause(self) -> None:
        """Put the misconception's sentence where the values of a crossed line point to it."""
        cause = self.suspects.likely_cause()
        if cause:
            self.lines = [
                replace(line, cause=cause) if line.expected else line for line in self.lines
            ]

    def _summary(self, crossed: list[Line], left: int) -> str:
        if not any(any(line.facts) for line in crossed):
            return crossed[0].what
        share = f"{len(crossed)} of {len(self.lines) + left} not right yet"
        missed = f", and {left} not reached" if left else ""
        return (
            f"{self.exercise}: {share}{missed}. "
            "Open a ✗ line to see what was expected, what came, and what to do next."
        )

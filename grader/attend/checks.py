"""The visible checks of a notebook: `with check("softmax") as expect: expect(what, got, wanted)`.

Nothing here scores anything. Each line is ticked or crossed; a crossed line unfolds to what was
expected, what came, the likely cause and what to do next.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from types import TracebackType
from typing import Any

from . import events
from .calls import cell_of, names_called, returns_several, returns_something
from .comparison import FORGOTTEN, difference, same
from .diagnosis import Suspects, check_data
from .lines import Line, compared, html, once, raised, text, unwritten
from .output import emit
from .waiting import name_what_is_unwritten

__all__ = ["CheckFailed", "Checker", "NotWritten"]

LEANS = (
    "`{exercise}` calls `{other}`, and the check of `{other}` was not right when it last ran. "
    "Mend that one first, run its check, then this one."
)
EXCHANGED = (
    "What came here is wanted in another line, and what is wanted here came there: two of the "
    "values that you return have changed places."
)


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

    def __init__(self, lesson: str, data: Mapping[str, Any] | None = None) -> None:
        """Check one lesson.

        Args:
            lesson: its name, by which its check data are found.
            data: check data by exercise, in place of those that were built.
        """
        self.lesson = lesson
        self.lines: dict[str, list[Line]] = {}  # what the last check of each exercise said
        self._data = data
        events.opened(lesson)
        name_what_is_unwritten()

    def __call__(self, exercise: str) -> Expect:
        known = check_data(self.lesson) if self._data is None else self._data
        notebook = sys._getframe(1).f_globals
        return Expect(self, exercise, known.get(exercise, {}), notebook.get(exercise))

    def wrong(self, exercise: str) -> bool:
        """Whether an exercise's check had a crossed line when it last ran."""
        return not all(line.right for line in self.lines.get(exercise, ()))


class Expect:
    """One `with` block: call it once for each thing that is expected.

    Raises, when the block ends:
        CheckFailed: where a line is crossed.
        NotWritten: where the exercise, or another one that it needs, is not written yet.
    """

    def __init__(
        self, checker: Checker, exercise: str, data: Mapping[str, Any], written: Any
    ) -> None:
        self.checker = checker
        self.exercise = exercise
        self.written = written
        self.lines: list[Line] = []
        self.values: list[tuple[Any, Any]] = []  # of each line: what came, what was wanted
        self.section = str(data.get("section", ""))
        self.suspects = Suspects(data)
        self._sentences = {
            one.get("sentence", ""): name for name, one in data.get("misconceptions", {}).items()
        }

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
        if found and returns_something(self.written):
            found = found.removesuffix(FORGOTTEN)
        self.suspects.saw(what, got, wanted, found is None, allowed)
        self.values.append((got, wanted))
        self.lines.append(
            compared(
                what,
                got,
                wanted,
                found,
                self.exercise,
                tolerance=allowed,
                section=self.section,
            )
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is not None and not isinstance(error, Exception):
            if isinstance(error, KeyboardInterrupt):
                self._say_where_it_was_stopped(error)
            return False
        missing = unwritten(error, self.exercise) if error else None
        left = self.suspects.unreached([line.what for line in self.lines]) if error else []
        if missing:
            self.lines.append(missing)
        elif error:
            at = left[0] if left else ""
            self.suspects.stopped(at, error)
            cell = cell_of(self.written)
            self.lines.append(raised(error, self.exercise, at, self.section, cell))
        mistake = "" if missing else self._name_the_cause()
        self.checker.lines[self.exercise] = self.lines = once(self.lines)
        crossed = [line for line in self.lines if not line.right]
        status = "unwritten" if missing else "failing" if crossed else "passed"
        events.checked(self.checker.lesson, self.exercise, status, mistake)
        room = events.room_line(self.checker.lesson)
        emit(html(self.exercise, self.lines) + room, text(self.exercise, self.lines))
        if missing:
            raise NotWritten(missing.what) from None
        if crossed:
            raise CheckFailed(self._summary(crossed, len(left[1:]))) from None
        return True

    def _say_where_it_was_stopped(self, error: KeyboardInterrupt) -> None:
        """Show the lines so far, and what the learner's code was at when the cell was stopped."""
        left = self.suspects.unreached([line.what for line in self.lines])
        at, cell = left[0] if left else "", cell_of(self.written)
        lines = once([*self.lines, raised(error, self.exercise, at, self.section, cell)])
        emit(html(self.exercise, lines), text(self.exercise, lines))

    def _name_the_cause(self) -> str:
        """Say the likely cause under the first line that shows it; return a known mistake's name.

        A cause that is known by name stands in the place of what the value or error alone betrays.
        """
        crossed = [place for place, line in enumerate(self.lines) if not line.right]
        if not crossed:
            return ""
        leans = self._leans_on_a_wrong_one()
        named = [("", leans)] if leans else self.suspects.likely_causes()
        if not named and self._has_exchanged(crossed):
            named = [("", EXCHANGED)]
        if named:
            places = {self.lines[place].what: place for place in crossed}
            causes = {places.get(example, crossed[0]): sentence for example, sentence in named}
            for place in crossed:
                self.lines[place] = replace(self.lines[place], cause=causes.get(place, ""))
        known = (self._sentences.get(sentence, "") for _, sentence in named)
        return next(filter(None, known), "")

    def _has_exchanged(self, crossed: list[int]) -> bool:
        """Whether two lines got what the other one wants, of an answer that returns several."""
        pairs = [self.values[place] for place in crossed if place < len(self.values)]
        return returns_several(self.written) and any(
            same(one[0], other[1]) and same(other[0], one[1]) and not same(one[1], other[1])
            for one, other in combinations(pairs, 2)
        )

    def _leans_on_a_wrong_one(self) -> str:
        """What it calls comes first: a mistake there shows in the values here."""
        called = names_called(self.written) - {self.exercise}
        for name in self.checker.lines:
            if name in called and self.checker.wrong(name):
                return LEANS.format(exercise=self.exercise, other=name)
        return ""

    def _summary(self, crossed: list[Line], left: int) -> str:
        if not any(any(line.facts) for line in crossed):
            return crossed[0].what
        share = f"{len(crossed)} of {len(self.lines) + left} not right yet"
        missed = f", and {left} not reached" if left else ""
        return (
            f"{self.exercise}: {share}{missed}. "
            "Open a ✗ line to see what was expected, what came, and what to do next."
        )

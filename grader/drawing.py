"""Draw a lesson's hidden cases from a seed, answer them with the solution kernel, and judge by it.

Everything here runs in the grading process, on trusted code alone. What the misconceptions would
have answered is computed from the same inputs, so that a wrong answer can be recognised.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from grader import wire
from grader.attend.comparison import difference, same
from grader.cases import Callback, Candidate, Case
from grader.course import Lesson
from grader.errors import GraderError
from grader.kernel.replies import plain_error
from grader.precision import Precision, cast, default_dtype
from grader.seeding import seed_global_state

__all__ = [
    "Drawn",
    "Prepared",
    "Result",
    "answer_case",
    "earned_points",
    "judge",
]


@dataclass(frozen=True)
class Result:
    """What some code gave for a case: a value, or the type and the words of the error it raised."""

    value: Any = None
    error: str | None = None
    words: str = ""
    changed: bool = False  # whether the inputs were changed in place


@dataclass
class Drawn:
    """A case with the inputs drawn for it and the solution kernel's answer."""

    case: Case
    packed: bytes
    callbacks: list[Callback]
    dtype: Precision | None = None  # torch's default while it runs; None: as it comes
    mask: Any = None  # the input of that name, by which a message says what is masked
    expected: Any = None
    calls: list[Any] = field(default_factory=list)

    def fresh_inputs(self) -> dict[str, Any]:
        """The inputs anew, so that no run sees what another did to them; calls are counted anew."""
        self.calls = []
        inputs = wire.unpack(self.packed, lambda index: Callback(self._counted(index)))
        assert isinstance(inputs, dict)
        return inputs

    @cached_property
    def fingerprint(self) -> bytes:
        """The inputs' bytes, against which those that come back show a change in place."""
        return wire.fingerprint(wire.unpack(self.packed, lambda _: print))

    def with_calls(self, value: Any) -> Any:
        """The value, beside the calls that were made where the case has a callback."""
        return {"result": value, "calls": self.calls} if self.callbacks else value

    def _counted(self, index: int) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append([list(args), kwargs])
            return self.callbacks[index].function(*args, **kwargs)

        return call


class Prepared:
    """One exercise's cases under one seed, in one precision or as they are drawn."""

    def __init__(
        self, lesson: Lesson, exercise: str, seed: int, precision: Precision | None = None
    ) -> None:
        self.lesson = lesson
        self.exercise = exercise
        self.drawn = [_draw(lesson, case, seed, precision) for case in lesson.cases[exercise]]

    @cached_property
    def wrong_results(self) -> dict[str, list[Result]]:
        """What each misconception gives for each case."""
        return {
            name: self.results(candidate)
            for name, candidate in self.lesson.misconceptions(self.exercise).items()
        }

    def results(self, candidate: Candidate) -> list[Result]:
        """What a candidate gives for each case, run here: candidates are ours."""
        names = self.lesson.names(**{self.exercise: candidate.renamed})
        return [answer_case(drawn, names) for drawn in self.drawn]

    def diagnose(self, results: Sequence[Result], without: str = "") -> str | None:
        """The one misconception that explains every result, or None.

        Args:
            results: what an answer gave for each case.
            without: a misconception to leave out, for measuring what it would be called without it.
        """
        matches = [name for name in self.wrong_results if self.agrees(results, name)]
        others = [name for name in matches if name != without]
        return others[0] if len(others) == 1 and self._is_telling(results, others[0]) else None

    def agrees(self, results: Sequence[Result], name: str) -> bool:
        """Whether these results are, case by case, those of a misconception."""
        pairs = zip(self.drawn, results, self.wrong_results[name], strict=True)
        return all(_alike(drawn, one, other) for drawn, one, other in pairs)

    def _is_telling(self, results: Sequence[Result], name: str) -> bool:
        """Whether a wrong value, or an error's very words, say that it is this misconception.

        Mistakes of many kinds end in a ValueError: its type alone calls none of them by name.
        """
        for drawn, one, other in zip(self.drawn, results, self.wrong_results[name], strict=True):
            if one.error and one.words == other.words:
                return True
            if not one.error and judge(drawn, one):
                return True
        return False

    def sentence(self, name: str | None) -> str | None:
        """What a learner who holds this misconception is told."""
        return self.lesson.misconceptions(self.exercise)[name].sentence if name else None


def judge(drawn: Drawn, result: Result) -> str | None:
    """What is wrong with a result, or None."""
    if result.error:
        return f"it raised {result.error}"
    problem = _judge_value(drawn, result.value)
    if problem is None and result.changed:
        return "your answer changed the arrays it was given; work on a copy"
    return problem


def earned_points(
    points: Mapping[str, float], drawn: Sequence[Drawn], passed: Sequence[bool]
) -> float:
    """The points of the requirements whose cases all passed; one without a case earns nothing."""
    tested = {item.case.requirement for item in drawn}
    lost = {item.case.requirement for item, held in zip(drawn, passed, strict=True) if not held}
    return sum(value for name, value in points.items() if name in tested - lost)


def answer_case(drawn: Drawn, names: Any) -> Result:
    """Run a case on trusted code in this process, quietly and from a fixed global random state."""
    inputs = {
        name: value.function if isinstance(value, Callback) else value
        for name, value in drawn.fresh_inputs().items()
    }
    before = wire.fingerprint(inputs)
    try:
        with _quiet(), default_dtype(drawn.dtype):
            seed_global_state()
            value = drawn.case.run(names, **inputs)
        given = drawn.with_calls(wire.unpack(wire.pack(value)))
        return Result(given, changed=wire.fingerprint(inputs) != before)
    except wire.Refused as refused:
        return Result(error="Refused", words=str(refused))
    except Exception as error:  # a wrong answer may raise anything
        plain = plain_error({"type": type(error).__name__, "message": str(error)}) or {}
        return Result(error=plain["type"], words=plain["message"])


def _judge_value(drawn: Drawn, value: Any) -> str | None:
    case = drawn.case
    if case.judge is None:
        return difference(
            value, drawn.expected, axes=case.axes, tolerance=case.tolerance, mask=drawn.mask
        )
    try:
        return case.judge(value, drawn.expected)
    except Exception:  # a judge is written for values of the right form; others are wrong
        return difference(value, drawn.expected) or "the result has not the expected form"


def _draw(lesson: Lesson, case: Case, seed: int, precision: Precision | None) -> Drawn:
    label = f"{lesson.name}/{case.exercise}/{case.name}"
    rng = np.random.default_rng([seed, zlib.crc32(label.encode())])
    inputs = dict(case.inputs(rng))
    dtype = None if case.as_drawn else precision
    if dtype:
        inputs = cast(inputs, dtype)
    callbacks: list[Callback] = []
    drawn = Drawn(case, wire.pack(inputs, callbacks), callbacks, dtype, inputs.get("mask"))
    _supply(vars(sys.modules[case.run.__module__]))
    result = answer_case(drawn, lesson.names())
    if result.error:
        raise GraderError(f"The solution kernel itself fails in the case {label}: {result.error}.")
    drawn.expected = result.value
    return drawn


def _supply(namespace: dict[str, Any]) -> None:
    """Give hidden tests the names that the student kernel gives them."""
    namespace.setdefault("np", np)
    torch = sys.modules.get("torch")
    if torch is not None:
        namespace.setdefault("torch", torch)
        namespace.setdefault("nn", torch.nn)
        namespace.setdefault("F", torch.nn.functional)


def _alike(drawn: Drawn, one: Result, other: Result) -> bool:
    if one.error or other.error:
        return one.error == other.error
    if one.changed != other.changed:
        return False
    return same(one.value, other.value, drawn.case.tolerance)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield

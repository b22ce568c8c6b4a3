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

__all__ = [
    "Drawn",
    "Prepared",
    "Result",
    "answer_case",
    "earned_points",
    "judge",
    "seed_global_state",
]


@dataclass(frozen=True)
class Result:
    """What some code gave for a case: a value, or the type name of the error it raised."""

    value: Any = None
    error: str | None = None
    changed: bool = False  # whether the inputs were changed in place


@dataclass
class Drawn:
    """A case with the inputs drawn for it and the solution kernel's answer."""

    case: Case
    packed: bytes
    callbacks: list[Callback]
    expected: Any = None
    calls: list[Any] = field(default_factory=list)

    def fresh_inputs(self) -> dict[str, Any]:
        """The inputs anew, so that no run sees what another did to them; calls are counted anew."""
        self.calls = []
        inputs = wire.unpack(self.packed, lambda index: Callback(self._counted(index)))
        assert isinstance(inputs, dict)
        return inputs

    def with_calls(self, value: Any) -> Any:
        """The value, beside the calls that were made where the case has a callback."""
        return {"result": value, "calls": self.calls} if self.callbacks else value

    def _counted(self, index: int) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append([list(args), kwargs])
            return self.callbacks[index].function(*args, **kwargs)

        return call


class Prepared:
    """One exercise's cases under one seed."""

    def __init__(self, lesson: Lesson, exercise: str, seed: int) -> None:
        self.lesson = lesson
        self.exercise = exercise
        self.drawn = [_draw(lesson, case, seed) for case in lesson.cases[exercise]]

    @cached_property
    def wrong_results(self) -> dict[str, list[Result]]:
        """What each misconception gives for each case."""
        return {
            name: self.results(candidate)
            for name, candidate in self.lesson.misconceptions(self.exercise).items()
        }

    def results(self, candidate: Candidate) -> list[Result]:
        """What a candidate gives for each case, run here: candidates are ours."""
        names = self.lesson.names(**{self.exercise: candidate.answer})
        return [answer_case(drawn, names) for drawn in self.drawn]

    def diagnose(self, results: Sequence[Result]) -> str | None:
        """The one misconception that explains every result, or None."""
        matches = [
            name
            for name, wrong in self.wrong_results.items()
            if all(
                _alike(drawn, one, other)
                for drawn, one, other in zip(self.drawn, results, wrong, strict=True)
            )
        ]
        return matches[0] if len(matches) == 1 else None

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
        with _quiet():
            seed_global_state()
            value = drawn.case.run(names, **inputs)
        given = drawn.with_calls(wire.unpack(wire.pack(value)))
        return Result(given, changed=wire.fingerprint(inputs) != before)
    except wire.Refused:
        return Result(error="Refused")
    except Exception as error:  # a wrong answer may raise anything
        return Result(error=type(error).__name__)


def _judge_value(drawn: Drawn, value: Any) -> str | None:
    case = drawn.case
    if case.judge is None:
        return difference(value, drawn.expected, axes=case.axes, tolerance=case.tolerance)
    try:
        return case.judge(value, drawn.expected)
    except Exception:  # a judge is written for values of the right form; others are wrong
        return difference(value, drawn.expected) or "the result has not the expected form"


def _draw(lesson: Lesson, case: Case, seed: int) -> Drawn:
    label = f"{lesson.name}/{case.exercise}/{case.name}"
    rng = np.random.default_rng([seed, zlib.crc32(label.encode())])
    callbacks: list[Callback] = []
    drawn = Drawn(case, wire.pack(dict(case.inputs(rng)), callbacks), callbacks)
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


def seed_global_state() -> None:
    """Let code that draws its own random numbers draw the same ones each time."""
    np.random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield

"""Measure how mistakes are called: how many by their own name, how many by a wrong one.

Named misconceptions tell how many mistakes that we know are recognised. Right answers, and wrong
answers that no misconception describes, tell how often a name is wrong: misconceptions left out of
the library, mutants of the solutions and of the misconceptions, and right answers that call an
exercise which is wrong. A name is right where the answer agrees with that misconception on every
hidden case under other seeds, so that no test of ours can tell the two apart; and where a mutant of
a misconception is called by that one's name, since its text holds that mistake and one more.

All of it runs in this process: the texts are ours, and a timer ends those that a mutation made
endless.
"""

from __future__ import annotations

import contextlib
import io
import random
import signal
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from grader.attend.checks import Checker, CheckFailed, NotWritten
from grader.course import Lesson
from grader.drawing import Prepared, Result, answer_case, judge
from grader.mutants import mutants_of
from grader.stub import free_names, solution_source
from grader.visible import exercise_data, notebook_names, run_check

__all__ = ["KINDS", "Naming", "name_exercise"]

KINDS = {
    "right": "solutions and alternatives",
    "misconception": "misconceptions, as a learner would write them",
    "left out": "misconceptions, each left out of the library itself",
    "mutant": "mutants of the solutions",
    "near": "mutants of the misconceptions",
    "earlier": "solutions that call an exercise which is wrong",
}
SEEDS = (0, 101, 102, 103, 104)  # answers are named under the first; a name must hold under all
LEARNERS_STATE = 7  # of a notebook's global random state: not that of the check data
NEAR = 5  # mutants of each misconception
PATIENCE = 5.0  # seconds of processor time, which a busy machine does not stretch


@dataclass(frozen=True)
class Naming:
    """What one answer was called in one place: one record of `verify --names --json`.

    Attributes:
        answer: the candidate's name; of a mutant, its changed line.
        kind: one of KINDS.
        place: "hidden", where all hidden cases are seen; "notebook", where the visible check is.
        wrong: whether anything wrong was seen there.
        named: the misconception that it was called, if any; two where each explains a part.
        right: whether it is that; True where it was called nothing.
    """

    lesson: str
    exercise: str
    answer: str
    kind: str
    place: str
    wrong: bool
    named: str | None
    right: bool


@dataclass(frozen=True)
class _Answer:
    """A solved notebook with some texts replaced, and which exercises in it are wrong."""

    name: str
    kind: str
    texts: Mapping[str, str] = field(default_factory=dict)
    without: str = ""  # a misconception that the library is to lack
    base: str = ""  # the misconception that it is a mutant of
    earlier: str = ""  # another exercise that is wrong


@dataclass(frozen=True)
class _Tried:
    """The names of a notebook with some texts replaced, none where it does not run; its results."""

    texts: Mapping[str, str]
    names: dict[str, Any] = field(default_factory=dict)
    hidden: Sequence[Result] = ()


def name_exercise(
    lesson: Lesson, exercise: str, kinds: Collection[str] = tuple(KINDS)
) -> Iterator[Naming]:
    """Submit every answer of these kinds to one exercise; yield what it is called in each place."""
    bench = _Bench(lesson, exercise)
    for answer in _answers(lesson, exercise):
        if answer.kind in kinds:
            yield from bench.name(answer)


def _answers(lesson: Lesson, exercise: str) -> Iterator[_Answer]:
    yield _Answer("solution", "right")
    solution = solution_source(lesson.kernels_source, exercise)
    for candidate in lesson.candidates[exercise]:
        text = {exercise: candidate.source}
        if candidate.kind == "alternative":
            yield _Answer(candidate.name, "right", text)
            continue
        yield _Answer(candidate.name, "misconception", text)
        yield _Answer(candidate.name, "left out", text, without=candidate.name)
        mutants = [mutant for mutant in mutants_of(candidate.source) if not mutant.same]
        chosen = random.Random(candidate.name).sample(mutants, min(NEAR, len(mutants)))
        for mutant in chosen:
            name = f"{candidate.name}: {mutant.change}"
            yield _Answer(name, "near", {exercise: mutant.source}, base=candidate.name)
    for mutant in mutants_of(solution):
        if not mutant.same:
            yield _Answer(mutant.change, "mutant", {exercise: mutant.source})
    for other in lesson.exercises.keys() & free_names(solution):
        for name, candidate in lesson.misconceptions(other).items():
            yield _Answer(f"{other}: {name}", "earlier", {other: candidate.source}, earlier=other)


class _Bench:
    """One exercise's cases and check data, and what they call an answer."""

    def __init__(self, lesson: Lesson, exercise: str) -> None:
        self._lesson = lesson
        self._exercise = exercise
        self._prepared = [Prepared(lesson, exercise, seed) for seed in SEEDS]
        self._data = exercise_data(lesson, exercise)
        self._last = self._try({})

    def name(self, answer: _Answer) -> Iterator[Naming]:
        """What it is called where all hidden cases are seen, and by its notebook's own check."""
        first = self._prepared[0]
        if answer.texts != self._last.texts:  # what is left out has just been tried as it is
            self._last = self._try(answer.texts)
        names, hidden = self._last.names, self._last.hidden
        if not names:
            return
        wrong = any(judge(*pair) for pair in zip(first.drawn, hidden, strict=True))
        leans = bool(answer.earlier)  # such an answer is sent to the other exercise first
        called = first.diagnose(hidden, answer.without) if wrong and not leans else None
        seen = {
            "hidden": (wrong, [called] if called else []),
            "notebook": self._in_notebook(answer, names),
        }
        for place, (wrong, found) in seen.items():
            right = not found or self._may_be_called(answer, found, names)
            where = self._lesson.name, self._exercise
            named = " and ".join(found) or None
            yield Naming(*where, answer.name, answer.kind, place, wrong, named, right)

    def _try(self, texts: Mapping[str, str]) -> _Tried:
        try:
            with _limited():
                names = notebook_names(self._lesson, **texts)
        except (Exception, _Late):  # a mutant's decorators and defaults run at once
            return _Tried(texts)
        return _Tried(texts, names, self._results(self._prepared[0], names))

    def _may_be_called(self, answer: _Answer, found: list[str], names: Mapping[str, Any]) -> bool:
        """Whether names are right: they agree under every seed, or the answer was made of one."""
        if answer.kind in ("right", "earlier"):
            return False
        if answer.base in found or (answer.kind, found) == ("misconception", [answer.name]):
            return True
        return all(
            prepared.agrees(self._results(prepared, names), called)
            for prepared in self._prepared
            for called in found
        )

    def _results(self, prepared: Prepared, names: Mapping[str, Any]) -> list[Result]:
        learner = SimpleNamespace(**names)
        results = []
        for drawn in prepared.drawn:
            try:
                with _limited():
                    results.append(answer_case(drawn, learner))
            except _Late:
                results.append(Result(error="timeout"))
        return results

    def _in_notebook(self, answer: _Answer, names: dict[str, Any]) -> tuple[bool, list[str]]:
        """Whether the notebook's check has a crossed line, and whose sentences stand there."""
        known = self._data["misconceptions"]
        library = {name: one for name, one in known.items() if name != answer.without}
        data = {**self._data, "misconceptions": library}
        checker = Checker(self._lesson.name, {self._exercise: data})
        for exercise in filter(None, (answer.earlier, self._exercise)):
            with contextlib.suppress(CheckFailed, NotWritten, _Late), _limited():
                run_check(self._lesson, exercise, names, checker, LEARNERS_STATE)
        lines = checker.lines.get(self._exercise)
        if lines is None:
            return True, []  # it did not end
        sentences = {one["sentence"]: name for name, one in library.items()}
        named = [sentences[line.cause] for line in lines if line.cause in sentences]
        return checker.wrong(self._exercise), named


class _Late(BaseException):
    """Raised by the timer; no `except Exception` of an answer's swallows it."""


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """End what runs here after a while, and keep it quiet."""

    def end(number: int, frame: Any) -> None:
        raise _Late

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)

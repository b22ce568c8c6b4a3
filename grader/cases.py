"""What a lesson's author writes: hidden cases, named misconceptions, correct alternatives.

A hidden case is three small functions. `inputs(rng)` draws plain data in the grading process.
`run(k, **inputs)` is ordinary torch or NumPy code that reaches the learner's names through `k`;
its text runs in the student kernel, and in the grading process on the solution kernel and on
every misconception. `judge(got, expected)` compares, in the grading process. `run` uses only its
arguments and torch, np, nn and F, and holds no expected value: a submission can read it.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import torch

__all__ = [
    "Callback",
    "Candidate",
    "Case",
    "Unkilled",
    "alternative",
    "case",
    "equivalent",
    "misconception",
    "randn",
    "survivor",
]

REQUIREMENTS = ("idea", "shapes", "edge cases", "gradient")
Inputs = Callable[["np.random.Generator"], Mapping[str, Any]]
Judge = Callable[[Any, Any], str | None]


@dataclass(frozen=True)
class Callback:
    """A function among a case's inputs that the grading process answers, call by call.

    What must be trusted (how often a model was called, with what) is counted here, not in the
    student kernel. Arguments and answer are plain data.
    """

    function: Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """One hidden test of one exercise; see the module's docstring for its three functions."""

    exercise: str
    name: str
    requirement: str
    inputs: Inputs
    run: Callable[..., Any]
    judge: Judge | None
    axes: tuple[str, ...]
    tolerance: tuple[float, float] | None
    as_drawn: str = ""  # why `grader verify` casts its inputs to no other precision, if it does not

    @cached_property
    def source(self) -> str:
        """The text of `run`, without its decorator: what is sent to the student kernel."""
        function = _definition(self.run)
        function.decorator_list = []
        return ast.unparse(function)


@dataclass(frozen=True)
class Candidate:
    """An answer to an exercise whose verdict is known: a misconception or an alternative."""

    exercise: str
    name: str
    kind: Literal["misconception", "alternative"]
    answer: Any
    sentence: str = ""
    about: str = ""

    @cached_property
    def source(self) -> str:
        """The text as a learner would have written it, under the exercise's own name."""
        definition = _definition(self.answer)
        definition.decorator_list = [
            decorator
            for decorator in definition.decorator_list
            if not ast.unparse(decorator).startswith(("misconception(", "alternative("))
        ]
        definition.name = self.exercise
        return ast.unparse(definition)

    @cached_property
    def renamed(self) -> Any:
        """The answer under the exercise's own name, by which Python's errors call it."""
        names = dict(vars(sys.modules[self.answer.__module__]))
        exec(compile(self.source, f"<{self.name}>", "exec"), names)
        return names[self.exercise]


@dataclass(frozen=True)
class Unkilled:
    """Mutants of a kernel that no hidden case kills; hidden_tests.py lists them in UNKILLED."""

    exercise: str
    changes: tuple[str, ...]
    reason: str
    right: bool


def case(
    exercise: str,
    requirement: str,
    *,
    inputs: Inputs,
    judge: Judge | None = None,
    axes: Sequence[str] = (),
    tolerance: tuple[float, float] | None = None,
    as_drawn: str = "",
) -> Callable[[Callable[..., Any]], Case]:
    """Make the decorated `run` a hidden case of `exercise`, under one requirement.

    Args:
        exercise: the name that the learner writes.
        requirement: "idea", "shapes", "edge cases" or "gradient"; its points are all or nothing.
        inputs: draws the arguments of `run`, by name, from a NumPy generator. Sizes all differ.
        judge: returns None, or a sentence saying what is wrong; by default a deep comparison of
            type, shape, dtype, finiteness and values.
        axes: what the axes of the result are called in the lesson, for the message.
        tolerance: (relative, absolute); by default what the dtype can hold.
        as_drawn: the reason why this case keeps the dtypes that it draws, where it does. All others
            are proved in float32 and in float64 too: see `grader.precision`.
    """
    if requirement not in REQUIREMENTS:
        raise ValueError(f"requirement {requirement!r} of {exercise}: one of {REQUIREMENTS}")

    def decorate(run: Callable[..., Any]) -> Case:
        return Case(
            exercise,
            run.__name__,
            requirement,
            inputs,
            run,
            judge=judge,
            axes=tuple(axes),
            tolerance=tolerance,
            as_drawn=as_drawn,
        )

    return decorate


def misconception(exercise: str, sentence: str, *, about: str = "idea") -> Callable[[Any], Any]:
    """Name a wrong answer, with the sentence that a learner who gave it is told.

    Args:
        exercise: the name that the learner was to write; the decorated name names the mistake.
        sentence: what the learner did, how it shows, and what to do instead.
        about: the requirement it fails first; one about the "idea" earns at most half the points.
    """
    if about not in REQUIREMENTS:
        raise ValueError(f"about={about!r} of {exercise}: one of {REQUIREMENTS}")

    def decorate(answer: Any) -> Any:
        return Candidate(exercise, answer.__name__, "misconception", answer, sentence, about)

    return decorate


def alternative(exercise: str) -> Callable[[Any], Any]:
    """Name a correct answer, written otherwise than the solution kernel; it gets full points."""

    def decorate(answer: Any) -> Any:
        return Candidate(exercise, answer.__name__, "alternative", answer)

    return decorate


def equivalent(exercise: str, reason: str, *changes: str) -> Unkilled:
    """List mutants of a kernel that are right answers: no allowed input tells them apart.

    Args:
        exercise: whose kernel it is.
        reason: why no input can tell them apart, or why the docstring allows what they give.
        changes: each mutant's changed line, as `grader verify --mutants` prints it.
    """
    return Unkilled(exercise, changes, reason, right=True)


def survivor(exercise: str, reason: str, *changes: str) -> Unkilled:
    """List mutants that are wrong answers, with the reason why no hidden case asks for them."""
    return Unkilled(exercise, changes, reason, right=False)


def randn(rng: np.random.Generator, *shape: int, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Draw a tensor of independent standard normal values, float32 unless told otherwise."""
    import torch

    return torch.from_numpy(rng.standard_normal(shape)).to(dtype or torch.float32)


def _definition(thing: Any) -> ast.FunctionDef | ast.ClassDef:
    """The definition of a function or class that stands at the top of its module."""
    text = inspect.getsource(sys.modules[thing.__module__])
    return copy.deepcopy(_definitions(text)[thing.__qualname__])


@lru_cache(maxsize=4)  # inspect would parse the whole file anew for each class in it
def _definitions(text: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    nodes = ast.parse(text).body
    return {one.name: one for one in nodes if isinstance(one, ast.FunctionDef | ast.ClassDef)}

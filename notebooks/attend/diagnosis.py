"""Name the misconception that a learner's values betray, from the check data in this package."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Any

import numpy as np

from .causes import words_of
from .comparison import numbers, same
from .recording import decode

__all__ = ["Suspects", "check_data"]

ENOUGH = 2  # what the wrong values that agree must say together for a mistake to be named


@lru_cache(maxsize=4)
def check_data(lesson: str) -> Mapping[str, Any]:
    """The check data of one lesson by exercise; empty where none was built."""
    source = files(__package__).joinpath("checks", f"{lesson}.json")
    try:
        exercises: dict[str, Any] = json.loads(source.read_text("utf-8"))["exercises"]
    except FileNotFoundError:
        return {}
    return exercises


class Suspects:
    """The misconceptions that still fit what a learner's answer gave, example by example.

    Values are compared as they come: a later example may change an array in place. An answer is
    called by a name only where it fits everywhere, and where one of its wrong values, or the words
    of the error that it raised, are those of that misconception. Of single True and False, two are.

    Attributes:
        examples: what each expectation of the check says, in order; empty where none is known.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Start with all misconceptions of one exercise, as its check data describe them."""
        self.examples: list[str] = list(data.get("examples", []))
        self._known: Mapping[str, Any] = data.get("misconceptions", {})
        self._fitting: dict[str, Mapping[str, Any]] = dict(self._known)
        self._said: Counter[str] = Counter()
        self._crossed: dict[str, str] = {}  # the wrong examples, and in what way each is wrong
        self._parts: dict[str, list[str]] = {name: [] for name in self._fitting}

    def unreached(self, seen: Sequence[str]) -> list[str]:
        """The examples that follow those seen; empty where a learner has changed the check."""
        reached = len(seen)
        return self.examples[reached:] if self.examples[:reached] == list(seen) else []

    def saw(
        self,
        what: str,
        got: Any,
        wanted: Any,
        right: bool,
        tolerance: tuple[float, float] | None = None,
    ) -> None:
        """Drop every misconception that answers this example otherwise, or raises an error in it.

        One whose answer to it could not be written down stays; so does one that draws its answer
        at random, where this one is wrong.

        Args:
            what: the example.
            got, wanted, tolerance: as the check compared them.
            right: whether they were the same.
        """
        if not right:
            self._crossed[what] = _way(got, wanted)
        for name in [*self._fitting.keys() | self._parts.keys()]:
            one = self._known[name]
            if one.get("stopped", {}).get("at") == what or (
                right and what in one.get("varies", ())
            ):
                self._drop(name, part=True)
            elif what in one["answers"]:
                answer = decode(one["answers"][what])
                if not same(got, answer):
                    self._drop(name, part=not same(answer, wanted, tolerance))
                elif not right:
                    self._said[name] += _weight(got)
                    self._parts.get(name, []).append(what)

    def _drop(self, name: str, part: bool) -> None:
        """It does not explain everything; nor a part, where it is wrong in another way here."""
        self._fitting.pop(name, None)
        if part:
            self._parts.pop(name, None)

    def stopped(self, at: str, error: Exception) -> None:
        """Drop every misconception that does not raise this very error in this example.

        Its words must be the same, too: mistakes of many kinds end in a ValueError.
        """
        self._parts = {}
        said = {"at": at, "error": f"{type(error).__name__}: {words_of(error)}"}
        for name, one in list(self._fitting.items()):
            if one.get("stopped") == said:
                self._said[name] += ENOUGH
            else:
                del self._fitting[name]

    def likely_causes(self) -> list[tuple[str, str]]:
        """The sentence of the one misconception that fits and is seen to, and where it first shows.

        Where none fits: of two, each of which explains what is wrong in one way, and which explain
        all wrong examples together. Empty in doubt. An error's example is left empty.
        """
        fitting = [name for name in self._fitting if self._said[name] and not self._drawn(name)]
        named: tuple[tuple[str, list[str]], ...] = ()
        if len(fitting) == 1 and self._said[fitting[0]] >= ENOUGH:
            named = ((fitting[0], list(self._crossed)),)
        elif not fitting and len(pairs := self._pairs()) == 1:
            (named,) = pairs
        return [
            (lines[0] if lines else "", str(self._known[name]["sentence"])) for name, lines in named
        ]

    def _drawn(self, name: str) -> bool:
        """Whether more of its wrong answers are drawn at random than agree: almost any fits so."""
        drawn = sum(what in self._known[name].get("varies", ()) for what in self._crossed)
        return self._said[name] < ENOUGH * drawn

    def _pairs(self) -> list[tuple[tuple[str, list[str]], ...]]:
        """The pairs of misconceptions of which each wrong example has exactly one.

        They show in different ways: one in the form, say, and one in the values. Of two that both
        show in values, one may look like a part of a third that nobody has written down.
        """
        telling = [
            (name, lines) for name, lines in self._parts.items() if self._said[name] >= ENOUGH
        ]
        return [
            (one, other)
            for one, other in combinations(telling, 2)
            if sorted(one[1] + other[1]) == sorted(self._crossed)
            and not {self._crossed[what] for what in one[1]}
            & {self._crossed[what] for what in other[1]}
        ]


def _way(got: Any, wanted: Any) -> str:
    """In what a wrong value is wrong: its form, numbers that are none, or others."""
    came, asked = numbers(got), numbers(wanted)
    if came is None or asked is None or came.shape != asked.shape:
        return "form"
    if came.dtype.kind != asked.dtype.kind:
        return "form"
    if asked.dtype.kind == "f" and (np.isnan(came) & ~np.isnan(asked)).any():
        return "no number"
    return "value"


def _weight(value: Any) -> int:
    """How much a wrong value says: one True or False may agree by chance, and says half."""
    array = numbers(value)
    alone = value is None or (array is not None and array.dtype == bool and array.size == 1)
    return 1 if alone else ENOUGH

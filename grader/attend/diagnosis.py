"""Name the misconception that a learner's values betray, from the check data in this package."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

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
        self._fitting: dict[str, Mapping[str, Any]] = dict(data.get("misconceptions", {}))
        self._said: Counter[str] = Counter()

    def unreached(self, seen: Sequence[str]) -> list[str]:
        """The examples that follow those seen; empty where a learner has changed the check."""
        reached = len(seen)
        return self.examples[reached:] if self.examples[:reached] == list(seen) else []

    def saw(self, what: str, got: Any, right: bool) -> None:
        """Drop every misconception that answers this example otherwise, or raises an error in it.

        One whose answer to it could not be written down stays; so does one that draws its answer
        at random, where this one is wrong.
        """
        for name, one in list(self._fitting.items()):
            raises = one.get("stopped", {}).get("at") == what
            if raises or (right and what in one.get("varies", ())):
                del self._fitting[name]
            elif what in one["answers"]:
                if not same(got, decode(one["answers"][what])):
                    del self._fitting[name]
                elif not right:
                    self._said[name] += _weight(got)

    def stopped(self, at: str, error: Exception) -> None:
        """Drop every misconception that does not raise this very error in this example.

        Its words must be the same, too: mistakes of many kinds end in a ValueError.
        """
        said = {"at": at, "error": f"{type(error).__name__}: {words_of(error)}"}
        for name, one in list(self._fitting.items()):
            if one.get("stopped") == said:
                self._said[name] += ENOUGH
            else:
                del self._fitting[name]

    def likely_cause(self) -> str | None:
        """The sentence of the one misconception that fits and is seen to; None in doubt."""
        fitting = [(name, one) for name, one in self._fitting.items() if self._said[name]]
        if len(fitting) != 1 or self._said[fitting[0][0]] < ENOUGH:
            return None
        return str(fitting[0][1]["sentence"])


def _weight(value: Any) -> int:
    """How much a wrong value says: one True or False may agree by chance, and says half."""
    array = numbers(value)
    alone = value is None or (array is not None and array.dtype == bool and array.size == 1)
    return 1 if alone else ENOUGH

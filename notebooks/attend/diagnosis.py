"""Name the misconception that a learner's values betray, from the check data in this package."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .comparison import same
from .recording import decode

__all__ = ["Suspects", "check_data"]


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

    Values are compared as they come: a later example may change an array in place.

    Attributes:
        examples: what each expectation of the check says, in order; empty where none is known.
    """

    def __init__(self, lesson: str, exercise: str) -> None:
        data = check_data(lesson).get(exercise, {})
        known = data.get("misconceptions", {})
        self.examples: list[str] = list(data.get("examples", []))
        self._fitting: dict[str, Mapping[str, Any]] = dict(known)
        self._telling: set[str] = set()

    def unreached(self, seen: Sequence[str]) -> list[str]:
        """The examples that follow those seen; empty where a learner has changed the check."""
        reached = len(seen)
        return self.examples[reached:] if self.examples[:reached] == list(seen) else []

    def saw(self, what: str, got: Any, right: bool) -> None:
        """Drop every misconception that answers this example otherwise.

        One that has no answer to it stays: it raised an error there.
        """
        for name, one in list(self._fitting.items()):
            if what not in one["answers"]:
                continue
            if not same(got, decode(one["answers"][what])):
                del self._fitting[name]
            elif not right:
                self._telling.add(name)

    def likely_cause(self) -> str | None:
        """The sentence of the one misconception that fits and gave a wrong value; None in doubt."""
        sentences = [
            str(one["sentence"]) for name, one in self._fitting.items() if name in self._telling
        ]
        return sentences[0] if len(sentences) == 1 else None

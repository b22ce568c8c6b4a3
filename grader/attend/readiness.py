"""Lesson 00's six questions: whether you are ready, and where to read if not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["show_readiness"]

INDEXING = "https://numpy.org/doc/stable/user/basics.indexing.html"
# The right answer of each question, and where to read about it.
ANSWERS: dict[int, tuple[Any, str]] = {
    1: (12, "https://docs.python.org/3/tutorial/controlflow.html#defining-functions"),
    2: (60, INDEXING),
    3: ([20, 50], INDEXING),
    4: ([[19, 22], [43, 50]], "https://d2l.ai/chapter_preliminaries/linear-algebra.html"),
    5: (6, "https://d2l.ai/chapter_preliminaries/calculus.html"),
    6: (5, "https://en.wikipedia.org/wiki/Exponentiation"),
}


def show_readiness(answers: Mapping[int, Any]) -> None:
    """Say of each answer whether it is right, and where to read if it is not.

    Args:
        answers: by the question's number; what has None in it is no answer yet.
    """
    for question, (right, where) in ANSWERS.items():
        answer = answers.get(question)
        if "None" in str(answer):
            print(f"{question}  no answer yet")
        elif _equal(answer, right):
            print(f"{question}  ✓ right")
        else:
            print(f"{question}  ✗ not yet: read {where}, then try again")


def _equal(answer: Any, right: Any) -> bool:
    try:
        return np.array_equal(answer, right)
    except ValueError:  # rows of different lengths
        return False

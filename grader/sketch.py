"""A small map, in plain text, of where a result differs from what was expected.

It shows places and no values: feedback on hidden cases tells one expected number, the first that
differs. More of them, submission by submission, and an answer could be pieced together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.attend.comparison import numbers, wrong_positions

__all__ = ["places_that_differ"]

LARGEST = 8  # rows, columns
AGREES, DIFFERS = "□", "■"  # of one width in every font


def places_that_differ(
    got: Any,
    expected: Any,
    axes: Sequence[str] = (),
    tolerance: tuple[float, float] | None = None,
) -> list[str]:
    """The lines of the map; none where it would say nothing, or too much.

    It says nothing where one place differs (the message names it) or all do. It says too much of
    True and False and of whole numbers, whose right value a place gives away or nearly.

    Args:
        got, expected: results of a case; of several values in one, the first that differs is drawn,
            and of an array with more than two axes the last two, at the first place that differs.
        axes: what each axis is called in the lesson.
        tolerance: (relative, absolute), as for the comparison.
    """
    pair = _first_that_differs(got, expected, tolerance)
    if pair is None:
        return []
    wrong = wrong_positions(*pair, tolerance)
    first = tuple(int(place) for place in np.argwhere(wrong)[0])
    part = wrong[first[:-2]]
    if max(part.shape) > LARGEST or part.all() or part.sum() < 2:
        return []
    names = list(axes) if len(axes) == wrong.ndim else [f"axis {n}" for n in range(wrong.ndim)]
    there = ", ".join(f"{name} {n}" for name, n in zip(names, first[:-2], strict=False))
    head = f"Yours differs at {DIFFERS}" + (f", at {there}" if there else "")
    rows = [" ".join(DIFFERS if cell else AGREES for cell in row) for row in part]
    return [f"{head} (rows: {names[-2]}, columns: {names[-1]}):", *rows]


def _first_that_differs(
    got: Any, expected: Any, tolerance: tuple[float, float] | None
) -> tuple[Any, Any] | None:
    """The first two float arrays of one shape, two axes or more, that differ."""
    if isinstance(expected, dict) and isinstance(got, dict):
        pairs = [(got.get(key), value) for key, value in expected.items()]
    elif isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        pairs = list(zip(got, expected, strict=False))
    else:
        one, other = numbers(got), numbers(expected)
        if one is None or other is None or one.shape != other.shape or one.ndim < 2:
            return None
        if {one.dtype.kind, other.dtype.kind} != {"f"}:
            return None
        return (one, other) if wrong_positions(one, other, tolerance).any() else None
    found = (_first_that_differs(one, other, tolerance) for one, other in pairs)
    return next((pair for pair in found if pair), None)

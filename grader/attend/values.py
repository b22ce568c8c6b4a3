"""The likely cause that a wrong value betrays by itself: its type, its dtype, its axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .comparison import numbers

__all__ = ["cause_of_value"]

NOTHING = (
    "None came from a `return` that says None, from a path through your code that ends without "
    "`return`, or from a method that changes its list in place, as `sort` does."
)
COMMA = "A comma at the end of the `return` line makes a tuple of your answer: leave it out."
SEVERAL = "You return {} values, and one is asked for here."
LISTED = (
    "A list came where one array belongs: `{0}` makes one of numbers, `{1}` one of several arrays."
)
NUMBER = (
    "A plain number stands for no array. Make one of the shape that is asked for: "
    "`np.zeros_like(a)` holds zeros, as many as `a` has numbers."
)
BOOLEAN = (
    "Your answer holds numbers, and True and False are asked for. Leave a comparison's result as "
    "it is; zeros and ones are made with `dtype=bool`, in torch `dtype=torch.bool`."
)
FRACTIONS = (
    "Your answer holds whole numbers: what comes after the point is cut off. `np.zeros(shape)` "
    "holds fractions; `np.zeros_like(a)` and `a.copy()` are of `a`'s type, and `astype(int)` cuts."
)
INTEGERS = (
    "Your answer is of a type for fractions (float), and whole numbers are asked for: in torch "
    "`a.long()`."
)
SWAPPED = "The sizes are right, but on other axes: {} axes have changed places."


def cause_of_value(got: Any, wanted: Any) -> str:
    """What a value most likely means that is not the wanted one; empty where nothing is known."""
    if got is None:
        return NOTHING
    came, asked = numbers(got), numbers(wanted)
    if isinstance(got, list | tuple) and asked is not None and asked.ndim:
        several = SEVERAL.format(len(got)) if len(got) > 1 else COMMA
        return several if isinstance(got, tuple) else LISTED.format(*_makers(wanted))
    if type(got) in (int, float) and asked is not None and asked.ndim:
        return NUMBER
    if came is not None and asked is not None and came.ndim and came.shape == asked.shape:
        return _of_another_kind(came, asked)
    here, there = _shape(got), _shape(wanted)
    if here and there and here != there:
        if sorted(here) != sorted(there):
            return ""
        moved = sum(one != other for one, other in zip(here, there, strict=True))
        return SWAPPED.format({2: "two", 3: "three"}.get(moved, "some"))
    return ""


def _of_another_kind(came: np.ndarray[Any, Any], asked: np.ndarray[Any, Any]) -> str:
    if asked.dtype.kind == "b" and came.dtype.kind in "iuf":
        return BOOLEAN
    if asked.dtype.kind == "f" and came.dtype.kind in "iu":
        return FRACTIONS
    if asked.dtype.kind == "i" and came.dtype.kind == "f":
        return INTEGERS
    return ""


def _makers(wanted: Any) -> tuple[str, str]:
    """What makes an array of this library out of a list."""
    in_torch = hasattr(wanted, "detach")
    return ("torch.tensor", "torch.stack") if in_torch else ("np.array", "np.stack")


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of an array, or a tuple of whole numbers that may be one."""
    if isinstance(value, tuple) and value and all(isinstance(size, int) for size in value):
        return tuple(value)
    array = numbers(value)
    return array.shape if array is not None and array.ndim else None

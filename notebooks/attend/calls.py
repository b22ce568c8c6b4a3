"""What an answer's own code says: where it stands, what it calls, what it returns."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterator
from itertools import pairwise
from types import CodeType, FunctionType
from typing import Any

__all__ = ["cell_of", "names_called", "returns_several", "returns_something"]


def names_called(written: Any) -> set[str]:
    """The global names that a function or class uses, and those of its notebook's own helpers.

    Args:
        written: what a learner wrote; anything but a function or class uses nothing.
    """
    found: set[str] = set()
    waiting = [written]
    while waiting:
        for function in _functions(waiting.pop()):
            names = set(_global_names(function.__code__)) - found
            found |= names
            known = function.__globals__
            waiting += [known[name] for name in names if _is_own(known.get(name), known)]
    return found


def cell_of(written: Any) -> str:
    """The file name that Python has for the cell of a function or class; empty for others."""
    return next((one.__code__.co_filename for one in _functions(written)), "")


def returns_something(written: Any) -> bool:
    """Whether a `return` stands in it with anything but None behind it."""
    return any(
        not (made.opname.startswith("LOAD_CONST") and made.argval is None)
        for made in _returned(written)
    )


def returns_several(written: Any) -> bool:
    """Whether a `return` stands in it that gives several values."""
    return any(
        made.opname == "BUILD_TUPLE" or isinstance(made.argval, tuple)
        for made in _returned(written)
    )


def _returned(written: Any) -> Iterator[dis.Instruction]:
    """The instruction that makes what is returned, for each return."""
    for function in _functions(written):
        for made, step in pairwise(dis.get_instructions(function.__code__)):
            if step.opname == "RETURN_VALUE":
                yield made
            elif step.opname == "RETURN_CONST":  # in Python 3.12 and 3.13
                yield step._replace(opname="LOAD_CONST")


def _functions(value: Any) -> Iterator[FunctionType]:
    if isinstance(value, type):
        for item in vars(value).values():
            if not isinstance(item, type):
                yield from _functions(item)
    elif callable(value):
        plain = inspect.unwrap(value)
        if isinstance(plain, FunctionType):
            yield plain


def _global_names(code: CodeType) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield str(step.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)


def _is_own(value: Any, known: dict[str, Any]) -> bool:
    """Whether a value is a function or class that the notebook itself defines."""
    if isinstance(value, type):
        return value.__module__ == known.get("__name__")
    return isinstance(value, FunctionType) and value.__globals__ is known

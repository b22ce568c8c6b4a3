"""Which functions of the notebook an answer calls, directly or through others."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

__all__ = ["names_called"]


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

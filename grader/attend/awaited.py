"""The error that a check waits for: what to say where another one comes, or none."""

from __future__ import annotations

import ast
import linecache
import re
from types import TracebackType
from typing import Any

from .causes import words_of

__all__ = ["another_error", "no_error"]

ASKED = "The docstring asks for a `{asked}` here, and your code {does}. Test for this case first: "
INSTEAD = ASKED + "`if ...: raise {asked}(...)`."
RETURNED = "You return the error as a value, and nobody notices. `raise` it in place of `return`."


def another_error(error: BaseException, step: TracebackType) -> str:
    """What to say where an error other than the one that the check's `try` waits for came.

    Args:
        error: what was raised.
        step: the step of its traceback in the check's own cell.
    """
    asked, came = _awaited(step), type(error).__name__
    if not asked or asked == came or isinstance(error, NameError):
        return ""
    if step.tb_next is None and f"'{asked}' object" in words_of(error):
        return RETURNED
    return INSTEAD.format(asked=asked, does=f"raises `{came}`")


def no_error(got: Any, wanted: Any) -> str:
    """What to say where a check writes down an error's name, and a value came in its place."""
    if not isinstance(wanted, str) or not re.fullmatch(r"\w+Error", wanted) or got == wanted:
        return ""
    if isinstance(got, Exception) and type(got).__name__ == wanted:
        return RETURNED
    return INSTEAD.format(asked=wanted, does="raises none")


def _awaited(step: TracebackType) -> str:
    """The error of the `try` around the line that runs; empty where there is none."""
    lines = linecache.getlines(step.tb_frame.f_code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:  # a cell with magics
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and node.lineno < step.tb_lineno < node.handlers[0].lineno:
            caught = (one.type for one in node.handlers)
            return next((one.id for one in caught if isinstance(one, ast.Name)), "")
    return ""

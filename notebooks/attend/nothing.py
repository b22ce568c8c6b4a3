"""What it means where an error is about None: an argument, or what a line made of nothing."""

from __future__ import annotations

import ast
import linecache
import re
from types import TracebackType
from typing import Any

__all__ = ["cause_of_none"]

CHANGERS = {
    "add", "append", "clear", "extend", "insert", "remove", "reverse", "shuffle", "sort", "update",
}  # fmt: skip
LACKS = "Something on this line is None: a function may lack its `return`."
HANDED = "`None` is handed on in this line, and a value is needed there."


def cause_of_none(code: str, known: dict[str, Any], step: TracebackType) -> str:
    """What to say of the first name in some code that stands for None.

    Args:
        code: the expression that raised the error, or its line.
        known: the names that it sees.
        step: the step of the error's traceback at that line.
    """
    names = re.findall(r"[^\W\d][\w.]*", code)
    name = next((one for one in names if _value(one, known, missing=step) is None), "")
    if not name:
        return HANDED if re.search(r"\bNone\b", code) else LACKS
    if changer := _changed_in_place(name, step):
        new = "; `sorted(...)` makes a new list" if changer == "sort" else ""
        return (
            f"`{name}` is None on this line: `{changer}` changes what it is called on, and returns "
            f"None. Call it on a line of its own, without `=`{new}."
        )
    made = step.tb_frame.f_code
    if name.split(".")[0] in made.co_varnames[: made.co_argcount + made.co_kwonlyargcount]:
        return f"`{name}` may be None, and is so on this line. Ask first: `if {name} is not None:`."
    return (
        f"`{name}` is None on this line. Look where it gets its value: a function that lacks its "
        "`return` gives None."
    )


def _value(name: str, known: dict[str, Any], missing: Any) -> Any:
    """What a dotted name stands for; `missing` where it cannot be looked up."""
    first, *rest = name.split(".")
    value = known.get(first, missing)
    for part in rest:
        try:
            value = getattr(value, part, missing)
        except Exception:  # a property may fail
            return missing
    return value


def _changed_in_place(name: str, step: TracebackType) -> str:
    """The method whose None was last put into a name, where it changes something in place."""
    code = step.tb_frame.f_code
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except SyntaxError:  # a cell with magics
        return ""
    put = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and node.value is not None
        and name in _targets(node)
        and code.co_firstlineno <= node.lineno <= step.tb_lineno
    ]
    last = max(put, key=lambda node: node.lineno, default=None)
    if isinstance(last, ast.Call) and isinstance(last.func, ast.Attribute):
        return last.func.attr if last.func.attr in CHANGERS else ""
    return ""


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}

"""The likely cause of an error in a learner's own line, in plain words."""

from __future__ import annotations

import ast
import linecache
import re
import textwrap
from types import TracebackType
from typing import Any

from .comparison import numbers
from .modules import cause_in_module
from .nothing import cause_of_none
from .shapes import cause_of_shapes, is_about_shapes

__all__ = ["cause_of", "shapes_met", "words_of"]

ONE_NUMBER = (
    "A single number stands here where an array belongs: a `sum`, `mean` or `max` without an axis "
    "makes one of everything."
)
RECIPE = (
    "The recipe has not as many letters as an array has axes. `...` in front of each group of "
    "letters stands for all axes before them, however many, none too."
)
EMPTY = (
    "An array here is empty. A slice like `a[-1:2]` is: a negative start counts from the end. "
    "Use `max(0, ...)` where a start may fall below 0."
)
SHORTER = "There are fewer than that here; there may be none at all."
SHORT_TUPLE = (
    "A tuple has fewer entries than that. A shape has one for each axis: without a batch there is "
    "one less, so count from the end, `a.shape[-1]`."
)
WHOLE = "An index and the ends of a slice are whole numbers: make them so with `int(...)`."
SIZE = "Sizes and counts are whole numbers, and `/` gives fractions: divide with `//`."
NO_BOOLEANS = (
    "A mask holds True and False, and this one holds other numbers. Make it with "
    "`dtype=torch.bool`, or with a comparison."
)
ENDLESS = "You stopped the cell here. Did it run long? Then a loop on this way has no end."
ORDINALS = ("first", "second", "third", "fourth", "fifth")
RAGGED = (
    "The rows are of different lengths, and an array is a rectangle: fill the short ones up first."
)
PICKED = "Booleans in brackets pick entries: their shape must be that of the axes they pick from."
RETURNED = (
    "This line of the check reads what you returned. Compare its shape, and the order of what you "
    "return, with `Returns` in the docstring."
)
# What a message says, and what it means; the first that fits is told.
TOLD = (
    (
        "'...' ellipsis",
        "Your recipe names no batch axes: write `...` in front of each group of letters, also of "
        "the one after the arrow.",
    ),
    ("too many subscripts", RECIPE),
    ("no ellipsis was given", RECIPE),
    ("zero-size array", EMPTY),
    ("numel() == 0", EMPTY),
    ("non-zero size", EMPTY),
    ("slice indices must be integers", WHOLE),
    ("only integers, slices", WHOLE),
    ("tuple of ints", SIZE),
    ("cannot be interpreted as an integer", SIZE),
    ("does not have enough dimensions", ONE_NUMBER),
    ("need to be at least 1D", ONE_NUMBER),
    ("for array of dimension 0", ONE_NUMBER),
    ("expected sequence of length", RAGGED),
    ("inhomogeneous shape", RAGGED),
    ("The shape of the mask", PICKED),
    ("boolean index did not match", PICKED),
    (
        "Index tensor must have the same number of dimensions",
        "`gather` takes an index with as many axes as the tensor: `index.unsqueeze(-1)` picks one "
        "entry of each row, and `squeeze(-1)` takes the axis away again.",
    ),
    (
        "must have the same number of dimensions",
        "Here both need equally many axes. Give indices for `np.take_along_axis` the missing one: "
        "`indices[..., None]`.",
    ),
    (
        "indexing arrays could not be broadcast",
        "The indices do not fit the array beside the axis that you name. Is it the right one? The "
        "rows of a batch of matrices are axis -2.",
    ),
    ("list index out of range", SHORTER),
    ("tuple index out of range", SHORT_TUPLE),
    (
        "indices must be integers or slices, not str",
        "Names are looked up here, and only a dict has them: `{'name': value}`.",
    ),
    (
        "'tuple' object has no attribute",
        "A tuple came where one array belongs: after `return` stands a comma, or more than one "
        "value.",
    ),
    (
        "'list' object has no attribute",
        "A list came where an array belongs: `np.array` or `np.stack` makes one of it, in torch "
        "`torch.stack`.",
    ),
    (
        "read-only",
        "This line writes into an array that belongs to the caller. Make a new array: "
        "`b = a - 1` in place of `a -= 1`.",
    ),
    (
        "Cannot cast ufunc",
        "`/=` and its like write into the array at hand, and an array of whole numbers cannot "
        "hold fractions. Make a new array: `b = a / 2` in place of `a /= 2`.",
    ),
    (
        "desired output type",
        "`/=` and its like write into the tensor at hand, and a tensor of whole numbers cannot "
        "hold fractions. Make a new tensor: `b = a / 2` in place of `a /= 2`.",
    ),
    (
        "is ambiguous",
        "An array holds many answers, and `if`, `and`, `or` or `max()` wants one True or False. "
        "Choose entry by entry with `np.where`; make one answer with `.any()` or `.all()`. "
        "Whether it is there at all is asked with `is not None`.",
    ),
    ("operator.invert", NO_BOOLEANS),
    ("only supports boolean masks", NO_BOOLEANS),
    (
        "converted to Python scalars",
        "`float` and the functions of `math` take one number, and this is an array. "
        "`np.exp`, `np.log` and `np.sqrt` (or torch's) take whole arrays.",
    ),
)


def cause_of(error: BaseException, step: TracebackType, returned: bool = False) -> str:
    """What an error most likely means; empty where nothing is known.

    Args:
        error: what was raised.
        step: the step of its traceback at the learner's own line.
        returned: whether that is the check's own line, which reads what the learner's returned.
    """
    message = words_of(error)
    if isinstance(error, KeyboardInterrupt):
        return ENDLESS
    if isinstance(error, UnboundLocalError):
        return _unassigned(message)
    if isinstance(error, NameError):
        return f"`{error.name}` has no value: a misspelt name, or a cell above that has not run."
    if isinstance(error, KeyError):
        return f"The dict has no entry called {message}: is a name misspelt?"
    if isinstance(error, AssertionError) and not message:
        return "What the `assert` on this line demands does not hold."
    if "unpack" in message and (expected := re.search(r"expected (?:at least )?(\d+)", message)):
        return _taken_apart(int(expected[1]), message, step)
    if "NoneType" in message:
        return cause_of_none(_expression(step), _known(step), step)
    if told := cause_in_module(error, message):
        return told
    for words, told in TOLD:
        if words in message:
            return told
    if returned and (isinstance(error, IndexError) or is_about_shapes(message)):
        return RETURNED
    if isinstance(error, IndexError):
        return "An index or an axis lies outside: print the shape on the line before."
    if is_about_shapes(message):
        code, shapes = _failing(step)
        return cause_of_shapes(message, code, list(shapes.values()))
    return ""


def shapes_met(error: BaseException, step: TracebackType) -> str:
    """The shapes of the arrays that a failing line names; empty where the error is about others."""
    shapes = _failing(step)[1] if is_about_shapes(words_of(error)) else {}
    met = "; ".join(f"`{name}` has shape {shape}" for name, shape in shapes.items())
    return f"Shapes here: {met}." if met else ""


def words_of(error: BaseException) -> str:
    """What an error says; nothing where its own words fail."""
    try:
        return str(error)
    except Exception:  # a learner's exception, or what one holds, may break here
        return ""


def _unassigned(message: str) -> str:
    found = re.search(r"'([^']+)'", message)
    name = f"`{found[1]}`" if found else "A name"
    return (
        f"{name} has no value when this line runs: it is assigned further down, or only under "
        "some condition that does not hold here. Give it a value on every path."
    )


def _taken_apart(expected: int, message: str, step: TracebackType) -> str:
    """What to do where a line takes a tuple apart that has more values, or fewer."""
    code = step.tb_frame.f_code
    if ".shape" in linecache.getline(code.co_filename, step.tb_lineno):
        fewer = message.startswith("not enough")
        found = "here are fewer" if fewer else "with a batch there are more"
        return (
            f"This line takes a shape of {expected} sizes apart, and {found}. "
            "Count from the end: `a.shape[-1]`, `a.shape[-2]`."
        )
    if message.endswith("got 0)"):
        return "This line takes values apart, and there are none: what came is empty."
    return (
        f"This line takes {expected} values apart, and as many must be returned: "
        f"`return {', '.join(ORDINALS[:expected])}`."
    )


def _failing(step: TracebackType) -> tuple[str, dict[str, tuple[int, ...]]]:
    """The code that failed, and the shapes of the arrays that it names."""
    code = _expression(step)
    try:
        tree = ast.parse(textwrap.dedent(code))
    except SyntaxError:  # a part of a statement over several lines
        return code, {}
    known = _known(step)
    shapes = {}
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    for node in sorted(named, key=lambda one: (one.lineno, one.col_offset)):
        array = numbers(known.get(node.id))
        if array is not None and array.ndim:
            shapes[node.id] = array.shape
    return code, shapes


def _known(step: TracebackType) -> dict[str, Any]:
    return step.tb_frame.f_globals | step.tb_frame.f_locals


def _expression(step: TracebackType) -> str:
    """The expression that raised, as Python knows its place; else its whole line."""
    code = step.tb_frame.f_code
    line = linecache.getline(code.co_filename, step.tb_lineno)
    first, last, start, end = list(code.co_positions())[step.tb_lasti // 2]
    if first is None or first != last or first != step.tb_lineno:
        return line.strip()
    return line.encode()[start:end].decode(errors="replace").strip()

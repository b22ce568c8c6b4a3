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

__all__ = ["cause_of", "shapes_met", "words_of"]

TURNED = re.compile(r"\.mT\b|\.T\b|swapaxes|transpose|permute|moveaxis")
PRODUCT_WORDS = ("matmul", "mat1", "batch2", "not aligned", "size mismatch")
STRETCH_WORDS = ("broadcast", "size of tensor")
SHAPE_WORDS = (*PRODUCT_WORDS, *STRETCH_WORDS, "shape", "dimension", "einsum", "core dimension")
ONE_NUMBER = (
    "A single number stands here where an array belongs: a `sum`, `mean` or `max` without an axis "
    "makes one of everything."
)
RECIPE = (
    "The recipe has not as many letters as an array has axes. `...` in front of each group of "
    "letters stands for all axes before them, however many, none too."
)
COUNTED_FROM_THE_FRONT = (
    "`[:, None]` and `[None, :]` count axes from the front. Where there may be axes in front, "
    "count from the end: `a[..., None]` and `b[..., None, :]`."
)
EMPTY = (
    "An array here is empty. A slice like `a[-1:2]` is: a negative start counts from the end. "
    "Use `max(0, ...)` where a start may fall below 0."
)
SHORTER = "There are fewer than that here; there may be none at all."
WHOLE = "An index and the ends of a slice are whole numbers: make them so with `int(...)`."
SIZE = "Sizes and counts are whole numbers, and `/` gives fractions: divide with `//`."
NO_BOOLEANS = (
    "A mask holds True and False, and this one holds other numbers. Make it with "
    "`dtype=torch.bool`, or with a comparison."
)
ENDLESS = "You stopped the cell here. Did it run long? Then a loop on this way has no end."
ORDINALS = ("first", "second", "third", "fourth", "fifth")
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
    ("tuple index out of range", SHORTER),
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


def cause_of(error: BaseException, step: TracebackType) -> str:
    """What an error most likely means; empty where nothing is known.

    Args:
        error: what was raised.
        step: the step of its traceback at the learner's own line.
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
        return _taken_apart(int(expected[1]), step)
    if "NoneType" in message:
        return _none(step)
    if told := cause_in_module(error, message):
        return told
    for words, told in TOLD:
        if words in message:
            return told
    if isinstance(error, IndexError):
        return "An index or an axis lies outside: print the shape on the line before."
    if _is_about_shapes(message):
        return _shapes_that_do_not_fit(message, step)
    return ""


def shapes_met(error: BaseException, step: TracebackType) -> str:
    """The shapes of the arrays that a failing line names; empty where the error is about others."""
    shapes = _failing(step)[1] if _is_about_shapes(words_of(error)) else {}
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


def _taken_apart(expected: int, step: TracebackType) -> str:
    """What to do where a line takes a tuple apart that has more values, or fewer."""
    code = step.tb_frame.f_code
    if ".shape" in linecache.getline(code.co_filename, step.tb_lineno):
        return (
            f"This line takes a shape of {expected} sizes apart, and with a batch there are more. "
            "Count from the end: `a.shape[-1]`, `a.shape[-2]`."
        )
    return (
        f"This line takes {expected} values apart, and as many must be returned: "
        f"`return {', '.join(ORDINALS[:expected])}`."
    )


def _none(step: TracebackType) -> str:
    code, known = _expression(step), _known(step)
    names = re.findall(r"[^\W\d][\w.]*", code)
    nothing = [name for name in names if _value(name, known, missing=step) is None]
    if nothing:
        made = step.tb_frame.f_code
        argument = nothing[0].split(".")[0] in made.co_varnames[: made.co_argcount]
        may = "may be None, and is so" if argument else "is None"
        return f"`{nothing[0]}` {may} on this line. Ask first: `if {nothing[0]} is not None:`."
    return "Something on this line is None: a function may lack its `return`."


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


def _is_about_shapes(message: str) -> bool:
    return any(words in message for words in SHAPE_WORDS)


def _shapes_that_do_not_fit(message: str, step: TracebackType) -> str:
    code, shapes = _failing(step)
    if any(len(shape) > 2 for shape in shapes.values()) and re.search(r"\.T\b", code):
        return (
            "`.T` reverses all axes of a batch, the first too. "
            "Swap the last two only: `np.swapaxes(a, -1, -2)`, in torch `a.transpose(-2, -1)`."
        )
    if any(words in message for words in PRODUCT_WORDS):
        rule = "In `A @ B`, the columns of A must be as many as the rows of B"
        return f"{rule}{_pair(message)}. {_product(code, list(shapes.values()))}".strip()
    if any(words in message for words in STRETCH_WORDS):
        if re.search(r"\[(:, )*None\b", code) and any(len(one) > 1 for one in shapes.values()):
            return COUNTED_FROM_THE_FRONT
        return (
            "Sizes are lined up from the right, and each pair must be equal or hold a 1"
            f"{_pair(message)}. A trailing axis may be missing (`a[..., None]`), or a `sum` or "
            "`max` lost its axis (`keepdims=True` keeps it)."
        )
    return "Shapes meet here that do not fit. Print them on the line before."


def _product(code: str, shapes: list[tuple[int, ...]]) -> str:
    """What a product of these two may lack; empty where more or fewer are named."""
    if len(shapes) != 2:
        return ""
    left, right = shapes
    if len(left) == len(right) == 1:
        return "Both sides are single rows: a loop or an index took an axis away."
    if min(len(left), len(right)) > 1 and len(left) != len(right):
        return f"They have {len(left)} and {len(right)} axes: a sum over one may be missing."
    fits_turned = left[-1] == right[-1] or left[:-1][-1:] == right[:-1][-1:]
    return "A transpose may be missing." if fits_turned and not TURNED.search(code) else ""


def _pair(message: str) -> str:
    """What the message says of the two sides, as half a sentence."""
    if found := re.search(r"size (\d+) is different from (\d+)", message):
        return f"; here they are {found[2]} and {found[1]}"
    if found := re.search(r"\((\d+)x(\d+) and (\d+)x(\d+)\)", message):
        return f"; here they are {found[2]} and {found[3]}"
    if found := re.search(r"tensor a \((\d+)\).*tensor b \((\d+)\)", message):
        return f"; here {found[1]} meets {found[2]}"
    found = re.search(r"with shapes (\([\d,]+\)) (\([\d,]+\))", message)
    return f"; here {_spaced(found[1])} meets {_spaced(found[2])}" if found else ""


def _spaced(shape: str) -> str:
    return shape.replace(",", ", ").replace(", )", ",)")


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

"""The likely cause of an error in a learner's own line, in plain words."""

from __future__ import annotations

import ast
import linecache
import re
import textwrap
from types import TracebackType

from .comparison import numbers

__all__ = ["cause_of", "words_of"]

TURNED = re.compile(r"\.mT\b|\.T\b|swapaxes|transpose|permute|moveaxis")
PRODUCT_WORDS = ("matmul", "mat1", "batch2", "not aligned", "size mismatch")
STRETCH_WORDS = ("broadcast", "size of tensor")
SHAPE_WORDS = (*PRODUCT_WORDS, *STRETCH_WORDS, "shape", "dimension", "einsum")
# What a message says, and what it means; the first that fits is told.
TOLD = (
    (
        "NoneType",
        "Something on this line is None: a function may lack its `return`.",
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
        "Choose entry by entry with `np.where`; make one answer with `.any()` or `.all()`.",
    ),
    (
        "converted to Python scalars",
        "`float` and the functions of `math` take one number, and this is an array. "
        "`np.exp`, `np.log` and `np.sqrt` (or torch's) take whole arrays.",
    ),
)


def cause_of(error: Exception, step: TracebackType) -> str:
    """What an error most likely means; empty where nothing is known.

    Args:
        error: what was raised.
        step: the innermost step of its traceback that lies in the notebook.
    """
    message = words_of(error)
    if isinstance(error, UnboundLocalError):
        return _unassigned(message)
    if isinstance(error, NameError):
        return f"`{error.name}` has no value: a misspelt name, or a cell above that has not run."
    if isinstance(error, AssertionError) and not message:
        return "What the `assert` on this line demands does not hold."
    for words, told in TOLD:
        if words in message:
            return told
    if isinstance(error, IndexError):
        return "An index or an axis lies outside: print the shape on the line before."
    if any(words in message for words in SHAPE_WORDS):
        return _shapes_that_do_not_fit(message, step)
    return ""


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


def _shapes_that_do_not_fit(message: str, step: TracebackType) -> str:
    code, shapes = _failing(step)
    met = "; ".join(f"`{name}` has shape {shape}" for name, shape in shapes.items())
    met = f"Shapes here: {met}. " if met else ""
    batch = any(len(shape) > 2 for shape in shapes.values())
    if batch and re.search(r"\.T\b", code):
        return (
            f"{met}`.T` reverses all axes of a batch, the first too. "
            "Swap the last two only: `np.swapaxes(a, -1, -2)`, in torch `a.transpose(-2, -1)`."
        )
    if any(words in message for words in PRODUCT_WORDS):
        rule = f"{met}In `A @ B`, the columns of A must be as many as the rows of B{_pair(message)}"
        return rule + ("." if TURNED.search(code) else ". A transpose may be missing.")
    if any(words in message for words in STRETCH_WORDS):
        return (
            f"{met}Sizes are lined up from the right, and each pair must be equal or hold a 1"
            f"{_pair(message)}. A trailing axis may be missing (`a[..., None]`), or a `sum` or "
            "`max` lost its axis (`keepdims=True` keeps it)."
        )
    return f"{met or 'Shapes meet here that do not fit. '}Print the shapes on the line before."


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
    known = step.tb_frame.f_globals | step.tb_frame.f_locals
    shapes = {}
    for node in ast.walk(tree):
        array = numbers(known.get(node.id)) if isinstance(node, ast.Name) else None
        if array is not None and array.ndim and isinstance(node, ast.Name):
            shapes[node.id] = array.shape
    return code, shapes


def _expression(step: TracebackType) -> str:
    """The expression that raised, as Python knows its place; else its whole line."""
    code = step.tb_frame.f_code
    line = linecache.getline(code.co_filename, step.tb_lineno)
    first, last, start, end = list(code.co_positions())[step.tb_lasti // 2]
    if first is None or first != last or first != step.tb_lineno:
        return line.strip()
    return line.encode()[start:end].decode(errors="replace").strip()

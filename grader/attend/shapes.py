"""What it means where shapes do not fit: in a product, in a sum, in what is joined."""

from __future__ import annotations

import re

__all__ = ["cause_of_shapes", "is_about_shapes"]

Shapes = list[tuple[int, ...]]

PRODUCT_WORDS = ("matmul", "mat1", "batch2", "not aligned", "size mismatch")
STRETCH_WORDS = ("broadcast", "size of tensor")
JOIN_WORDS = ("Sizes of tensors must match except", "except for the concatenation axis")
SHAPE_WORDS = (
    *PRODUCT_WORDS,
    *STRETCH_WORDS,
    *JOIN_WORDS,
    "shape",
    "dimension",
    "einsum",
    "core dimension",
)
TURNED = re.compile(r"\.mT\b|\.T\b|swapaxes|transpose|permute|moveaxis")
FRONT = re.compile(r"\[(:, )*None\b")
REDUCED = re.compile(r"\b(sum|mean|prod|a?max|a?min|argmax|argmin|norm|any|all)\(")
NEW_AXIS = re.compile(r"unsqueeze\(|expand_dims\(|newaxis|\[[^\]]*\bNone\b")
COUNTED_FROM_THE_FRONT = (
    "`[:, None]` and `[None, :]` count axes from the front. Where there may be axes in front, "
    "count from the end: `a[..., None]` and `b[..., None, :]`."
)
REVERSED = (
    "`.T` reverses all axes of a batch, the first too. "
    "Swap the last two only: `np.swapaxes(a, -1, -2)`, in torch `a.transpose(-2, -1)`."
)
IN_FRONT = "In `A @ B`, the axes in front of the last two must fit, too{}."
SWAPPED = " Swap the last two only: `np.swapaxes(a, -1, -2)`, in torch `a.transpose(-2, -1)`."
LINED_UP = "Sizes are lined up from the right, and each pair must be equal or hold a 1{}."
PRINTED = "Shapes meet here that do not fit. Print them on the line before."
ALONG = re.compile(r"\b(dim|axis)=|[\])]\s*,\s*-?\d")
JOINED = "What is joined must have equal sizes on every axis but the one that it is joined along."
JOINED_IN_FRONT = " That is the first here; `dim=-1` joins features, in NumPy `axis=-1`."


def is_about_shapes(message: str) -> bool:
    """Whether the words of an error are about shapes."""
    return any(words in message for words in SHAPE_WORDS)


def cause_of_shapes(message: str, code: str, shapes: Shapes) -> str:
    """What it most likely means that shapes do not fit.

    Args:
        message: the words of the error.
        code: the expression that raised it, or its line.
        shapes: of the arrays that the code names, in order.
    """
    if any(len(shape) > 2 for shape in shapes) and re.search(r"\.T\b", code):
        return REVERSED
    if any(words in message for words in JOIN_WORDS):
        return JOINED if ALONG.search(code) else JOINED + JOINED_IN_FRONT
    if any(words in message for words in PRODUCT_WORDS):
        rule = "In `A @ B`, the columns of A must be as many as the rows of B"
        return f"{rule}{_pair(message)}. {_product(code, shapes)}".strip()
    if any(words in message for words in STRETCH_WORDS):
        if FRONT.search(code) and any(len(shape) > 1 for shape in shapes):
            return COUNTED_FROM_THE_FRONT
        if re.search(r"@|matmul\(", code):
            return IN_FRONT.format(_pair(message)) + (SWAPPED if TURNED.search(code) else "")
        keep = "keepdim" if "size of tensor" in message else "keepdims"
        return f"{LINED_UP.format(_pair(message))} {_stretched(code, shapes, keep)}".strip()
    return PRINTED


def _product(code: str, shapes: Shapes) -> str:
    """What a product of these two may lack; empty where more or fewer are named."""
    if len(shapes) != 2:
        return ""
    left, right = shapes
    if len(left) == len(right) == 1:
        return "Both sides are single rows: a loop or an index took an axis away."
    if min(len(left), len(right)) > 1 and len(left) != len(right):
        if max(shapes, key=len)[-1] == 1:
            return "One ends in an axis of size 1: `squeeze(-1)` takes it away."
        return f"They have {len(left)} and {len(right)} axes: a sum over one may be missing."
    fits_turned = left[-1] == right[-1] or left[:-1][-1:] == right[:-1][-1:]
    return "A transpose may be missing." if fits_turned and not TURNED.search(code) else ""


def _stretched(code: str, shapes: Shapes, keep: str) -> str:
    """What may be wrong with sizes that are lined up; what is not seen is not said."""
    reduced = REDUCED.search(code)
    if reduced and keep not in code:
        return (
            f"`{reduced[1]}` takes the axis away that it runs over: is it the right one? "
            f"`{keep}=True` leaves a 1 in its place."
        )
    if NEW_AXIS.search(code):
        return (
            "This line makes an axis of size 1. It belongs where the other side has an axis that "
            "this one lacks."
        )
    return _of_two(code, *shapes) if len(shapes) == 2 else ""


def _of_two(code: str, left: tuple[int, ...], right: tuple[int, ...]) -> str:
    """What may be wrong with two shapes of arrays that are named."""
    if _fit(left, right):
        return ""  # others met
    short, long = sorted((left, right), key=len)
    if len(short) < len(long) and _fit((*short, 1), long):
        return "A trailing axis may be missing: `a[..., None]`."
    if "*" in code and len(right) > 1 and left[-1] == right[-2]:
        return "`*` multiplies number by number; the product of matrices is `@`."
    if "+" in code and len(left) > 1 and left[:-1] == right[:-1]:
        return (
            "Only the last sizes differ. To put features side by side, take "
            "`torch.cat([a, b], dim=-1)`, in NumPy `np.concatenate([a, b], axis=-1)`."
        )
    return ""


def _fit(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    pairs = zip(reversed(left), reversed(right), strict=False)
    return all(one == other or 1 in (one, other) for one, other in pairs)


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

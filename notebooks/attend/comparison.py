"""Say how an answer differs from what was expected: the ladder from type down to the first value.

Used by the notebooks' own checks and by the grader, so that both speak alike. NumPy only at import;
torch tensors are turned into arrays where they come.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["FORGOTTEN", "difference", "numbers", "same", "wrong_positions"]

FORGOTTEN = " (did you forget `return`?)"
SHORT = 8  # whole numbers in a sequence that a sentence can hold
# (relative, absolute) tolerances by the width of the result's float.
TOLERANCES = {2: (1e-2, 1e-2), 4: (2e-4, 1e-5), 8: (1e-6, 1e-8)}


@dataclass(frozen=True)
class _Terms:
    """On what terms two values are compared, and in which words their difference is told."""

    axes: Sequence[str]
    tolerance: tuple[float, float] | None
    mask: np.ndarray[Any, Any] | None


def numbers(value: Any) -> np.ndarray[Any, Any] | None:
    """The array behind a number, array or tensor; None for anything else."""
    if _is_tensor(value):
        try:
            value = _array_of_tensor(value)
        except (RuntimeError, TypeError):  # on the meta device, nested: without plain numbers
            return None
    if isinstance(value, bool | int | float | complex | np.generic | np.ndarray):
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else None
    return None


def _is_tensor(value: Any) -> bool:
    """Whether it is a tensor of torch, which is asked only where something else has loaded it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _array_of_tensor(tensor: Any) -> np.ndarray[Any, Any]:
    plain = tensor.detach().cpu()
    if str(plain.layout) != "torch.strided":
        plain = plain.to_dense()
    if str(plain.dtype) == "torch.bfloat16":
        plain = plain.float()  # NumPy has no bfloat16
    array: np.ndarray[Any, Any] = np.asarray(plain.resolve_conj().resolve_neg().numpy())
    return array


def same(got: Any, expected: Any, tolerance: tuple[float, float] | None = None) -> bool:
    """Whether `difference` would find nothing."""
    return difference(got, expected, tolerance=tolerance) is None


def difference(
    got: Any,
    expected: Any,
    *,
    axes: Sequence[str] = (),
    tolerance: tuple[float, float] | None = None,
    mask: Any = None,
    name: str = "the result",
) -> str | None:
    """Describe the first difference, or return None where there is none.

    The ladder: type, structure, shape (which axis), dtype, finiteness, then the first differing
    position. A float wider than expected is no difference; a list may stand for a tuple.

    Args:
        got: the learner's value: a number, string, array, tensor, or a list, tuple or dict of them.
        expected: what the solution gives.
        axes: what each axis of an array is called in the lesson ("query", "key").
        tolerance: (relative, absolute); by default what the dtype can hold.
        mask: booleans, True where a query may attend to a key; where an array of the result has
            the mask's last axis and broadcasts with it, a forbidden place is said to be masked.
        name: what to call the value in the sentence.
    """
    found = _difference(got, expected, _Terms(axes, tolerance, numbers(mask)), name)
    forgotten = found is not None and got is None and expected is not None
    return f"{found}{FORGOTTEN}" if forgotten else found


def _difference(got: Any, expected: Any, terms: _Terms, name: str) -> str | None:
    if expected is None or isinstance(expected, str):
        alike = type(got) is type(expected) and got == expected
        return None if alike else _mismatch(name, _short(expected), _short(got))
    if isinstance(expected, list | tuple):
        return _sequence_difference(got, expected, terms, name)
    if isinstance(expected, dict):
        return _dict_difference(got, expected, terms, name)
    return _leaf_difference(got, expected, terms, name)


def _leaf_difference(got: Any, expected: Any, terms: _Terms, name: str) -> str | None:
    wanted, came = numbers(expected), numbers(got)
    if wanted is None:
        alike = came is None and bool(got == expected)
        return None if alike else _mismatch(name, _short(expected), _short(got))
    if came is None:
        return _mismatch(name, _kind(expected), _kind(got))
    if _family(expected) == "tensor" and _family(got) == "array" and came.ndim:
        return _mismatch(name, "a torch tensor", "a NumPy array")
    if _family(expected) == "array" and _family(got) == "tensor":
        return _mismatch(name, "a NumPy array", "a torch tensor")
    if type(expected) is float and not came.ndim and came.dtype == np.float32:
        wanted = wanted.astype(came.dtype)  # a plain number asks for no dtype
    return _array_difference(came, wanted, terms, name)


def _sequence_difference(
    got: Any,
    expected: Sequence[Any],
    terms: _Terms,
    name: str,
) -> str | None:
    if not isinstance(got, list | tuple):
        return _mismatch(name, f"{_kind(expected)} of {len(expected)} values", _kind(got))
    if len(got) != len(expected):
        return _mismatch(name, f"{len(expected)} values", f"{len(got)}")
    if all(type(item) is int for item in (*got, *expected)) and len(expected) <= SHORT:
        alike = list(got) == list(expected)  # a shape, mostly: said whole
        return None if alike else _mismatch(name, str(tuple(expected)), str(tuple(got)))
    for position, (one, other) in enumerate(zip(got, expected, strict=True)):
        found = _difference(one, other, terms, f"{name}[{position}]")
        if found:
            return found
    return None


def _dict_difference(
    got: Any,
    expected: dict[Any, Any],
    terms: _Terms,
    name: str,
) -> str | None:
    if not isinstance(got, dict):
        return _mismatch(name, "a dict", _kind(got))
    if got.keys() != expected.keys():
        return _mismatch(name, f"the keys {sorted(expected, key=str)}", f"{sorted(got, key=str)}")
    for key, value in expected.items():
        found = _difference(got[key], value, terms, f"{name} `{key}`")
        if found:
            return found
    return None


def _array_difference(
    got: np.ndarray[Any, Any],
    expected: np.ndarray[Any, Any],
    terms: _Terms,
    name: str,
) -> str | None:
    if got.shape != expected.shape:
        return _mismatch(
            f"the shape of {name}", _shape(expected.shape, terms.axes), _shape(got.shape, ())
        )
    if not got.ndim and got.dtype.kind in "iu" and expected.dtype.kind == "f":
        got = got.astype(expected.dtype)  # `return 0` where 0.0 was meant
    if not _dtype_serves(got.dtype, expected.dtype):
        return _mismatch(f"the dtype of {name}", str(expected.dtype), str(got.dtype))
    wrong = wrong_positions(got, expected, terms.tolerance)
    if not wrong.any():
        return None
    lost = wrong & ~np.isfinite(got) & np.isfinite(expected)
    first = tuple(int(i) for i in np.argwhere(lost if lost.any() else wrong)[0])
    texts = _tell_apart(expected[first], got[first])
    place = _place(name, first, terms.axes)
    if _is_masked(first, expected.shape, terms.mask):
        place += ", which is masked"
    sentence = _mismatch(place, *texts)
    if wrong.size > 1:
        sentence += f" ({int(wrong.sum())} of {wrong.size} values differ)"
    return sentence


def wrong_positions(
    got: np.ndarray[Any, Any],
    expected: np.ndarray[Any, Any],
    tolerance: tuple[float, float] | None = None,
) -> np.ndarray[Any, Any]:
    """Booleans, True where two arrays of one shape differ by more than the tolerance."""
    if expected.dtype.kind in "biu":
        return np.asarray(got != expected)
    width = min(np.finfo(one.dtype).bits // 8 for one in (got, expected))
    relative, absolute = tolerance or TOLERANCES.get(width, TOLERANCES[8])
    return np.asarray(~np.isclose(got, expected, rtol=relative, atol=absolute, equal_nan=True))


def _dtype_serves(got: np.dtype[Any], expected: np.dtype[Any]) -> bool:
    families = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}
    if families[got.kind] != families[expected.kind]:
        return False
    return families[got.kind] != "float" or got.itemsize >= expected.itemsize


def _mismatch(what: str, expected: str, got: str) -> str:
    return f"{what}: expected {expected}, got {got}"


def _place(name: str, index: tuple[int, ...], axes: Sequence[str]) -> str:
    if not index:
        return name
    if len(axes) == len(index):
        words = ", ".join(f"{axis} {i}" for axis, i in zip(axes, index, strict=True))
        return f"{name} at {words}"
    return f"{name} at position {list(index)}"


def _is_masked(
    index: tuple[int, ...], shape: tuple[int, ...], mask: np.ndarray[Any, Any] | None
) -> bool:
    if mask is None or mask.dtype != bool or not 1 <= mask.ndim <= len(shape):
        return False
    if mask.shape[-1] != shape[-1]:  # (1,) would fit anything
        return False
    try:
        return not np.broadcast_to(mask, shape)[index]
    except ValueError:
        return False


def _shape(shape: tuple[int, ...], axes: Sequence[str]) -> str:
    if not shape:
        return "() (a single number)"
    if len(axes) == len(shape):
        named = ", ".join(f"{n} along {axis}" for n, axis in zip(shape, axes, strict=True))
        return f"{tuple(shape)} ({named})"
    return str(tuple(shape))


def _tell_apart(expected: Any, got: Any) -> tuple[str, str]:
    """Both numbers, with as many digits as it takes to see that they differ."""
    if np.asarray(expected).dtype.kind not in "fc":
        return str(expected), str(got)
    for digits in (4, 6, 9, 17):
        texts = f"{expected:.{digits}g}", f"{got:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def _family(value: Any) -> str:
    if _is_tensor(value):
        return "tensor"
    return "array" if isinstance(value, np.ndarray) else "number"


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if _is_tensor(value):
        return "a torch tensor"
    if isinstance(value, np.ndarray):
        return "a NumPy array" if value.dtype.kind in "biufc" else f"an array of {value.dtype}"
    name = type(value).__name__
    known = {"bool": "True or False", "int": "a number", "float": "a number", "str": "a string"}
    return known.get(name, f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

"""Write values of visible checks down as JSON, and run check cells that record instead of judging.

`grader build` runs each check cell under the solution and under every misconception with a
Recorder in the Checker's place; what it records becomes `checks/<lesson>.json`.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

__all__ = ["Recorder", "decode", "encode"]

DIGITS = 7  # significant digits kept: a little finer than any comparison here


def encode(value: Any) -> Any:
    """Turn a value into what JSON can hold; floats keep seven significant digits.

    Args:
        value: None, bool, int, float, complex, str, dtype, array, tensor, or a list, tuple or dict
            of them.

    Raises:
        TypeError: for anything else.
    """
    if value is None or isinstance(value, str) or type(value) in (bool, int):
        return value
    if type(value) is float:
        number = _rounded(value)
        return {"float": number} if isinstance(number, str) else number
    if type(value) is complex:
        return {"complex": [_rounded(value.real), _rounded(value.imag)]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    return _encode_array(value)


def _encode_array(value: Any) -> dict[str, Any]:
    if isinstance(value, np.ndarray):
        return {"array": _flat(value), "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, np.generic):
        array = np.asarray(value)
        return {"scalar": _flat(array), "dtype": str(array.dtype), "shape": []}
    if hasattr(value, "detach"):
        name = str(value.dtype).removeprefix("torch.")
        plain = value.detach().cpu()
        array = (plain.float() if name == "bfloat16" else plain).numpy()
        return {"tensor": _flat(array), "dtype": name, "shape": list(array.shape)}
    if isinstance(value, np.dtype) or str(value).startswith("torch."):
        return {"dtype": str(value)}
    raise TypeError(f"a {type(value).__name__} cannot be written down as check data")


def _flat(array: np.ndarray[Any, Any]) -> list[Any]:
    kind = array.dtype.kind
    if kind in "biuU":
        return [item for item in array.ravel().tolist()]
    if kind == "f":
        return [_rounded(float(item)) for item in array.ravel()]
    if kind == "c":
        return [[_rounded(item.real), _rounded(item.imag)] for item in array.ravel().tolist()]
    raise TypeError(f"an array of {array.dtype} cannot be written down as check data")


def _rounded(number: float) -> float | str:
    """The number at seven digits; nan and the infinities, which JSON lacks, as words."""
    return float(f"{number:.{DIGITS - 1}e}") if np.isfinite(number) else str(number)


def decode(tree: Any) -> Any:
    """Turn what `encode` made back into the value."""
    if isinstance(tree, list):
        return [decode(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if "float" in tree:
        return float(tree["float"])
    if "complex" in tree:
        return _number(tree["complex"])
    if "tuple" in tree:
        return tuple(decode(item) for item in tree["tuple"])
    if "dict" in tree:
        return {decode(key): decode(item) for key, item in tree["dict"]}
    return _decode_array(tree)


def _decode_array(tree: dict[str, Any]) -> Any:
    name = tree["dtype"]
    if tree.keys() == {"dtype"}:
        return _torch_dtype(name) if name.startswith("torch.") else np.dtype(name)
    flat = next(tree[kind] for kind in ("array", "scalar", "tensor") if kind in tree)
    stored = "float32" if name == "bfloat16" else name
    values = flat if stored.startswith(("<U", "bool", "int", "uint")) else list(map(_number, flat))
    array = np.array(values, dtype=stored).reshape(tree["shape"])
    if "array" in tree:
        return array
    if "scalar" in tree:
        return array[()]
    import torch

    return torch.from_numpy(array).to(_torch_dtype(name))


def _number(item: Any) -> complex | float:
    return complex(float(item[0]), float(item[1])) if isinstance(item, list) else float(item)


def _torch_dtype(name: str) -> Any:
    import torch

    return getattr(torch, name.removeprefix("torch."))


class Recorder:
    """Stands where the Checker stands, and writes down what each check saw instead of judging it.

    Attributes:
        examples: by exercise, what each expectation said, in order.
        answers: by exercise and expectation, the encoded value that came. A value that `encode`
            cannot take is left out.
        stopped: by exercise, the error that ended its block early ("ValueError: ..."), or None.
    """

    def __init__(self, lesson: str = "") -> None:
        self.lesson = lesson
        self.examples: dict[str, list[str]] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.stopped: dict[str, str | None] = {}

    def __call__(self, exercise: str) -> _Recording:
        return _Recording(self, exercise)


class _Recording:
    """One `with` block of a Recorder."""

    def __init__(self, recorder: Recorder, exercise: str) -> None:
        self.examples = recorder.examples.setdefault(exercise, [])
        self.answers = recorder.answers.setdefault(exercise, {})
        self.stopped = recorder.stopped
        self.exercise = exercise

    def __enter__(self) -> _Recording:
        self.stopped[self.exercise] = None
        return self

    def __call__(self, what: str, got: Any, wanted: Any, tolerance: Any = None) -> None:
        if what in self.examples:
            raise ValueError(f"two expectations of {self.exercise} say {what!r}")
        self.examples.append(what)
        try:
            self.answers[what] = encode(got)
        except TypeError:
            return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.stopped[self.exercise] = f"{type(error).__name__}: {error}"
        return True

"""Run a case in one float precision: its inputs cast, and torch's default dtype switched.

`grader verify` proves every answer as drawn, in float32 and in float64. Grading takes inputs as
they are drawn. NumPy at import only: the student kernel uses this too.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

from grader.cases import Callback

__all__ = ["PRECISIONS", "Precision", "cast", "default_dtype"]

Precision = Literal["float32", "float64"]
PRECISIONS: tuple[Precision, ...] = ("float32", "float64")


def cast(value: Any, precision: Precision) -> Any:
    """The value with every float32 and float64 array, tensor and NumPy scalar in it cast.

    Python numbers, dtypes and half precision stay as they are: who draws those means them. What a
    Callback answers is cast too.
    """
    if isinstance(value, dict):
        return {key: cast(item, precision) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(cast(item, precision) for item in value)
    if isinstance(value, np.ndarray | np.generic):
        is_float = str(value.dtype) in PRECISIONS
        return value.astype(precision) if is_float else value
    if hasattr(value, "detach"):
        import torch

        is_float = str(value.dtype).removeprefix("torch.") in PRECISIONS
        return _cast_tensor(value, getattr(torch, precision)) if is_float else value
    if isinstance(value, Callback):
        return Callback(_answering(value.function, precision))
    return value


def _cast_tensor(tensor: Any, dtype: Any) -> Any:
    """A leaf again, where it was one: gradients are asked of it."""
    return tensor.detach().to(dtype).requires_grad_(tensor.requires_grad)


def _answering(function: Callable[..., Any], precision: Precision) -> Callable[..., Any]:
    def answer(*args: Any, **kwargs: Any) -> Any:
        with default_dtype(precision):
            return cast(function(*args, **kwargs), precision)

    return answer


@contextlib.contextmanager
def default_dtype(name: str | None) -> Iterator[None]:
    """Let torch make floats of this dtype; None, and a process without torch, change nothing."""
    torch = sys.modules.get("torch")
    if torch is None or name not in PRECISIONS:
        yield
        return
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, name))
    try:
        yield
    finally:
        torch.set_default_dtype(before)

"""The lines of a check: that everybody can tell them apart, and that nothing breaks them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from grader.attend import Checker
from grader.attend.checks import CheckFailed
from grader.attend.lines import LOOKS

# What two kinds of colour blindness make of linear RGB (Machado, Oliveira and Fernandes, 2009), and
# what a black-and-white print does.
SEEN = {
    "as it is": np.eye(3),
    "without red cones": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "without green cones": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "in grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}


def light(colour: str, seen: np.ndarray[Any, Any]) -> float:
    """The relative luminance (WCAG 2) of `#rrggbb` or white, to somebody who sees so."""
    hexed = "#ffffff" if colour == "white" else colour
    parts = np.array([int(hexed[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(np.clip(seen @ linear, 0, 1) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN)
def test_right_and_wrong_lines_differ_in_light_and_can_be_read(
    seen: np.ndarray[Any, Any],
) -> None:
    fields = []
    for look, _ in LOOKS.values():
        style = dict(part.split(": ") for part in look.split("; "))
        field, letters = light(style["background"], seen), light(style["color"], seen)
        fields.append(field)
        assert (max(field, letters) + 0.05) / (min(field, letters) + 0.05) >= 4.5
    assert (max(fields) + 0.05) / (min(fields) + 0.05) >= 3


ODD: list[Any] = [
    lambda: 1, np, torch, torch.Tensor, int, (i for i in range(3)),
    np.array([1, "a", None], object),
    np.zeros(2, [("a", float)]), torch.zeros(2, device="meta"), torch.nn.Linear(2, 2), b"x", {1, 2},
    10**400, np.ma.masked_array([1.0, 2.0], [0, 1]), range(3), Ellipsis,
]  # fmt: skip


class Broken(Exception):
    """Fails wherever it is looked at."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("got", [*ODD, Broken()], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("wanted", [np.zeros(2), torch.zeros(2), 1.0, True, "a", None, (2, 3)])
def test_whatever_comes_is_crossed_and_never_breaks_the_check(got: Any, wanted: Any) -> None:
    with pytest.raises(CheckFailed), Checker("98_none")("f") as expect:
        expect("it", got, wanted)


@pytest.mark.parametrize(
    "error",
    [Broken(), KeyError(Broken()), StopIteration(), ExceptionGroup("g", [ValueError()])],
    ids=lambda value: type(value).__name__,
)
def test_whatever_is_raised_is_crossed_and_never_breaks_the_check(error: Exception) -> None:
    with pytest.raises(CheckFailed), Checker("98_none")("f"):
        raise error

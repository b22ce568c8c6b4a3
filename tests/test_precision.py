"""Inputs cast to one precision, and torch's default with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import CASES, DOUBLE_SLOT, HEADER, NUMPY_SETUP, PLAIN_CHECK, MakeLesson

from grader.cases import Callback
from grader.drawing import Prepared
from grader.kernel.client import StudentKernel
from grader.precision import PRECISIONS, Precision, cast, default_dtype

PAGE = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK
both = pytest.mark.parametrize("precision", PRECISIONS)


@both
@pytest.mark.parametrize(
    "value",
    [np.ones(2), np.ones(2, np.float32), np.float64(1), torch.ones(2), torch.ones(2).double()],
)
def test_floats_are_cast(value: Any, precision: Precision) -> None:
    assert str(cast(value, precision).dtype).removeprefix("torch.") == precision


@both
@pytest.mark.parametrize(
    "value",
    [
        1.5, 2, True, "word", None, np.arange(3), np.array([True]), np.ones(2, np.float16),
        np.float16(1), torch.ones(2, dtype=torch.bfloat16), torch.arange(3), torch.float16,
    ],
)  # fmt: skip
def test_everything_else_stays(value: Any, precision: Precision) -> None:
    assert cast(value, precision) is value


def test_what_lies_inside_is_cast_and_its_form_stays() -> None:
    made = cast({"a": [np.ones(1), (torch.ones(1), 3)]}, "float64")
    array, (tensor, number) = made["a"]
    assert (array.dtype, tensor.dtype, number) == (np.float64, torch.float64, 3)


def test_a_leaf_stays_a_leaf() -> None:
    made = cast(torch.ones(2, requires_grad=True), "float64")
    assert made.requires_grad and made.is_leaf
    assert not cast(torch.ones(2), "float64").requires_grad


def test_what_a_callback_answers_is_cast() -> None:
    made = cast(Callback(lambda x: [x, torch.zeros(1)]), "float64")
    array, tensor = made.function(np.ones(1, np.float32))
    assert (array.dtype, tensor.dtype) == (np.float64, torch.float64)


def test_torchs_default_is_put_back_even_after_an_error() -> None:
    with pytest.raises(ValueError, match="mine"), default_dtype("float64"):
        assert torch.zeros(1).dtype == torch.float64
        raise ValueError("mine")
    assert torch.zeros(1).dtype == torch.float32


@pytest.mark.parametrize("name", [None, "float16", "Tensor"])
def test_any_other_name_changes_nothing(name: str | None) -> None:
    with default_dtype(name):
        assert torch.zeros(1).dtype == torch.float32


@both
def test_a_case_is_drawn_and_answered_in_it(make_lesson: MakeLesson, precision: Precision) -> None:
    plain = Prepared(make_lesson(page=PAGE), "double", 0)
    made = Prepared(plain.lesson, "double", 0, precision)
    for drawn, before in zip(made.drawn, plain.drawn, strict=True):
        (x,) = drawn.fresh_inputs().values()
        assert drawn.dtype == x.dtype == drawn.expected.dtype == precision
        np.testing.assert_allclose(x, before.fresh_inputs()["x"], rtol=1e-6)


def test_a_case_that_keeps_its_dtypes_is_left_alone(make_lesson: MakeLesson) -> None:
    kept = CASES.replace('axes=("entry",)', 'as_drawn="it is about float64"')
    lesson = make_lesson(page=PAGE, cases=kept)
    first, second = Prepared(lesson, "double", 0, "float32").drawn
    assert (first.dtype, second.dtype) == (None, "float32")
    assert first.fresh_inputs()["x"].dtype == np.float64


def test_the_student_kernel_takes_on_the_default_for_the_case_alone(
    kernel: StudentKernel, make_lesson: MakeLesson
) -> None:
    torch_cases = CASES.replace("return k.double(x)", "return k.double(x), torch.zeros(1)")
    case, _ = make_lesson(page=PAGE, cases=torch_cases).cases["double"]
    kernel.run_cell("import torch\ndef double(x):\n    return torch.zeros(2)", 10)
    inputs = [{"x": 1.0}] * 3
    replies = kernel.run_cases([case] * 3, inputs, (), 10, ["float64", None, "float32"])
    values = [reply["value"][0].dtype for reply in replies]
    assert values == [torch.float64, torch.float32, torch.float32]

"""The ladder of `difference`: what counts as a difference, and how it is said."""

import numpy as np
import pytest
import torch

from grader.attend.comparison import difference, numbers, same


def test_equal_values_have_no_difference() -> None:
    assert difference(np.array([1.0, 2.0]), np.array([1.0, 2.0])) is None


def test_a_missing_return_is_named() -> None:
    found = difference(None, np.zeros(2))
    assert found == "the result: expected a NumPy array, got None (did you forget `return`?)"


def test_a_return_is_asked_for_only_where_the_whole_result_is_none() -> None:
    assert difference((None, (2, 5)), ((2, 5), None)) == (
        "the result[0]: expected a tuple of 2 values, got None"
    )
    assert difference((1, (2, 5)), (None, (2, 5))) == "the result[0]: expected None, got 1"


def test_a_shape_names_its_axes() -> None:
    found = difference(np.zeros((3, 2)), np.zeros((2, 3)), axes=("query", "key"))
    assert found == (
        "the shape of the result: expected (2, 3) (2 along query, 3 along key), got (3, 2)"
    )


def test_the_first_wrong_place_is_named_by_its_axes() -> None:
    found = difference(np.array([[1.0, 9.0]]), np.array([[1.0, 2.0]]), axes=("query", "key"))
    assert found == "the result at query 0, key 1: expected 2, got 9 (1 of 2 values differ)"


def test_nan_is_named_before_other_wrong_values() -> None:
    found = difference(np.array([5.0, np.nan]), np.array([1.0, 2.0]))
    assert found is not None and "position [1]: expected 2, got nan" in found


def test_nan_where_nan_is_expected_is_no_difference() -> None:
    assert same(np.array([np.nan, -np.inf]), np.array([np.nan, -np.inf]))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_infinities_differ_by_sign(sign: float) -> None:
    assert same(np.array([sign * np.inf]), np.array([np.inf])) is (sign > 0)


def test_a_narrower_float_is_a_difference() -> None:
    found = difference(np.zeros(2, dtype=np.float32), np.zeros(2))
    assert found == "the dtype of the result: expected float64, got float32"


def test_a_wider_float_is_no_difference() -> None:
    assert same(torch.zeros(2, dtype=torch.float64), torch.zeros(2))


def test_an_array_is_no_tensor() -> None:
    found = difference(np.zeros(2), torch.zeros(2))
    assert found == "the result: expected a torch tensor, got a NumPy array"


def test_an_array_of_objects_is_told_from_one_of_numbers() -> None:
    found = difference(np.array([None, 1.0]), np.zeros(2))
    assert found == "the result: expected a NumPy array, got an array of object"


def test_a_tensor_is_no_array() -> None:
    assert not same(torch.zeros(2, dtype=torch.float64), np.zeros(2))


def test_a_tensor_with_a_gradient_is_read() -> None:
    assert same(torch.ones(2, requires_grad=True), torch.ones(2))


@pytest.mark.parametrize(
    "tensor", [torch.ones(2, dtype=torch.bfloat16), torch.ones(2).to_sparse(), torch.ones(2).conj()]
)
def test_every_kind_of_tensor_is_read(tensor: torch.Tensor) -> None:
    array = numbers(tensor)
    assert array is not None and array.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_rounding_of_single_precision_is_no_difference(dtype: type) -> None:
    assert same(np.array([1.00001], dtype=dtype), np.array([1.0], dtype=dtype))


def test_the_tolerance_can_be_given() -> None:
    assert same(0.98, 0.985, tolerance=(0.0, 0.01))
    assert not same(0.96, 0.985, tolerance=(0.0, 0.01))


def test_numbers_that_agree_in_four_digits_are_told_apart() -> None:
    assert difference(0.70712, 0.70711) == "the result: expected 0.70711, got 0.70712"


def test_a_whole_zero_may_stand_for_a_float() -> None:
    assert same(0, 0.0)


def test_true_is_not_one() -> None:
    assert not same(True, 1)
    assert not same(1, True)


def test_a_shape_is_said_whole() -> None:
    assert difference((3, 2), torch.Size([2, 3])) == "the result: expected (2, 3), got (3, 2)"


def test_a_list_may_stand_for_a_tuple() -> None:
    assert same([1.0, 2.0], (1.0, 2.0))


def test_a_tuple_of_another_length_is_counted() -> None:
    assert difference((1.0,), (1.0, 2.0)) == "the result: expected 2 values, got 1"


def test_a_value_inside_a_tuple_is_named_by_its_place() -> None:
    assert difference((1.0, 5.0), (1.0, 2.0)) == "the result[1]: expected 2, got 5"


def test_an_array_where_a_tuple_is_expected_is_named() -> None:
    found = difference(np.zeros(2), (0.0, 0.0))
    assert found == "the result: expected a tuple of 2 values, got a NumPy array"


def test_keys_of_a_dict_are_compared_even_where_they_cannot_be_sorted() -> None:
    assert difference({"a": 1}, {"a": 1, 2: 1}) == (
        "the result: expected the keys [2, 'a'], got ['a']"
    )


def test_a_value_inside_a_dict_is_named_by_its_key() -> None:
    assert difference({"k": 2}, {"k": 3}) == "the result `k`: expected 3, got 2"


def test_strings_are_compared_exactly() -> None:
    assert same("keys", "keys")
    assert difference("key", "keys") == "the result: expected 'keys', got 'key'"


def test_an_array_where_a_dtype_is_expected_is_a_difference() -> None:
    assert not same(np.zeros(3), np.dtype("float64"))
    assert same(torch.float32, torch.float32)

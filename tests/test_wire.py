"""What crosses between the two kernels: exact plain data there and back, nothing else."""

from __future__ import annotations

import collections
import io
import json
import math
import struct
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader import wire
from grader.cases import Callback

NUMPY_DTYPES = sorted(wire.DTYPES)
TORCH_DTYPES = [
    *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64),
    torch.complex128,
]
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 80), 1 << 80)
    | st.floats()
    | st.text(st.characters(codec=None))
)
plain = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.booleans(), inner)
    ),
    max_leaves=20,
)
arrays = st.sampled_from(NUMPY_DTYPES).flatmap(
    lambda name: npst.arrays(
        np.dtype(name), npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    )
)


def crossed(value: Any) -> Any:
    return wire.unpack(wire.pack(value))


def message(tree: Any, *buffers: bytes) -> bytes:
    """A message with this tree, as a submission might forge one."""
    text = json.dumps(tree).encode()
    parts = [struct.pack("<II", len(text), len(buffers)), text]
    return b"".join([*parts, *(struct.pack("<Q", len(each)) + each for each in buffers)])


def identical(one: Any, other: Any) -> bool:
    """Equal in type too, and NaN equals NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(identical, one, other))
    if isinstance(one, dict):
        return identical([*one.items()], [*other.items()])
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other) or math.isnan(one + other)
    return bool(one == other)


@given(plain)
def test_plain_data_comes_back_identical(value: Any) -> None:
    assert identical(crossed(value), value)


@given(arrays)
def test_an_array_comes_back_byte_for_byte(array: np.ndarray) -> None:
    back = crossed(array)
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


@given(arrays)
def test_a_crossed_array_can_be_written(array: np.ndarray) -> None:
    assert crossed(array).flags.writeable


@pytest.mark.parametrize("name", NUMPY_DTYPES)
def test_a_scalar_stays_a_scalar_of_its_dtype(name: str) -> None:
    back = crossed(np.ones((), name)[()])
    assert isinstance(back, np.generic) and back.dtype == name and back == 1


@pytest.mark.parametrize("dtype", TORCH_DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_a_tensor_comes_back_with_dtype_and_values(
    dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    tensor = torch.arange(math.prod(shape)).reshape(shape).to(dtype)
    back = crossed(tensor)
    assert back.dtype == dtype and back.shape == shape and torch.equal(back, tensor)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.complex64], ids=str)
def test_requires_grad_crosses(dtype: torch.dtype) -> None:
    assert crossed(torch.ones(2, dtype=dtype, requires_grad=True)).requires_grad
    assert not crossed(torch.ones(2, dtype=dtype)).requires_grad


def test_a_parameter_crosses_as_a_tensor() -> None:
    assert type(crossed(torch.nn.Parameter(torch.ones(2)))) is torch.Tensor


def test_a_view_crosses_as_what_it_shows() -> None:
    tensor = torch.arange(6.0).reshape(2, 3).T[1:]
    assert torch.equal(crossed(tensor), tensor)
    assert np.array_equal(crossed(np.arange(6)[::-2]), np.arange(6)[::-2])


def test_torch_dtype_and_size_cross() -> None:
    assert crossed([torch.bfloat16, torch.ones(2, 3).shape]) == [torch.bfloat16, (2, 3)]


class Mine(list):
    pass


class MyArray(np.ndarray):
    pass


class MyTensor(torch.Tensor):
    pass


@pytest.mark.parametrize(
    "value",
    [
        Mine(),
        np.zeros(2).view(MyArray),
        torch.zeros(2).as_subclass(MyTensor),
        collections.OrderedDict(),
        object(),
        len,
        {1, 2},
        b"bytes",
        1j,
        np.array([None]),
        np.array(["text"]),
        np.zeros(2, ">f8"),
        np.zeros(2, [("a", "f4")]),
        np.float128(1) if hasattr(np, "float128") else object(),
        torch.zeros(2, 2).to_sparse(),
        torch.zeros(2, device="meta"),
        torch.zeros(2).to(torch.float8_e4m3fn),
        torch.zeros(2).to(torch.uint16),
        10**5000,
        Callback(len),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_anything_but_exact_plain_data_is_refused(value: Any) -> None:
    with pytest.raises(wire.Refused):
        wire.pack([value])


def test_what_is_nested_too_deep_is_refused() -> None:
    value: list[Any] = []
    for _ in range(wire.MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(wire.Refused, match="levels deep"):
        wire.pack(value)


def test_a_list_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(wire.Refused):
        wire.pack(value)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(wire.Refused, match="larger than 64 MB"):
        wire.pack(np.zeros(wire.LIMIT, np.uint8))
    with pytest.raises(wire.Refused, match="larger"):
        wire.pack([np.broadcast_to(np.zeros(1), (1 << 40,))])


def test_a_dict_of_too_many_keys_is_refused() -> None:
    with pytest.raises(wire.Refused, match="keys"):
        wire.pack({number: None for number in range(wire.MAX_KEYS + 1)})


@pytest.mark.parametrize("length", range(0, 60, 7))
def test_a_message_cut_short_is_refused(length: int) -> None:
    whole = wire.pack({"case": 1, "value": np.arange(3.0)})
    with pytest.raises(wire.Refused):
        wire.unpack(whole[:length])


@pytest.mark.parametrize(
    "tree",
    [
        {"array": ["object", [1], 0]},
        {"array": ["O", [1], 0]},
        {"array": ["float64", [-1], 0]},
        {"array": ["float64", [2], 0]},
        {"array": ["float64", [1.0], 0]},
        {"array": ["float64", [True], 0]},
        {"array": ["float64", [1], 7]},
        {"array": ["float64", [1], -1]},
        {"array": ["float64", [1 << 62, 1 << 62, 0], 0]},
        {"array": ["float64", [1] * 17, 0]},
        {"array": [["float64"], [1], 0]},
        {"tensor": ["float64", [1], 0]},
        {"dtype": "nn"},
        {"dtype": ["float32"]},
        {"callback": 0},
        {"integer": "9" * 5000},
        {"integer": None},
        {"tuple": 3},
        {"dict": [[[], 1]]},
        {"dict": [[1]]},
        {"unheard-of": 1},
        {},
        {"tuple": [], "dict": []},
    ],
    ids=json.dumps,
)
def test_a_forged_tree_is_refused(tree: Any) -> None:
    with pytest.raises(wire.Refused):
        wire.unpack(message(tree, b"\0" * 8))


def test_a_buffer_named_again_and_again_is_refused() -> None:
    """Else a short message could ask for more memory than there is."""
    leaf = {"array": ["uint8", [1 << 20], 0]}
    with pytest.raises(wire.Refused, match="twice"):
        wire.unpack(message([leaf] * 10_000, b"\0" * (1 << 20)))


def test_keys_made_to_collide_are_refused_before_they_cost_time() -> None:
    keys = [
        [{"integer": str(number * ((1 << 61) - 1))}, 0]
        for number in range(1 << 30, (1 << 30) + 50_000)
    ]
    with pytest.raises(wire.Refused, match="keys"):
        wire.unpack(message({"dict": keys}))


def test_a_tree_too_deep_to_parse_is_refused() -> None:
    text = b"[" * 100_000
    with pytest.raises(wire.Refused):
        wire.unpack(struct.pack("<II", len(text), 0) + text)


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_refused(data: bytes) -> None:
    try:
        wire.unpack(data)
    except wire.Refused:
        pass


@settings(max_examples=300)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-5, 5)
        | st.floats()
        | st.sampled_from(["float32", "bfloat16", "bool", "", "1", "nan"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["tuple", "dict", "array", "scalar", "tensor", "dtype", "integer", "callback"]
                ),
                inner,
                max_size=2,
            )
        ),
    ),
    st.lists(st.binary(max_size=9), max_size=3),
)
def test_random_trees_raise_nothing_but_refused(tree: Any, buffers: list[bytes]) -> None:
    try:
        wire.unpack(message(tree, *buffers))
    except wire.Refused:
        pass


def test_a_callback_crosses_as_its_number() -> None:
    callbacks: list[Callback] = []
    data = wire.pack({"f": Callback(abs), "g": Callback(len)}, callbacks)
    assert [item.function for item in callbacks] == [abs, len]
    assert wire.unpack(data, lambda index: f"number {index}") == {"f": "number 0", "g": "number 1"}


def test_a_change_in_place_changes_the_fingerprint() -> None:
    inputs = {"x": torch.zeros(3), "rows": [np.zeros(2)]}
    before = wire.fingerprint(inputs)
    assert wire.fingerprint(inputs) == before
    inputs["rows"][0][1] = 1
    assert wire.fingerprint(inputs) != before


def test_turning_gradients_on_is_no_change_of_the_inputs() -> None:
    inputs = {"x": torch.zeros(3), "f": len}
    before = wire.fingerprint(inputs)
    inputs["x"].requires_grad_()
    assert wire.fingerprint(inputs) == before


def test_messages_follow_one_another_on_a_stream() -> None:
    stream = io.BytesIO()
    wire.send(stream, b"first")
    wire.send(stream, b"")
    stream.seek(0)
    assert [wire.receive(stream), wire.receive(stream)] == [b"first", b""]
    with pytest.raises(EOFError):
        wire.receive(stream)


def test_a_length_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(wire.Refused):
        wire.receive(io.BytesIO(struct.pack("<Q", 1 << 40)))

"""Plain data to bytes and back: a JSON tree beside raw array buffers.

All that crosses between the grading process and a student kernel. Exact types only, known dtypes
only, limits on size and depth; nothing is pickled, evaluated or looked up by a name that came in.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from grader.cases import Callback

__all__ = ["LIMIT", "Refused", "fingerprint", "pack", "receive", "send", "unpack"]

LIMIT = 64 << 20  # bytes in one message
TREE_LIMIT = 4 << 20  # bytes of its JSON tree, each of which may cost fifty once read
MAX_KEYS = 10_000  # of all dicts in one message: keys may be made to collide, which is quadratic
MAX_BITS = 1024  # of a whole number
MAX_DEPTH = 40
MAX_DIMENSIONS = 16
DTYPES = {
    name: np.dtype(name)
    for name in (
        *("bool", "uint8", "int8", "int16", "int32", "int64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
HEADER = struct.Struct("<II")
LENGTH = struct.Struct("<Q")


class Refused(ValueError):
    """A value that may not cross, or bytes that are not a message."""


def pack(value: Any, callbacks: list[Callback] | None = None) -> bytes:
    """Turn plain data into one message.

    Args:
        value: None, bool, int, float, str, list, tuple, dict, NumPy array or scalar, torch tensor
            or dtype, nested at most MAX_DEPTH deep.
        callbacks: where given, each Callback met is appended here and crosses as its index.

    Raises:
        Refused: for any other type (subclasses too), or a message over LIMIT.
    """
    encoder = _Encoder(callbacks)
    tree = json.dumps(encoder.encode(value)).encode()
    if len(tree) > TREE_LIMIT:
        raise Refused(f"the value holds more than {TREE_LIMIT >> 20} MB outside arrays")
    parts = [HEADER.pack(len(tree), len(encoder.buffers)), tree]
    for buffer in encoder.buffers:
        parts += [LENGTH.pack(len(buffer)), buffer]
    if sum(map(len, parts)) > LIMIT:
        raise Refused(f"the value is larger than {LIMIT >> 20} MB")
    return b"".join(parts)


def fingerprint(inputs: dict[str, Any]) -> bytes:
    """The bytes of a case's inputs, by which a change in place shows; without functions, flags."""
    plain = {name: value for name, value in inputs.items() if not callable(value)}
    encoder = _Encoder(None, flags=False)
    return json.dumps(encoder.encode(plain)).encode() + b"".join(encoder.buffers)


class _Encoder:
    def __init__(self, callbacks: list[Callback] | None, *, flags: bool = True) -> None:
        self.buffers: list[bytes] = []
        self.callbacks = callbacks
        self.flags = flags  # whether a tensor's requires_grad crosses with it
        self.size = self.keys = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise Refused(f"the value is nested more than {MAX_DEPTH} levels deep")
        kind = type(value)
        if value is None or kind in (bool, str, float):
            return value
        if kind is int:
            return self._encode_integer(value)
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        if kind is tuple:
            return {"tuple": [self.encode(item, depth + 1) for item in value]}
        if kind is dict:
            return {"dict": self._encode_pairs(value, depth + 1)}
        return self._encode_array(value)

    def _encode_integer(self, value: int) -> Any:
        if value.bit_length() > MAX_BITS:
            raise Refused(f"a whole number of more than {MAX_BITS} bits cannot be compared")
        return value if abs(value) < 1 << 63 else {"integer": str(value)}

    def _encode_pairs(self, value: dict[Any, Any], depth: int) -> list[Any]:
        self.keys += len(value)
        if self.keys > MAX_KEYS:
            raise Refused(f"the value has dicts of more than {MAX_KEYS} keys")
        return [[self.encode(k, depth), self.encode(v, depth)] for k, v in value.items()]

    def _encode_array(self, value: Any) -> Any:
        if type(value) is np.ndarray:
            return {"array": self._buffer(value)}
        if isinstance(value, np.generic) and value.dtype in NAMES:
            return {"scalar": self._buffer(np.asarray(value))}
        torch = sys.modules.get("torch")
        if torch is not None:
            if type(value) in (torch.Tensor, torch.nn.Parameter):
                return {"tensor": [*self._tensor(value), bool(value.requires_grad and self.flags)]}
            if type(value) is torch.Size:
                return {"tuple": [int(size) for size in value]}
            if type(value) is torch.dtype:
                return {"dtype": str(value).removeprefix("torch.")}
        if type(value) is Callback and self.callbacks is not None:
            self.callbacks.append(value)
            return {"callback": len(self.callbacks) - 1}
        raise Refused(f"a {type(value).__module__}.{type(value).__qualname__} cannot be compared")

    def _tensor(self, tensor: Any) -> list[Any]:
        import torch

        if tensor.layout is not torch.strided:
            raise Refused("a sparse tensor cannot be compared; return a dense one")
        try:
            plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
            if plain.dtype is torch.bfloat16:
                return ["bfloat16", *self._buffer(plain.view(torch.int16).numpy())[1:]]
            return self._buffer(plain.numpy())
        except (RuntimeError, TypeError):  # on the meta device, float8, inside vmap: no numbers
            raise Refused(f"a tensor of {tensor.dtype} without plain numbers") from None

    def _buffer(self, array: np.ndarray[Any, Any]) -> list[Any]:
        name = NAMES.get(array.dtype)  # str() of a dtype takes long
        if name is None:
            raise Refused(f"an array of {array.dtype} cannot be compared")
        self.size += array.nbytes
        if self.size > LIMIT:
            raise Refused(f"the value is larger than {LIMIT >> 20} MB")
        self.buffers.append(np.ascontiguousarray(array).tobytes())
        return [name, list(array.shape), len(self.buffers) - 1]


def unpack(data: bytes, callback: Callable[[int], Any] | None = None) -> Any:
    """Turn a message back into plain data.

    Args:
        data: the bytes of one message, from a trusted side or not.
        callback: makes the function that stands for a crossed Callback; the student side only.

    Raises:
        Refused: where the bytes are not a well-formed message.
    """
    try:
        tree_length, count = HEADER.unpack_from(data)
        if tree_length > TREE_LIMIT or count > tree_length:
            raise Refused("not a message: too large")
        offset = HEADER.size + tree_length
        tree = json.loads(data[HEADER.size : offset])
        buffers: list[bytes] = []
        for _ in range(count):
            (length,) = LENGTH.unpack_from(data, offset)
            offset += LENGTH.size
            if offset + length > len(data):
                raise Refused("a buffer is cut short")
            buffers.append(data[offset : offset + length])
            offset += length
        return _Decoder(buffers, callback).decode(tree)
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, struct.error) as error:
        raise Refused(f"not a message: {type(error).__name__}") from None
    except (RuntimeError, MemoryError):  # too deep or too large, for Python or for torch
        raise Refused("not a message: too deep or too large") from None


class _Decoder:
    def __init__(self, buffers: list[bytes], callback: Callable[[int], Any] | None) -> None:
        self.buffers = buffers
        self.callback = callback
        self.bytes_left = sum(map(len, buffers))  # each buffer is named once
        self.keys_left = MAX_KEYS

    def decode(self, tree: Any, depth: int = 0) -> Any:
        if depth > MAX_DEPTH + 5:
            raise Refused("nested too deep")
        if isinstance(tree, list):
            return [self.decode(item, depth + 1) for item in tree]
        if not isinstance(tree, dict):
            return tree
        ((kind, body),) = tree.items()
        if kind == "tuple":
            return tuple(self.decode(item, depth + 1) for item in body)
        if kind == "dict":
            self.keys_left -= len(body)
            if self.keys_left < 0:
                raise Refused("too many keys")
            return {self.decode(k, depth + 1): self.decode(v, depth + 1) for k, v in body}
        return self._decode_leaf(kind, body)

    def _decode_leaf(self, kind: str, body: Any) -> Any:
        if kind == "integer":
            return int(body)
        if kind == "array":
            return self._array(*body)
        if kind == "scalar":
            return self._array(*body)[()]
        if kind == "tensor":
            return self._tensor(*body)
        if kind == "dtype":
            return self._dtype(body)
        if kind == "callback" and self.callback is not None:
            return self.callback(int(body))
        raise Refused(f"an unknown kind of value: {str(kind)[:40]}")

    def _array(self, dtype: str, shape: list[int], index: int) -> np.ndarray[Any, Any]:
        if dtype not in DTYPES or len(shape) > MAX_DIMENSIONS or index < 0:
            raise Refused("an array of no known form")
        if not all(type(size) is int and size >= 0 for size in shape):
            raise Refused("an array of no known shape")
        buffer = self.buffers[index]
        self.bytes_left -= len(buffer)
        if self.bytes_left < 0:
            raise Refused("a buffer is named twice")
        return np.frombuffer(bytearray(buffer), DTYPES[dtype]).reshape(shape)

    def _tensor(self, dtype: str, shape: list[int], index: int, requires_grad: bool) -> Any:
        import torch

        if dtype == "bfloat16":
            tensor = torch.from_numpy(self._array("int16", shape, index)).view(torch.bfloat16)
        else:
            tensor = torch.from_numpy(self._array(dtype, shape, index))
        floating = tensor.is_floating_point() or tensor.is_complex()
        return tensor.requires_grad_(bool(requires_grad) and floating)

    def _dtype(self, name: str) -> Any:
        import torch

        known = {
            str(item).removeprefix("torch."): item
            for item in vars(torch).values()
            if type(item) is torch.dtype
        }
        if name not in known:
            raise Refused("an unknown dtype")
        return known[name]


def send(stream: BinaryIO, data: bytes) -> None:
    """Write one packed message, led by its length."""
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> bytes:
    """Read one packed message.

    Raises:
        EOFError: where the other side is gone.
        Refused: where it announces more than LIMIT.
    """
    head = _read_exactly(stream, LENGTH.size)
    (length,) = LENGTH.unpack(head)
    if length > LIMIT + 1024:
        raise Refused("the reply is too large")
    return _read_exactly(stream, length)


def _read_exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data

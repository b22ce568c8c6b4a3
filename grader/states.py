"""Numbers for modules' parameters, drawn under the names that `load_state_dict` takes.

Hidden cases of several lessons give the same modules their numbers; an author draws them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from grader.cases import randn

if TYPE_CHECKING:
    import numpy as np
    import torch

__all__ = [
    "attention_state",
    "block_state",
    "feed_forward_state",
    "linear_state",
    "named",
    "norm_state",
]

State = Mapping[str, "torch.Tensor"]


def linear_state(rng: np.random.Generator, fan_in: int, fan_out: int) -> State:
    """An nn.Linear that keeps the size of what it is given."""
    return {"weight": randn(rng, fan_out, fan_in) / fan_in**0.5, "bias": randn(rng, fan_out)}


def norm_state(rng: np.random.Generator, width: int) -> State:
    """A layer norm: weights around 1, biases around 0."""
    return {"weight": 1 + 0.3 * randn(rng, width), "bias": 0.3 * randn(rng, width)}


def feed_forward_state(rng: np.random.Generator, d_model: int, d_ff: int) -> State:
    """Lesson 09's FeedForward."""
    return named(linear1=linear_state(rng, d_model, d_ff), linear2=linear_state(rng, d_ff, d_model))


def attention_state(rng: np.random.Generator, d_model: int) -> State:
    """Lesson 08's MultiHeadAttention."""
    parts = ("w_q", "w_k", "w_v", "w_o")
    return named(**{part: linear_state(rng, d_model, d_model) for part in parts})


def block_state(rng: np.random.Generator, d_model: int, d_ff: int) -> State:
    """Lesson 09's EncoderBlock."""
    return named(
        attention=attention_state(rng, d_model),
        feed_forward=feed_forward_state(rng, d_model, d_ff),
        norm1=norm_state(rng, d_model),
        norm2=norm_state(rng, d_model),
    )


def named(**parts: State) -> State:
    """One dictionary of parameters, their names led by the part's."""
    return {f"{part}.{name}": value for part, held in parts.items() for name, value in held.items()}

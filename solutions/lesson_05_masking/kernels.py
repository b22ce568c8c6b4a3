"""Reference answers of lesson 05: masks for padding and for order, and attention that obeys them.

A mask is boolean, and True means "may be attended to". Shapes are batch first: scores and weights
(..., T_q, T_k). A row with nothing to attend to is called empty; its weights are all 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

__all__ = [
    "causal_mask",
    "combine_masks",
    "mask_test",
    "masked_attention",
    "masked_mean",
    "masked_softmax",
    "padding_mask",
    "to_torch_masks",
]


def padding_mask(lengths: torch.Tensor, n_keys: int, side: str = "right") -> torch.Tensor:
    """Say which keys of each sequence are words, and which are padding.

    Args:
        lengths: how many words each sequence has, (batch,), whole numbers from 0 to n_keys.
        n_keys: T_k, to which every sequence was padded. No sequence need be as long.
        side: where the padding stands: "right", behind the words, or "left", before them.

    Returns:
        Booleans, (batch, 1, 1, n_keys), True at a word. The two axes of size 1 stand for heads
        and queries, so that the mask broadcasts to scores (batch, heads, queries, keys).

    Source: Vaswani et al., 2017, section 3.2.3, for masks in general.

    Example:
        >>> padding_mask(torch.tensor([2]), 3)
        tensor([[[[ True,  True, False]]]])
    """
    places = torch.arange(n_keys)
    if side == "left":
        places = places.flip(0)  # counted from the other end
    return (places < lengths[:, None])[:, None, None, :]


def causal_mask(n_queries: int, n_keys: int) -> torch.Tensor:
    """Let each query look at its own key and earlier ones, never at a later one.

    The queries are the last tokens: query T_q - 1 stands at the place of key T_k - 1, the query
    before it one place earlier, and so on.

    Args:
        n_queries: T_q.
        n_keys: T_k. It is larger than T_q where a cache holds the keys of earlier tokens.
            It may also be smaller: the first queries then come before every key.

    Returns:
        Booleans, (n_queries, n_keys), True where the query may attend to the key.

    Source: Vaswani et al., 2017, section 3.2.3.

    Example:
        >>> causal_mask(1, 3)
        tensor([[True, True, True]])
    """
    everything = torch.ones(n_queries, n_keys, dtype=torch.bool)
    return everything.tril(diagonal=n_keys - n_queries)


def combine_masks(*masks: torch.Tensor | None) -> torch.Tensor | None:
    """Make one mask of several: a key is allowed where every mask allows it.

    Args:
        masks: any number of masks whose shapes broadcast together. None stands for a mask that
            allows everything.

    Returns:
        Booleans of the broadcast shape; None where no mask is left. The masks stay as they are.

    Example:
        >>> combine_masks(torch.tensor([True, False]), None, torch.tensor([[True], [False]]))
        tensor([[ True, False],
                [False, False]])
    """
    combined: torch.Tensor | None = None
    for mask in masks:
        if mask is not None:
            combined = mask if combined is None else combined & mask
    return combined


def masked_softmax(scores: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Take the softmax over the allowed keys alone; forbidden keys weigh exactly 0.

    Args:
        scores: (..., T_q, T_k). A forbidden score may be any finite number, however large.
        mask: booleans that broadcast to scores, True where the query may attend to the key.

    Returns:
        Weights, (..., T_q, T_k). A row sums to 1; an empty row, with no allowed key, is all 0.
        Gradients are finite everywhere. They are 0 at forbidden scores and in empty rows.

    Source: Vaswani et al., 2017, section 3.2.3.

    Example:
        >>> masked_softmax(torch.tensor([2.0, 2.0, 9.0]), torch.tensor([True, True, False]))
        tensor([0.5000, 0.5000, 0.0000])
    """
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    return weights.masked_fill(~mask, 0.0)  # an empty row is NaN until here


def mask_test(candidate: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> bool:
    """Say whether a function does what masked_softmax promises.

    Your test is tried on right functions, which it must pass, and on wrong ones, which it must
    not. Right ones need not agree in the last digit. Only the weights count, no gradients.

    Args:
        candidate: takes scores (..., T_q, T_k) and a mask that broadcasts to them; returns
            weights. Call it with what you like. It raises no error, and changes no tensor.

    Returns:
        True where the candidate is right: allowed keys share the whole row by their softmax,
        however far ahead a forbidden score is; forbidden keys weigh 0; every query of every
        sequence obeys its own mask; empty rows are all 0. False otherwise.

    Example:
        >>> mask_test(masked_softmax), mask_test(lambda scores, mask: torch.softmax(scores, -1))
        (True, False)
    """
    generator = torch.Generator().manual_seed(5)
    scores = torch.randn(3, 4, 5, generator=generator)  # (sequences, queries, keys)
    mask = torch.rand(3, 4, 5, generator=generator) > 0.4
    mask[1, 2] = False  # an empty row
    scores = torch.where(mask, scores, scores + 3e4)  # forbidden keys are far ahead
    wanted = torch.zeros_like(scores)
    for row in np.ndindex(3, 4):
        allowed = mask[row]
        wanted[row][allowed] = torch.softmax(scores[row][allowed], dim=-1)
    return torch.allclose(candidate(scores, mask), wanted, atol=1e-5)


def masked_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attend to the allowed keys alone; a query with none gets an output of zeros.

    Args:
        q: queries, (..., T_q, d_k). The dots stand for any leading dimensions, or none.
        k: keys, (..., T_k, d_k).
        v: values, (..., T_k, d_v).
        mask: booleans that broadcast to (..., T_q, T_k), True where a query may attend to a key.

    Returns:
        The output, (..., T_q, d_v), and the weights, (..., T_q, T_k). Gradients are finite.

    Source: Vaswani et al., 2017, section 3.2.1, equation 1, and section 3.2.3.

    Example:
        >>> allowed = torch.tensor([True, False])
        >>> masked_attention(torch.zeros(1, 4), torch.ones(2, 4), torch.eye(2, 3), allowed)
        (tensor([[1., 0., 0.]]), tensor([[1., 0.]]))
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (..., T_q, T_k)
    weights = masked_softmax(scores, mask)
    return weights @ v, weights


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Take the mean over the words of each sequence, and leave its padding out.

    Args:
        values: one vector for each token, (..., T, d). At padding it may hold anything, NaN too.
        mask: booleans, (..., T), True at a word.

    Returns:
        (..., d): one vector for each sequence; zeros where a sequence has no word.

    Source: Reimers and Gurevych, 2019, section 3 (mean pooling).

    Example:
        >>> masked_mean(torch.tensor([[2.0, 0.0], [9.0, 9.0]]), torch.tensor([True, False]))
        tensor([2., 0.])
    """
    padding = ~mask.unsqueeze(-1)  # (..., T, 1)
    total = values.masked_fill(padding, 0.0).sum(dim=-2)  # 0 times NaN would be NaN
    count = mask.sum(dim=-1, keepdim=True)  # (..., 1)
    return total / count.clamp(min=1)


def to_torch_masks(words: torch.Tensor, pairs: torch.Tensor) -> dict[str, torch.Tensor]:
    """Write a padding mask and a causal mask in the forms that libraries ask for.

    Args:
        words: (batch, T_k), True at a word, False at padding.
        pairs: (T_q, T_k), True where a query may attend to a key.

    Returns:
        Five masks, by name:

        - "sdpa": booleans, (batch, 1, T_q, T_k), both masks together. True: may be attended to.
        - "added": float32, the same shape. 0 where allowed, -inf where forbidden.
        - "key_padding_mask": booleans, (batch, T_k), words alone. True: FORBIDDEN.
        - "attn_mask": booleans, (T_q, T_k), pairs alone. True: FORBIDDEN.
        - "attention_mask": int64, (batch, T_k), words alone. 1 at a word, 0 at padding.

    Source: the documentation of F.scaled_dot_product_attention ("sdpa", "added"), of
        nn.MultiheadAttention ("key_padding_mask", "attn_mask") and of Hugging Face Transformers
        ("attention_mask").

    Example:
        >>> to_torch_masks(torch.tensor([[True, False]]), torch.tensor([[True, True]]))["added"]
        tensor([[[[0., -inf]]]])
    """
    both = words[:, None, None, :] & pairs  # (batch, 1, T_q, T_k)
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }

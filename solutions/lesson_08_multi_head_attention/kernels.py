"""Reference answers of lesson 08: attention with several heads, split, stacked, loaded and ablated.

Shapes are batch first: x (..., T, d_model); split into heads (..., H, T, d_head), where
d_head = d_model / H. A boolean mask is True where a query may attend to a key.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

__all__ = [
    "MultiHeadAttention",
    "ablate_head",
    "from_torch",
    "heads_test",
    "merge_heads",
    "parameter_count",
    "split_heads",
    "stacked_heads",
]


def split_heads(x: torch.Tensor, n_heads: int) -> torch.Tensor:
    """Cut the features of each token into heads, and bring the heads before the tokens.

    Args:
        x: one vector for each token, (..., T, d_model). The dots stand for any leading
            dimensions, or none.
        n_heads: H, which divides d_model.

    Returns:
        (..., H, T, d_head), where d_head = d_model / H. Head h holds features h · d_head up to
        (h + 1) · d_head of every token, the last one excluded.

    Source: Vaswani et al., 2017, section 3.2.2.

    Example:
        >>> split_heads(torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]), 2)[0]
        tensor([[1, 2],
                [5, 6]])
    """
    d_head = x.shape[-1] // n_heads
    return x.reshape(*x.shape[:-1], n_heads, d_head).transpose(-3, -2)


def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """Put the heads of each token side by side again: undo split_heads.

    Args:
        x: (..., H, T, d_head), as split_heads returns it.

    Returns:
        (..., T, d_model), where d_model = H · d_head: for each token its part of head 0, then its
        part of head 1, and so on.

    Source: Vaswani et al., 2017, section 3.2.2 (Concat).

    Example:
        >>> merge_heads(torch.tensor([[[1, 2], [5, 6]], [[3, 4], [7, 8]]]))
        tensor([[1, 2, 3, 4],
                [5, 6, 7, 8]])
    """
    tokens_first = x.transpose(-3, -2)  # (..., T, H, d_head)
    return tokens_first.reshape(*tokens_first.shape[:-2], -1)


def heads_test(candidate: Callable[[torch.Tensor, int], torch.Tensor]) -> bool:
    """Say whether a function is self-attention with heads, apart from the weights to learn.

    Your test is tried on right functions, which it must pass, and on wrong ones, which it must
    not. Right ones need not agree in the last digit.

    Args:
        candidate: takes x, floats (B, T, d_model), and n_heads, which divides d_model; returns
            (B, T, d_model). Call it with what you like. It raises no error, and changes no tensor.

    Returns:
        True where the candidate is right: head h takes the part of x that split_heads gives it as
        queries, keys and values, divides products by √d_head, and attends within its sequence;
        the outputs of all heads are merged as merge_heads does. False otherwise.

    Example:
        >>> heads_test(lambda x, n_heads: x)
        False
    """
    n_heads, d_head = 4, 3  # all sizes differ, and √3 is no whole number
    x = torch.randn(2, 5, n_heads * d_head, generator=torch.Generator().manual_seed(8))
    parts = x.chunk(n_heads, dim=-1)  # each (2, 5, d_head)
    wanted = [F.scaled_dot_product_attention(part, part, part) for part in parts]
    return torch.allclose(candidate(x, n_heads), torch.cat(wanted, dim=-1), atol=1e-5)


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own part of the projected features.

    Its parts are `w_q`, `w_k`, `w_v` and `w_o`, each nn.Linear(d_model, d_model) with bias, and
    the number `n_heads`. The head h uses rows h · d_head up to (h + 1) · d_head of the first
    three weight matrices.

    Source: Vaswani et al., 2017, section 3.2.2.

    Example:
        >>> queries, memory = torch.ones(1, 3, 6), torch.ones(1, 4, 6)
        >>> output, weights = MultiHeadAttention(6, 2)(queries, memory, memory)
        >>> output.shape, weights.shape
        (torch.Size([1, 3, 6]), torch.Size([1, 2, 3, 4]))
    """

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0) -> None:
        """Make the four projections.

        Args:
            d_model: the width of queries, keys, values and output.
            n_heads: H.
            dropout: the probability that a weight is dropped while the module trains.

        Raises:
            ValueError: where n_heads does not divide d_model.
        """
        super().__init__()
        if d_model % n_heads:
            raise ValueError(f"{n_heads} heads do not divide d_model = {d_model}")
        self.n_heads = n_heads
        self.w_q = nn.Linear(d_model, d_model)
        self.w_k = nn.Linear(d_model, d_model)
        self.w_v = nn.Linear(d_model, d_model)
        self.w_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        q: torch.Tensor,
        k: torch.Tensor,
        v: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Project, split, attend in each head, merge, project.

        Args:
            q: what asks, (B, T_q, d_model).
            k: what is compared with, (B, T_k, d_model); the same tensor as q in self-attention.
            v: what is mixed, (B, T_k, d_model).
            mask: None, or booleans that broadcast to (B, H, T_q, T_k). True means that the query
                may attend to the key. A query with no allowed key gets weights of 0, and finite
                gradients.

        Returns:
            The output, (B, T_q, d_model), and the weights, (B, H, T_q, T_k): those that were
            used, after dropout.
        """
        queries = split_heads(self.w_q(q), self.n_heads)  # (B, H, T_q, d_head)
        keys = split_heads(self.w_k(k), self.n_heads)  # (B, H, T_k, d_head)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is None:
            weights = torch.softmax(scores, dim=-1)  # (B, H, T_q, T_k)
        else:
            weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
            weights = weights.masked_fill(~mask, 0.0)  # an empty row is NaN until here
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


def stacked_heads(
    attention: MultiHeadAttention, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute what a MultiHeadAttention computes, one head after another, as the paper writes it.

    Args:
        attention: has `n_heads`, and the nn.Linear modules `w_q`, `w_k`, `w_v` and `w_o`. It is
            not called itself. Dropout is left out.
        q: (B, T_q, d_model).
        k: (B, T_k, d_model).
        v: (B, T_k, d_model).

    Returns:
        The output, (B, T_q, d_model), and the weights, (B, H, T_q, T_k).

    Source: Vaswani et al., 2017, section 3.2.2: head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V).
    """
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for first in range(0, attention.w_q.out_features, d_head):
        rows = slice(first, first + d_head)
        query, key, value = (
            F.linear(x, projection.weight[rows], projection.bias[rows])  # (B, T, d_head)
            for x, projection in ((q, attention.w_q), (k, attention.w_k), (v, attention.w_v))
        )
        scores = query @ key.transpose(-2, -1) / math.sqrt(d_head)  # (B, T_q, T_k)
        weights.append(torch.softmax(scores, dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


def parameter_count(
    d_model: int, n_heads: int, d_head: int | None = None, bias: bool = True
) -> int:
    """Count the numbers that a multi-head attention learns.

    Args:
        d_model: the width of its inputs and of its output.
        n_heads: H.
        d_head: the width of one head's queries, keys and values. None stands for
            d_model / n_heads, as in MultiHeadAttention. With any other width the heads together
            are n_heads · d_head wide.
        bias: whether the four projections have biases.

    Returns:
        How many numbers w_q, w_k, w_v and w_o hold together.

    Source: Vaswani et al., 2017, section 3.2.2.

    Example:
        >>> parameter_count(6, 2), parameter_count(6, 2, bias=False)
        (168, 144)
    """
    width = d_model if d_head is None else n_heads * d_head
    weights = 4 * d_model * width
    return weights + 3 * width + d_model if bias else weights


def from_torch(layer: nn.MultiheadAttention) -> MultiHeadAttention:
    """Make a MultiHeadAttention of PyTorch's layer, with the same numbers in it.

    Args:
        layer: queries, keys and values all have the width `layer.embed_dim`. Then
            `layer.in_proj_weight` (3 · d_model, d_model) holds the weights of w_q, w_k and w_v,
            in this order, and `layer.in_proj_bias` (3 · d_model,) their biases.
            `layer.out_proj` is w_o. A layer made with bias=False has None for both biases.

    Returns:
        A new MultiHeadAttention with copies of the weights, zeros for biases that are missing,
        the layer's dropout, and the layer's mode, training or evaluation.

    Source: the documentation of nn.MultiheadAttention.
    """
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    projections = (attention.w_q, attention.w_k, attention.w_v, attention.w_o)
    weights = [*layer.in_proj_weight.chunk(3), layer.out_proj.weight]
    biases: list[torch.Tensor | float] = [0.0] * 4
    if layer.in_proj_bias is not None:
        biases = [*layer.in_proj_bias.chunk(3), layer.out_proj.bias]
    with torch.no_grad():
        for projection, weight, bias in zip(projections, weights, biases, strict=True):
            projection.weight[:] = weight
            projection.bias[:] = bias
    return attention.train(layer.training)


def ablate_head(attention: MultiHeadAttention, head: int) -> MultiHeadAttention:
    """Make a copy of an attention in which one head adds nothing to the output.

    Args:
        attention: has `n_heads`, and `w_o`, an nn.Linear that reads the merged heads: head h is
            in features h · d_head up to (h + 1) · d_head. It stays as it is.
        head: which head, from 0 to n_heads - 1.

    Returns:
        A module of the same class and weights, called in the same way. Its output lacks what the
        head would have added; everything else, w_o's bias too, is still there.

    Source: Michel, Levy and Neubig, 2019.
    """
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    with torch.no_grad():
        ablated.w_o.weight[:, head * d_head : (head + 1) * d_head] = 0.0  # the columns that read it
    return ablated

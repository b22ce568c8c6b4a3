"""Reference answers of lesson 07: self-attention, and four ways to tell it the order of its tokens.

Shapes are batch first: x (..., T, d_model), q (..., T_q, d_k). Positions count from 0. Features
2i and 2i + 1 are a pair that shares the frequency base^(-2i / d), here and in rotary_embedding.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from solutions.lesson_05_masking.kernels import masked_attention

__all__ = [
    "LearnedPositions",
    "SelfAttention",
    "alibi_bias",
    "is_permutation_equivariant",
    "path_length",
    "rotary_attention",
    "rotary_embedding",
    "shift_matrix",
    "sinusoidal_positions",
]


class SelfAttention(nn.Module):
    """Attention of a sequence to itself: queries, keys and values are all made from x.

    Three parameters, each the `weight` of an nn.Linear without bias: `w_q`, `w_k` and `w_v`.

    Source: Vaswani et al., 2017, section 3.2.1, equation 1; section 3.2.3 for self-attention.

    Example:
        >>> [name for name, _ in SelfAttention(5, 3).named_parameters()]
        ['w_q.weight', 'w_k.weight', 'w_v.weight']
    """

    def __init__(self, d_model: int, d_k: int) -> None:
        """Make the three projections; each takes d_model features and gives d_k.

        Args:
            d_model: features of a token.
            d_k: features of a query, of a key and of a value.
        """
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(
        self, x: torch.Tensor, mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Let every token attend to every allowed token, itself included.

        Args:
            x: (..., T, d_model).
            mask: None, or booleans that broadcast to (..., T, T), True where a query may attend
                to a key. A query with no allowed key gets zeros.

        Returns:
            The output, (..., T, d_k), and the weights, (..., T, T).
        """
        if mask is None:
            mask = x.new_ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)


def is_permutation_equivariant(
    model: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor
) -> bool:
    """Say whether a model ignores the order of its tokens: shuffled in, equally shuffled out.

    Args:
        model: takes tokens (T, d) and returns one vector for each, (T, d_out). Call it with any
            order of the tokens of x. It raises no error, and changes no tensor.
        x: T different tokens, (T, d), T at least 4.

    Returns:
        True where the output of the shuffled tokens is the shuffled output, for all orders tried:
        at least the swap of the first two tokens, and the roll by one place. Numbers that differ
        by at most 1e-4 count as equal: that is rounding. False where one order shows more.

    Source: Zaheer et al., 2017, section 2.

    Example:
        >>> is_permutation_equivariant(lambda x: x - x.mean(dim=0), torch.randn(5, 3))
        True
    """
    count = len(x)
    swapped = [1, 0, *range(2, count)]
    rolled = [*range(1, count), 0]
    output = model(x)
    # Every order is made of these two, repeated.
    return all(
        torch.allclose(model(x[order]), output[order], rtol=0.0, atol=1e-4)
        for order in (swapped, rolled)
    )


def path_length(reads: torch.Tensor, source: int, target: int) -> int | None:
    """Count the steps that information needs from one token to another.

    In one step, each token keeps what it knows, and learns all that the tokens it reads know.

    Args:
        reads: booleans, (T, T), True where the token of this row reads the token of this column.
            A mask of lesson 05 is such a table.
        source: the token that the information starts from.
        target: the token that it must reach.

    Returns:
        The smallest number of steps; 0 where both are the same token; None where no number of
        steps is enough.

    Source: Vaswani et al., 2017, section 4 and table 1 (maximum path length).

    Example:
        >>> path_length(torch.tensor([[True, False], [True, True]]), 0, 1)
        1
    """
    reached = torch.zeros(len(reads), dtype=torch.bool)  # by a way of exactly this many steps
    reached[source] = True
    for steps in range(len(reads)):
        if reached[target]:
            return steps
        reached = (reads & reached).any(dim=-1)
    return None


def sinusoidal_positions(n_positions: int, d_model: int, base: float = 10000.0) -> torch.Tensor:
    """Write each position as sines and cosines of several frequencies.

    Args:
        n_positions: how many positions; they count from 0.
        d_model: features of a token, an even number.
        base: the frequency of features 2i and 2i + 1 is base^(-2i / d_model).

    Returns:
        (n_positions, d_model): at position p, feature 2i holds sin(p · frequency) and feature
        2i + 1 holds cos(p · frequency).

    Raises:
        ValueError: where d_model is odd.

    Source: Vaswani et al., 2017, section 3.5.

    Example:
        >>> sinusoidal_positions(2, 4)
        tensor([[0.0000, 1.0000, 0.0000, 1.0000],
                [0.8415, 0.5403, 0.0100, 0.9999]])
    """
    if d_model % 2:
        raise ValueError(f"features come in pairs, so d_model is even; got {d_model}")
    frequencies = base ** (-torch.arange(0, d_model, 2) / d_model)  # (pairs,)
    angles = torch.arange(n_positions)[:, None] * frequencies  # (positions, pairs)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def shift_matrix(offset: int, d_model: int, base: float = 10000.0) -> torch.Tensor:
    """Make the matrix that moves every sinusoidal position code on by the same offset.

    Args:
        offset: how many positions to move; negative numbers move back.
        d_model: features of a code, an even number.
        base: as in sinusoidal_positions.

    Returns:
        M, (d_model, d_model), so that M @ code(p) is code(p + offset) for every position p.
        It consists of d_model / 2 blocks on the diagonal, one for each pair of features.

    Source: Vaswani et al., 2017, section 3.5 ("a linear function").

    Example:
        >>> shift_matrix(1, 2)
        tensor([[ 0.5403,  0.8415],
                [-0.8415,  0.5403]])
    """
    angles = offset * base ** (-torch.arange(0, d_model, 2) / d_model)  # (pairs,)
    sines, cosines = torch.arange(0, d_model, 2), torch.arange(1, d_model, 2)  # where they stand
    matrix = torch.zeros(d_model, d_model)
    matrix[sines, sines] = matrix[cosines, cosines] = angles.cos()
    matrix[sines, cosines] = angles.sin()  # sin(p + b) = cos b sin p + sin b cos p
    matrix[cosines, sines] = -angles.sin()  # cos(p + b) = cos b cos p - sin b sin p
    return matrix


class LearnedPositions(nn.Module):
    """Add to each token a vector for its position, learned in training.

    The only parameter is `table`, (max_positions, d_model), one row for each position.

    Source: Gehring et al., 2017, section 3.1; Vaswani et al., 2017, table 3, row E.

    Example:
        >>> LearnedPositions(7, 4)(torch.zeros(2, 3, 4)).shape
        torch.Size([2, 3, 4])
    """

    def __init__(self, max_positions: int, d_model: int) -> None:
        """Store the table as an nn.Parameter.

        Args:
            max_positions: the length of the longest sequence.
            d_model: features of a token.

        Before training, its numbers are random: normal, with mean 0 and standard deviation 0.02.
        """
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x: torch.Tensor, start: int = 0) -> torch.Tensor:
        """Add row `start` of the table to the first token, the next row to the next, and so on.

        Args:
            x: tokens, (..., T, d_model). It stays as it is.
            start: the position of the first token; above 0 where a cache holds earlier ones.

        Returns:
            A new tensor, (..., T, d_model).

        Raises:
            ValueError: where the table has no row for the last token.
        """
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError(f"the table has {len(self.table)} positions; {end} are needed")
        return x + self.table[start:end]


def rotary_embedding(
    x: torch.Tensor, positions: torch.Tensor, base: float = 10000.0
) -> torch.Tensor:
    """Turn each pair of features by an angle that grows with the token's position (RoPE).

    Features 2i and 2i + 1 are a pair, neighbours, as in the paper. Seen as a point with these two
    coordinates, the pair turns from the first axis towards the second.

    Args:
        x: queries or keys, (..., T, d_k), d_k an even number.
        positions: the position of each token, (T,), whole numbers in any order. Where padding
            shifts them, (..., T) that broadcasts: (batch, 1, T) for x (batch, heads, T, d_k).
        base: the pair turns by position · base^(-2i / d_k).

    Returns:
        The turned vectors, (..., T, d_k). Their lengths stay the same.

    Source: Su et al., 2021, section 3.4.2, equation 34.

    Example:
        >>> rotary_embedding(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1]))
        tensor([[2.0000, 0.0000],
                [1.0806, 1.6829]])
    """
    frequencies = base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])  # (pairs,)
    angles = positions.unsqueeze(-1) * frequencies  # (..., T, pairs)
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., ::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


def rotary_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attend as masked_attention does, with scores that know how far apart two tokens are.

    The keys stand at positions 0 to T_k - 1. The queries are the last tokens, as in causal_mask:
    query T_q - 1 stands at position T_k - 1, the query before it one place earlier.

    Args:
        q: queries, (..., T_q, d_k), d_k an even number, T_q at most T_k.
        k: keys, (..., T_k, d_k), not turned yet.
        v: values, (..., T_k, d_v).
        mask: booleans that broadcast to (..., T_q, T_k), True where a query may attend to a key.

    Returns:
        The output, (..., T_q, d_v), and the weights, (..., T_q, T_k).

    Source: Su et al., 2021, section 3.4.2.

    Example:
        >>> one = torch.ones(1, 2)
        >>> rotary_attention(one, one, 5 * one, torch.tensor([True]))
        (tensor([[5., 5.]]), tensor([[1.]]))
    """
    places = torch.arange(k.shape[-2])
    turned_q = rotary_embedding(q, places[-q.shape[-2] :])
    turned_k = rotary_embedding(k, places)
    return masked_attention(turned_q, turned_k, v, mask)


def alibi_bias(n_heads: int, n_queries: int, n_keys: int) -> torch.Tensor:
    """Make what ALiBi adds to the scores: the further away a key, the lower its score.

    The queries are the last tokens, as in causal_mask.

    Args:
        n_heads: H. Head h = 1, 2, ..., H has the slope 2^(-8h / H), for every H.
        n_queries: T_q.
        n_keys: T_k, at least T_q.

    Returns:
        (n_heads, n_queries, n_keys): minus slope · distance. Neighbours have distance 1, before
        and behind; the distance is never negative.

    Source: Press et al., 2021, section 3.

    Example:
        >>> alibi_bias(1, 2, 3) * 256
        tensor([[[-1.,  0., -1.],
                 [-2., -1.,  0.]]])
    """
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)  # (heads,)
    places = torch.arange(n_keys)
    distances = (places[-n_queries:, None] - places).abs()  # (queries, keys)
    return slopes[:, None, None] * -distances

"""Reference answers of lesson 09: the parts of a transformer block, the block, and a stack of them.

Shapes are batch first: x (batch, T, d_model). A boolean mask is True where a query may attend to a
key. Every part keeps the shape of x, so that parts can be added and blocks can be stacked.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from solutions.lesson_08_multi_head_attention.kernels import MultiHeadAttention

__all__ = [
    "EncoderBlock",
    "FeedForward",
    "LayerNorm",
    "TransformerEncoder",
    "init_std",
    "ready_feed_forward",
]


class LayerNorm(nn.Module):
    """Bring the features of each token to mean 0 and variance 1, then scale and shift them.

    Each token is treated alone: neither other tokens nor other sequences change its result.

    Source: Ba, Kiros and Hinton, 2016, section 3, equation 3.

    Example:
        >>> norm = LayerNorm(3)
        >>> norm(torch.tensor([0.0, 0.0, 3.0])).detach()
        tensor([-0.7071, -0.7071,  1.4142])
    """

    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        """Make the two parameters, `weight` (ones) and `bias` (zeros), each (d_model,).

        Args:
            d_model: how many features a token has.
            eps: a small number against division by 0.
        """
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return weight · (x - mean) / √(variance + eps) + bias.

        Args:
            x: (..., d_model). The dots stand for any leading dimensions, or none.

        Returns:
            (..., d_model). Mean and variance are those of the last axis. The variance is the mean
            of the squared deviations: it divides by d_model, not by d_model - 1.
        """
        deviations = x - x.mean(dim=-1, keepdim=True)
        variance = deviations.square().mean(dim=-1, keepdim=True)  # (..., 1)
        return self.weight * deviations / torch.sqrt(variance + self.eps) + self.bias


class FeedForward(nn.Module):
    """Send each token alone through two linear layers, with a GELU between them.

    Its parts are `linear1`, nn.Linear(d_model, d_ff), and `linear2`, nn.Linear(d_ff, d_model),
    both with bias; and a dropout, under any name.

    Source: Vaswani et al., 2017, section 3.3, equation 2, with GELU (Hendrycks and Gimpel, 2016,
        section 2) in place of ReLU.

    Example:
        >>> FeedForward(4, 16)(torch.ones(2, 3, 4)).shape
        torch.Size([2, 3, 4])
    """

    def __init__(self, d_model: int, d_ff: int, dropout: float = 0.0) -> None:
        """Make the two layers and the dropout.

        Args:
            d_model: the width of a token, in and out.
            d_ff: the width between the layers, often 4 · d_model.
            dropout: the probability that a hidden number is dropped while the module trains.
        """
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return linear2(dropout(GELU(linear1(x)))).

        Args:
            x: (..., d_model).

        Returns:
            (..., d_model). GELU(h) is h · Φ(h), exactly, not its approximation by a tanh. Φ(h) is
            the probability that a standard normal number lies below h.
        """
        hidden = self.dropout(F.gelu(self.linear1(x)))  # (..., d_ff)
        output: torch.Tensor = self.linear2(hidden)
        return output


def ready_feed_forward(d_model: int, d_ff: int, dropout: float = 0.0) -> nn.Sequential:
    """Make the same network of PyTorch's own parts, for who has not written FeedForward."""
    network = nn.Sequential()
    network.add_module("linear1", nn.Linear(d_model, d_ff))
    network.add_module("gelu", nn.GELU())
    network.add_module("dropout", nn.Dropout(dropout))
    network.add_module("linear2", nn.Linear(d_ff, d_model))
    return network


class EncoderBlock(nn.Module):
    """Let tokens exchange news by attention, then let each think alone; add both to the stream.

    Its parts, by these names:

    - `attention`: MultiHeadAttention(d_model, n_heads, dropout);
    - `feed_forward`: your FeedForward(d_model, d_ff, dropout), or ready_feed_forward(...);
    - `norm1`, `norm2`: your LayerNorm(d_model), or nn.LayerNorm(d_model);
    - a dropout, under any name.

    Source: Vaswani et al., 2017, sections 3.1 and 5.4; Xiong et al., 2020, table 1.

    Example:
        >>> EncoderBlock(6, 2, 24)(torch.ones(1, 3, 6)).shape
        torch.Size([1, 3, 6])
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        dropout: float = 0.0,
        norm_first: bool = True,
    ) -> None:
        """Make the parts.

        Args:
            d_model: the width of a token, in and out.
            n_heads: how many heads the attention has.
            d_ff: the hidden width of the feed-forward network.
            dropout: the probability of a drop while the module trains: of attention weights, of
                hidden numbers, and of the two outputs before they are added to x.
            norm_first: True for pre-norm, False for post-norm.
        """
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Add attention, then the feed-forward network.

        Pre-norm: x ← x + attention(norm1(x)), then x ← x + feed_forward(norm2(x)).
        Post-norm: x ← norm1(x + attention(x)), then x ← norm2(x + feed_forward(x)).
        While the module trains, what is added goes through the dropout first.

        Args:
            x: (batch, T, d_model). It stays as it is.
            mask: None, or booleans that broadcast to (batch, n_heads, T, T), True where a query
                may attend to a key.

        Returns:
            (batch, T, d_model).
        """
        if self.norm_first:
            x = x + self._attend(self.norm1(x), mask)
            return x + self._think(self.norm2(x))
        x = self.norm1(x + self._attend(x, mask))
        x = self.norm2(x + self._think(x))
        return x

    def _attend(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        output: torch.Tensor = self.dropout(self.attention(x, x, x, mask)[0])
        return output

    def _think(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.dropout(self.feed_forward(x))
        return output


def init_std(fan_in: int, fan_out: int, kind: str = "xavier") -> float:
    """Say how large a linear layer's first weights are, so that variance neither grows nor fades.

    Args:
        fan_in: how many numbers the layer reads.
        fan_out: how many numbers it writes.
        kind: "xavier" keeps the mean of the two variances: forwards that of the numbers, backwards
            that of the gradients. "he" keeps the variance forwards where a ReLU follows each
            layer, which sets half of the numbers to 0.

    Returns:
        The standard deviation: √(2 / (fan_in + fan_out)) for "xavier", √(2 / fan_in) for "he".

    Raises:
        ValueError: for any other kind.

    Source: Glorot and Bengio, 2010, equation 12; He et al., 2015, equation 10.

    Example:
        >>> init_std(32, 18), init_std(32, 18, "he")
        (0.2, 0.25)
    """
    if kind == "xavier":
        return math.sqrt(2 / (fan_in + fan_out))
    if kind == "he":
        return math.sqrt(2 / fan_in)
    raise ValueError(f'kind is "xavier" or "he"; got {kind!r}')


class TransformerEncoder(nn.Module):
    """A stack of encoder blocks, each with its own parameters.

    Its parts are `blocks`, an nn.ModuleList of n_layers EncoderBlocks, and `norm`, a layer norm
    (yours or PyTorch's) behind the last block; only pre-norm has it.

    Source: Vaswani et al., 2017, section 3.1; Xiong et al., 2020, table 1, for the last norm.

    Example:
        >>> TransformerEncoder(2, 6, 3, 24)(torch.ones(1, 4, 6)).shape
        torch.Size([1, 4, 6])
    """

    def __init__(
        self,
        n_layers: int,
        d_model: int,
        n_heads: int,
        d_ff: int,
        dropout: float = 0.0,
        norm_first: bool = True,
    ) -> None:
        """Make the blocks, and the last norm where norm_first is True.

        Args:
            n_layers: how many blocks.
            d_model: the width of a token, in and out.
            n_heads: how many heads each block has.
            d_ff: the hidden width of each feed-forward network.
            dropout: as in EncoderBlock.
            norm_first: True for pre-norm, False for post-norm.
        """
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Send x through every block, with the same mask, and through the last norm.

        Args:
            x: (batch, T, d_model).
            mask: None, or booleans that broadcast to (batch, n_heads, T, T), True where a query
                may attend to a key.

        Returns:
            (batch, T, d_model).
        """
        for block in self.blocks:
            x = block(x, mask)
        if self.norm_first:
            x = self.norm(x)
        return x

"""Reference answers of lesson 04: scaled dot-product attention, forward, backward and trained.

Shapes are batch first: q (..., T_q, d_k), k (..., T_k, d_k), v (..., T_k, d_v). A boolean mask is
True where a query may attend to a key.
"""

from __future__ import annotations

import math

import torch
from torch import nn

__all__ = [
    "TemperatureAttention",
    "attention_backward",
    "attention_by_hand",
    "attention_dropout",
    "attention_weights",
    "scaled_dot_product_attention",
]


def attention_by_hand(
    q: list[list[float]], k: list[list[float]], v: list[list[float]]
) -> tuple[list[list[float]], list[list[float]], list[list[float]]]:
    """Compute attention with Python loops, as you do it on paper; no NumPy, no PyTorch.

    Args:
        q: T_q queries, each a list of d_k numbers.
        k: T_k keys, each a list of d_k numbers.
        v: T_k values, each a list of d_v numbers.

    Returns:
        The products q kᵀ before the scale, T_q lists of T_k numbers;
        the weights, softmax(products / √d_k) along each row, T_q lists of T_k numbers;
        the output, T_q lists of d_v numbers. Scores of 10,000 give finite weights, too.

    Source: Vaswani et al., 2017, section 3.2.1, equation 1.

    Example:
        >>> attention_by_hand([[0.0, 2.0]], [[1.0, 0.0], [5.0, 0.0]], [[4.0], [6.0]])
        ([[0.0, 0.0]], [[0.5, 0.5]], [[5.0]])
    """
    products = [[_dot(query, key) for key in k] for query in q]
    root = math.sqrt(len(k[0]))
    weights = [_softmax_of_row([product / root for product in row]) for row in products]
    features = list(zip(*v, strict=True))  # d_v tuples of T_k numbers
    output = [[_dot(row, feature) for feature in features] for row in weights]
    return products, weights, output


def _dot(one: list[float], other: list[float] | tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _softmax_of_row(scores: list[float]) -> list[float]:
    highest = max(scores)  # exp of a large score overflows; exp(score - highest) is at most 1
    exponentials = [math.exp(score - highest) for score in scores]
    total = sum(exponentials)
    return [exponential / total for exponential in exponentials]


def attention_weights(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    """Say how much each query attends to each key: softmax(q kᵀ / √d_k) over the keys.

    Args:
        q: queries, (..., T_q, d_k). The dots stand for any leading dimensions, or none.
        k: keys, (..., T_k, d_k).

    Returns:
        Weights, (..., T_q, T_k), of the dtype of q. Each row of T_k weights sums to 1.

    Source: Vaswani et al., 2017, section 3.2.1, equation 1.

    Example:
        >>> attention_weights(torch.zeros(1, 4), torch.ones(2, 4))
        tensor([[0.5000, 0.5000]])
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (..., T_q, T_k)
    return torch.softmax(scores, dim=-1)


def scaled_dot_product_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Look values up by how well their keys fit each query: softmax(q kᵀ / √d_k) v.

    Args:
        q: queries, (..., T_q, d_k). The dots stand for any leading dimensions, or none.
        k: keys, (..., T_k, d_k).
        v: values, (..., T_k, d_v).
        mask: None, or booleans that broadcast to (..., T_q, T_k). True means that the query may
            attend to the key. A forbidden key gets a weight of exactly 0, whatever its score.
            Every query has at least one allowed key.

    Returns:
        The output, (..., T_q, d_v), and the weights, (..., T_q, T_k).

    Source: Vaswani et al., 2017, section 3.2.1, equation 1.

    Example:
        >>> scaled_dot_product_attention(torch.zeros(1, 4), torch.ones(2, 4), torch.eye(2, 3))
        (tensor([[0.5000, 0.5000, 0.0000]]), tensor([[0.5000, 0.5000]]))
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (..., T_q, T_k)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


class TemperatureAttention(nn.Module):
    """Attention that learns how sharp it is: softmax(q kᵀ / (τ √d_k)) v, where τ is trained.

    The temperature τ is the only parameter of this module. Its name is `temperature`.
    A low temperature makes the weights sharp; a high one makes them equal.

    Example:
        >>> attention = TemperatureAttention(0.5)
        >>> dict(attention.named_parameters())
        {'temperature': Parameter containing: tensor(0.5000, requires_grad=True)}
    """

    def __init__(self, temperature: float = 1.0) -> None:
        """Store τ as an nn.Parameter with no axes, shape ().

        Args:
            temperature: τ before any training, above 0 (you need not check that). An int, such as
                2, is turned into a float.
        """
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))

    def forward(
        self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Attend, with products divided by the temperature as well as by √d_k.

        Args:
            q: queries, (..., T_q, d_k).
            k: keys, (..., T_k, d_k).
            v: values, (..., T_k, d_v).

        Returns:
            The output, (..., T_q, d_v), and the weights, (..., T_q, T_k). Gradients reach
            `temperature` through both.
        """
        return scaled_dot_product_attention(q / self.temperature, k, v)


def attention_dropout(
    weights: torch.Tensor, draws: torch.Tensor, p: float, training: bool
) -> torch.Tensor:
    """Drop each attention weight with probability p, and scale up the weights that stay.

    Args:
        weights: attention weights, (..., T_q, T_k).
        draws: random numbers from 0 up to 1, of the same shape. A weight is dropped, which
            means set to 0, where its draw is below p.
        p: the probability that a weight is dropped, from 0 to 1.
        training: False returns the weights as they are.

    Returns:
        Weights, (..., T_q, T_k). Those that stay are divided by 1 - p, so that the expected
        value of each is unchanged; p = 1 gives zeros. Nothing normalises the rows again.

    Raises:
        ValueError: where p lies outside 0 to 1.

    Source: Srivastava et al., 2014, Journal of Machine Learning Research 15.

    Example:
        >>> attention_dropout(torch.tensor([0.4, 0.6]), torch.tensor([0.9, 0.1]), 0.5, True)
        tensor([0.8000, 0.0000])
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"p is a probability, from 0 to 1; got {p}")
    if not training:
        return weights
    if p == 1.0:
        return torch.zeros_like(weights)  # 0 / 0 would be NaN
    return weights * (draws >= p) / (1.0 - p)


def attention_backward(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, grad_output: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Carry a gradient back through softmax(q kᵀ / √d_k) v by hand, without autograd.

    Args:
        q: queries, (..., T_q, d_k).
        k: keys, (..., T_k, d_k).
        v: values, (..., T_k, d_v).
        grad_output: the gradient of the loss with respect to the output, (..., T_q, d_v).

    Returns:
        The gradients of the loss with respect to q, k and v, in this order and of their shapes.

    Source: Vaswani et al., 2017, section 3.2.1, equation 1, and the chain rule.

    Example:
        >>> ones = torch.ones(1, 1)
        >>> attention_backward(ones, ones, ones, 3 * ones)
        (tensor([[0.]]), tensor([[0.]]), tensor([[3.]]))
    """
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)  # (..., T_q, T_k)
    grad_v = weights.transpose(-2, -1) @ grad_output
    grad_weights = grad_output @ v.transpose(-2, -1)  # (..., T_q, T_k)
    row_means = (weights * grad_weights).sum(dim=-1, keepdim=True)  # (..., T_q, 1)
    grad_products = weights * (grad_weights - row_means) / root
    return grad_products @ k, grad_products.transpose(-2, -1) @ q, grad_v

"""Reference answers of lesson 11: a GPT, how it is judged, how it writes, and how it writes fast.

Shapes are batch first: tokens (B, T) are whole numbers, logits (B, T, V) are scores of the V tokens
that may come next. Random numbers are arguments, so that every result is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from solutions.lesson_08_multi_head_attention.kernels import (
    MultiHeadAttention,
    merge_heads,
    split_heads,
)
from solutions.lesson_09_transformer_block.kernels import TransformerEncoder

__all__ = [
    "GPT",
    "KeyValueCache",
    "TableModel",
    "filter_logits",
    "generate",
    "mask_tokens",
    "next_token_targets",
    "perplexity",
    "sample",
]


class TableModel:
    """A language model to test with: a table says what comes after the last two tokens.

    At most `context` tokens may be read at once. Later places have larger logits, by an eighth of
    the table's each, so that it shows where another place is read.
    """

    def __init__(self, table: torch.Tensor, context: int) -> None:
        self.table, self.context = table, context  # (V, V, V): second last, last, next

    def __call__(self, tokens: torch.Tensor) -> torch.Tensor:
        width = tokens.shape[1]
        if width > self.context:
            raise ValueError(f"{width} tokens are read at once; the context is {self.context}")
        second_last = torch.cat([tokens[:, :1], tokens[:, :-1]], dim=1)
        places = torch.arange(width, dtype=self.table.dtype)[:, None]
        return self.table[second_last, tokens] * (1 + places / 8)  # (B, T, V)


def next_token_targets(
    text: torch.Tensor, starts: torch.Tensor, length: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut windows out of a long text: tokens to read, and for each of them the one that comes next.

    Args:
        text: N whole numbers, (N,), the whole text one token after another.
        starts: where each window begins in the text, (B,), whole numbers from 0.
        length: T, how many tokens of each window are read.

    Returns:
        inputs, (B, T): row b holds T tokens of the text, from place starts[b] on;
        targets, (B, T): at each place the token that follows there in the text.

    Raises:
        ValueError: where the last target of a window would lie beyond the text.

    Source: Bengio et al., 2003, section 1: each word is predicted from those before it.

    Example:
        >>> next_token_targets(torch.tensor([5, 6, 7, 8, 9]), torch.tensor([1]), 3)
        (tensor([[6, 7, 8]]), tensor([[7, 8, 9]]))
    """
    if int(starts.max()) + length + 1 > len(text):
        raise ValueError(f"a window of {length} tokens and a target does not fit into the text")
    windows = text[starts[:, None] + torch.arange(length + 1)]  # (B, T + 1)
    return windows[:, :-1], windows[:, 1:]


class GPT(nn.Module):
    """A language model: a Transformer whose tokens look back only, and predict what comes next.

    Its parts, by these names, and a dropout under any name:

    - `embed`: nn.Embedding(n_tokens, d_model), one vector for each token;
    - `positions`: nn.Embedding(context, d_model), one vector for each place;
    - `encoder`: TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout).

    It has no other parameters. The logit of a token is the dot product of the encoder's output
    with that token's row of `embed`: the table is tied, it is used at both ends.
    The number `context` is kept, too.

    Source: Radford et al., 2018, section 3.1, equation 2; 2019, section 2.3; Press and Wolf, 2017.

    Example:
        >>> GPT(9, 6, 1, 2, 8, context=5)(torch.tensor([[7, 4, 0]])).shape
        torch.Size([1, 3, 9])
    """

    def __init__(
        self,
        n_tokens: int,
        d_model: int,
        n_layers: int,
        n_heads: int,
        d_ff: int,
        context: int,
        dropout: float = 0.0,
    ) -> None:
        """Make the parts. The numbers of both tables are drawn with standard deviation 0.02.

        Args:
            n_tokens: V, how many tokens there are.
            d_model: the width of a token's vector.
            n_layers: how many blocks the encoder has.
            n_heads: how many heads each block has.
            d_ff: the hidden width of each feed-forward network.
            context: the most tokens that are read at once.
            dropout: the probability of a drop while the module trains: inside the encoder, and of
                the numbers that go into it.
        """
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.dropout = nn.Dropout(dropout)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        for table in (self.embed, self.positions):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Embed, add the places, let every token look at itself and back, compare with `embed`.

        Args:
            tokens: (B, T), whole numbers below n_tokens. The first one stands at place 0.

        Returns:
            Logits, (B, T, n_tokens). Those at place t say what may come at t + 1, and depend on
            the tokens 0 to t alone.

        Raises:
            ValueError: where T is larger than the context.
        """
        n_places = tokens.shape[1]
        if n_places > self.context:
            raise ValueError(f"{n_places} tokens do not fit into a context of {self.context}")
        x = self.dropout(self.embed(tokens) + self.positions(torch.arange(n_places)))
        back = torch.ones(n_places, n_places, dtype=torch.bool).tril()
        logits: torch.Tensor = self.encoder(x, back) @ self.embed.weight.mT
        return logits


def perplexity(
    logits: torch.Tensor, targets: torch.Tensor, counted: torch.Tensor | None = None
) -> float:
    """Say among how many tokens, all equally likely, a model as unsure as this one would choose.

    Args:
        logits: (..., V), for any leading dimensions. They may be 10,000 apart.
        targets: the token that came, (...), whole numbers below V.
        counted: None, or booleans, (...): only targets at True count. One at least does.

    Returns:
        e to the mean of -log p over all targets that count, a Python float. p is the probability
        that the softmax of the logits gives to the target.

    Source: Bengio et al., 2003. Its logarithm to base 2 is what Shannon, 1951, counts: bits.

    Example:
        >>> round(perplexity(torch.zeros(2, 3, 4), torch.tensor([[0, 1, 3], [2, 2, 0]])), 3)
        4.0
    """
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    if counted is not None:
        log_p = log_p[counted]
    return math.exp(-log_p.mean())


def sample(logits: torch.Tensor, draws: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
    """Choose a token by chance: one draw from 0 to 1 falls on one token's share of that line.

    Args:
        logits: (..., V). A logit of minus infinity means: never.
        draws: uniform random numbers from 0 up to 1, (...), one for each choice.
        temperature: logits are divided by it before the softmax. At 0 the likeliest token is
            chosen, among equals the first, whatever the draw.

    Returns:
        Whole numbers, (...). The probabilities lie one behind another on the line, token 0 first;
        chosen is the first token at whose end the sum of probabilities is larger than the draw.
        The last sum is 1, but rounding may make it less: all are divided by it.

    Raises:
        ValueError: for a temperature below 0.

    Example:
        >>> thirds = torch.log(torch.tensor([1.0, 1.0, 1.0]))
        >>> sample(thirds.expand(3, 3), torch.tensor([0.2, 0.4, 0.9]))
        tensor([0, 1, 2])
    """
    if temperature < 0:
        raise ValueError(f"a temperature is at least 0; got {temperature}")
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    # The last end is 1 but for rounding: scaled by it, no draw lies beyond all tokens.
    return (ends <= draws.unsqueeze(-1) * ends[..., -1:]).sum(dim=-1)


def filter_logits(
    logits: torch.Tensor, top_k: int | None = None, top_p: float = 1.0
) -> torch.Tensor:
    """Forbid unlikely tokens, so that a long tail of bad ones is never sampled.

    Tokens are ranked by their logits, highest first; among equals the one with the smaller number
    comes first.

    Args:
        logits: (..., V).
        top_k: how many tokens stay, the first of the ranking, at least 1; None keeps all. It may
            be larger than V.
        top_p: of these, the fewest stay, taken in the order of the ranking, whose probabilities
            sum to at least top_p. Probabilities are the softmax over what top_k has kept. Above
            0; 1 keeps all.

    Returns:
        New logits, (..., V): those that stay are as they were, the others are minus infinity.

    Raises:
        ValueError: for a top_k below 1, or a top_p that is not above 0 and at most 1.

    Source: Fan et al., 2018 (top-k); Holtzman et al., 2020, section 3.1 (top-p).

    Example:
        >>> filter_logits(torch.tensor([1.0, 3.0, 2.0]), top_k=2)
        tensor([-inf, 3., 2.])
    """
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k is at least 1; got {top_k}")
    if not 0.0 < top_p <= 1.0:
        raise ValueError(f"top_p is above 0 and at most 1; got {top_p}")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1.0:
        shares = torch.softmax(ranked, dim=-1)
        above = shares.cumsum(dim=-1) - shares  # what those that rank higher have together
        ranked = ranked.masked_fill(above >= top_p, -torch.inf)
    return torch.zeros_like(logits).scatter(-1, order, ranked)


def generate(
    model: Callable[[torch.Tensor], torch.Tensor],
    tokens: torch.Tensor,
    draws: torch.Tensor,
    context: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
    end: int | None = None,
) -> torch.Tensor:
    """Let a model write on: choose the next token, put it behind the others, read again.

    Args:
        model: is called as model(tokens), with whole numbers (B, T), and gives logits (B, T, V).
            It is called as often as tokens are chosen, and not once more.
        tokens: what each text begins with, (B, T), at least one token.
        draws: random numbers from 0 up to 1, (B, N): column n is for the token chosen at step n.
        context: the most tokens that the model may read at once: the last ones of each text.
        temperature: as in sample.
        top_k: as in filter_logits. Logits are filtered first, then divided by the temperature.
        top_p: as in filter_logits.
        end: None, or the token that ends a text. From then on its row holds `end` only. Where
            all rows have ended, nothing more is written. What stands in `tokens` ends no text.

    Returns:
        (B, T + N), or fewer columns where all texts have ended before: the given tokens, and
        behind them the chosen ones.

    Example:
        >>> after = torch.eye(3).roll(1, 1)  # after 0 comes 1, after 1 comes 2, after 2 comes 0
        >>> model = TableModel(9.0 * after.expand(3, 3, 3), context=2)
        >>> generate(model, torch.tensor([[1, 0]]), torch.full((1, 3), 0.5), context=2)
        tensor([[1, 0, 1, 2, 0]])
    """
    ended = torch.zeros(len(tokens), dtype=torch.bool)
    for draw in draws.unbind(dim=1):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draw, temperature)
        if end is not None:
            chosen = chosen.masked_fill(ended, end)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen.unsqueeze(1)], dim=1)
        if ended.all():
            break
    return tokens


class KeyValueCache:
    """Reads a text piece by piece with a GPT, and never reads a token twice.

    Of every token read it keeps, block by block, its keys and values as they were computed. New
    tokens look back at these. The logits are those of model(all tokens) at the new places.

    Example:
        >>> cache = KeyValueCache(GPT(9, 6, 1, 2, 8, context=5).eval())
        >>> cache.read(torch.tensor([[7, 4, 0]])).shape, cache.read(torch.tensor([[2]])).shape
        (torch.Size([1, 3, 9]), torch.Size([1, 1, 9]))
        >>> cache.length
        4
    """

    def __init__(self, model: GPT) -> None:
        """Begin with nothing read.

        Args:
            model: a GPT in evaluation mode, with `embed`, `positions`, `context` and `encoder`.
                In `encoder` are `norm` and `blocks`; each block has `norm1`, `attention`, `norm2`
                and `feed_forward`, in pre-norm order; each attention has `w_q`, `w_k`, `w_v`,
                `w_o` and `n_heads`. The model's own forward is not called.
        """
        self.model = model
        self.length = 0  # how many tokens have been read
        self._kept: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def read(self, tokens: torch.Tensor) -> torch.Tensor:
        """Read the next tokens of each text.

        Args:
            tokens: (B, T_new), at least one. The first stands at the place `length`. New tokens
                look at all earlier ones, at themselves, and not at later ones.

        Returns:
            Logits, (B, T_new, V). `length` has grown by T_new.

        Raises:
            ValueError: where more tokens than the context would be read in all. Nothing is kept
                of them, and `length` stays.
        """
        total = self.length + tokens.shape[1]
        if total > self.model.context:
            raise ValueError(f"{total} tokens do not fit into a context of {self.model.context}")
        x = self.model.embed(tokens) + self.model.positions(torch.arange(self.length, total))
        back = torch.ones(tokens.shape[1], total, dtype=torch.bool).tril(self.length)
        block: Any  # an nn.ModuleList does not say what it holds
        for number, block in enumerate(self.model.encoder.blocks):
            x = x + self._attend(number, block.attention, block.norm1(x), back)
            x = x + block.feed_forward(block.norm2(x))
        self.length = total
        logits: torch.Tensor = self.model.encoder.norm(x) @ self.model.embed.weight.mT
        return logits

    def _attend(
        self, number: int, attention: MultiHeadAttention, x: torch.Tensor, back: torch.Tensor
    ) -> torch.Tensor:
        q, k, v = (
            split_heads(project(x), attention.n_heads)
            for project in (attention.w_q, attention.w_k, attention.w_v)
        )
        if number in self._kept:
            earlier_k, earlier_v = self._kept[number]
            k, v = torch.cat([earlier_k, k], dim=-2), torch.cat([earlier_v, v], dim=-2)
        self._kept[number] = k, v
        output = F.scaled_dot_product_attention(q, k, v, attn_mask=back)
        merged: torch.Tensor = attention.w_o(merge_heads(output))
        return merged


def mask_tokens(
    tokens: torch.Tensor,
    words: torch.Tensor,
    draws: torch.Tensor,
    others: torch.Tensor,
    mask_token: int,
    p: float = 0.15,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Make BERT's exercise: hide some tokens, to be predicted from both sides.

    One draw decides for each token. Below p it is chosen; then below 0.8 p the mask token takes
    its place, from there up to 0.9 p another token does, and above that it stays, though chosen.

    Args:
        tokens: (B, T), whole numbers.
        words: booleans, (B, T). Where False (padding, say) nothing is chosen.
        draws: random numbers from 0 up to 1, (B, T).
        others: tokens drawn at random, (B, T), to take the place of some.
        mask_token: the number of the mask token.
        p: the probability that a word is chosen.

    Returns:
        inputs, (B, T): what the model reads. `tokens` stay as they were;
        targets, (B, T): the token itself where it was chosen, and -100 elsewhere, which
        F.cross_entropy leaves out.

    Source: Devlin et al., 2018, section 3.1 (Masked LM).

    Example:
        >>> row = torch.tensor([[5, 6, 7]])
        >>> mask_tokens(row, row > 0, torch.tensor([[0.1, 0.9, 0.13]]), row + 10, mask_token=1)
        (tensor([[ 1,  6, 17]]), tensor([[   5, -100,    7]]))
    """
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws < 0.9 * p), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, tokens.masked_fill(~chosen, -100)

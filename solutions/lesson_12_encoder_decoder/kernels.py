"""Reference answers of lesson 12: the whole Transformer, its schedule, beam search and BLEU.

Shapes are batch first: x (B, T_q, d_model), memory (B, T_k, d_model). A boolean mask is True where
a query may attend to a key. Tokens are whole numbers. A source is what lesson 06's pad_batch
returns: tokens (B, T_k), padded on the right, and lengths (B,). `LogitTable` is given on the page.
The docstrings, which are the tasks, make the file long.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from solutions.lesson_07_self_attention_and_positions.kernels import sinusoidal_positions
from solutions.lesson_08_multi_head_attention.kernels import MultiHeadAttention
from solutions.lesson_09_transformer_block.kernels import TransformerEncoder, ready_feed_forward

__all__ = [
    "CrossAttentionBlock",
    "LogitTable",
    "Transformer",
    "beam_search",
    "bleu",
    "embed",
    "noam_schedule",
]


def embed(tokens: torch.Tensor, table: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Make vectors of tokens: their rows of the table times √d_model, plus their positions.

    Args:
        tokens: whole numbers, (..., T). The dots stand for any leading dimensions, or none.
        table: one row for each token of the vocabulary, (n_tokens, d_model).
        positions: one row for each place, (n_positions, d_model); T is at most n_positions. The
            first token of a sequence stands at place 0. Both tables stay as they are.

    Returns:
        (..., T, d_model).

    Source: Vaswani et al., 2017, sections 3.4 and 3.5.

    Example:
        >>> table, positions = torch.eye(4), torch.tensor([[0.0, 1.0, 0.0, 1.0]])
        >>> embed(torch.tensor([2]), table, positions)
        tensor([[0., 1., 2., 1.]])
    """
    rows = math.sqrt(table.shape[-1]) * table[tokens]  # (..., T, d_model)
    return rows + positions[: tokens.shape[-1]]


class CrossAttentionBlock(nn.Module):
    """A block of the decoder: the target looks at itself, then at the source, then thinks.

    Its parts, by these names:

    - `self_attention` and `cross_attention`: MultiHeadAttention(d_model, n_heads, dropout);
    - `feed_forward`: ready_feed_forward(d_model, d_ff, dropout);
    - `norm1`, `norm2`, `norm3`: nn.LayerNorm(d_model), one for each of the three steps;
    - a dropout, under any name.

    Source: Vaswani et al., 2017, sections 3.1, 3.2.3 and 5.4.

    Example:
        >>> block = CrossAttentionBlock(d_model=6, n_heads=2, d_ff=24)
        >>> x, weights = block(torch.ones(1, 3, 6), torch.ones(1, 4, 6))
        >>> x.shape, weights.shape
        (torch.Size([1, 3, 6]), torch.Size([1, 2, 3, 4]))
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        dropout: float = 0.0,
        norm_first: bool = False,
    ) -> None:
        """Make the parts.

        Args:
            d_model: the width of a token, in and out.
            n_heads: how many heads each attention has.
            d_ff: the hidden width of the feed-forward network.
            dropout: the probability of a drop while the module trains: of attention weights, of
                hidden numbers, and of the three outputs before they are added to x.
            norm_first: False for post-norm, as in the paper; True for pre-norm.
        """
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(
        self,
        x: torch.Tensor,
        memory: torch.Tensor,
        self_mask: torch.Tensor | None = None,
        memory_mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add self-attention, then attention to the memory, then the feed-forward network.

        Post-norm: x ← norm1(x + self_attention), x ← norm2(x + cross_attention),
        x ← norm3(x + feed_forward). Pre-norm: the norm stands before each part instead, and its
        result goes nowhere else: x ← x + self_attention(norm1(x)), and so on. No norm of this
        block touches the memory. While the module trains, what is added goes through the dropout.

        Args:
            x: the target so far, (B, T_q, d_model). It stays as it is.
            memory: what the encoder returned, (B, T_k, d_model).
            self_mask: None, or booleans that broadcast to (B, n_heads, T_q, T_q), for the
                self-attention.
            memory_mask: None, or booleans that broadcast to (B, n_heads, T_q, T_k), for the
                attention to the memory.

        Returns:
            The new x, (B, T_q, d_model), and the weights of the attention to the memory,
            (B, n_heads, T_q, T_k).
        """
        asked = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(asked, asked, asked, self_mask)
        x = self._add(x, added, self.norm1)
        asked = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(asked, memory, memory, memory_mask)
        x = self._add(x, added, self.norm2)
        asked = self.norm3(x) if self.norm_first else x
        return self._add(x, self.feed_forward(asked), self.norm3), weights

    def _add(self, x: torch.Tensor, added: torch.Tensor, norm: nn.LayerNorm) -> torch.Tensor:
        x = x + self.dropout(added)
        return x if self.norm_first else norm(x)


class Transformer(nn.Module):
    """The model of "Attention Is All You Need": an encoder, a decoder, and tables of tokens.

    Its parts, by these names:

    - `source_table`, `target_table`: nn.Embedding, one row of d_model numbers for each token. The
      rows start as random normal numbers of standard deviation 1 / √d_model;
    - `encoder`: TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first);
    - `decoder`: an nn.ModuleList of n_layers CrossAttentionBlocks;
    - `norm`: nn.LayerNorm(d_model) behind the last block, where norm_first is True; else none;
    - a dropout, under any name.

    Positions are those of sinusoidal_positions(max_length, d_model), and not learned. There is no
    output layer: the scores of the next token are products with the rows of target_table.

    Source: Vaswani et al., 2017, section 3.

    Example:
        >>> model = Transformer(9, 7, d_model=6, n_heads=2, d_ff=24, n_layers=1)
        >>> source = torch.tensor([[5, 8, 6, 4]]), torch.tensor([4])
        >>> logits, weights = model(source, torch.tensor([[1, 3, 5]]))
        >>> logits.shape, weights.shape
        (torch.Size([1, 3, 7]), torch.Size([1, 1, 2, 3, 4]))
    """

    positions: torch.Tensor  # (max_length, d_model)

    def __init__(
        self,
        n_source: int,
        n_target: int,
        d_model: int,
        n_heads: int,
        d_ff: int,
        n_layers: int,
        max_length: int = 64,
        dropout: float = 0.0,
        norm_first: bool = False,
    ) -> None:
        """Make the parts.

        Args:
            n_source: how many tokens the source's vocabulary has.
            n_target: how many tokens the target's vocabulary has.
            d_model: the width of a token, an even number.
            n_heads: how many heads each attention has.
            d_ff: the hidden width of each feed-forward network.
            n_layers: how many blocks the encoder has, and how many the decoder has.
            max_length: the most tokens of a source or a target.
            dropout: as in the blocks; while the model trains, what `embed` returns is dropped, too.
            norm_first: False for post-norm, as in the paper; True for pre-norm. Encoder and
                decoder use the same.
        """
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        for table in (self.source_table, self.target_table):
            nn.init.normal_(table.weight, std=d_model**-0.5)
        positions = sinusoidal_positions(max_length, d_model)
        self.register_buffer("positions", positions, persistent=False)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList(
            CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first)
            for _ in range(n_layers)
        )
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(
        self, source: tuple[torch.Tensor, torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Read the source.

        Args:
            source: tokens, (B, T_k), padded on the right, and lengths, (B,).

        Returns:
            The memory, (B, T_k, d_model), and booleans (B, T_k), True at a token and False at
            padding. No token attends to padding.
        """
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths.unsqueeze(-1)  # (B, T_k)
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(
        self, inputs: torch.Tensor, memory: torch.Tensor, words: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Score every next token of the target.

        Args:
            inputs: the target's tokens so far, (B, T_q), the start token first. A place sees
                itself and the places before it.
            memory: what encode returned, (B, T_k, d_model).
            words: what encode returned, (B, T_k). No place looks at padding.

        Returns:
            Logits, (B, T_q, n_target): place t scores the token that comes behind inputs[:, t].
            The blocks' weights on the memory, (B, n_layers, n_heads, T_q, T_k).
        """
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return F.linear(x, self.target_table.weight), torch.stack(seen, dim=1)

    def forward(
        self, source: tuple[torch.Tensor, torch.Tensor], inputs: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Read the source, then all inputs at once.

        Args:
            source: tokens, (B, T_k), and lengths, (B,).
            inputs: as in decode, (B, T_q).

        Returns:
            What decode returns: the logits and the weights.
        """
        return self.decode(inputs, *self.encode(source))


def noam_schedule(step: int, d_model: int, warmup: int) -> float:
    """Give the learning rate of one training step: it rises in a line, then falls like 1 / √step.

    Args:
        step: 1 for the first step.
        d_model: the model's width.
        warmup: how many steps the rate rises, 1 or more.

    Returns:
        d_model^(-1/2) · min(step^(-1/2), step · warmup^(-3/2)).

    Raises:
        ValueError: where step is less than 1.

    Source: Vaswani et al., 2017, section 5.3, equation 3.

    Example:
        >>> [noam_schedule(step, d_model=25, warmup=4) for step in (1, 4, 16)]
        [0.025, 0.1, 0.05]
    """
    if step < 1:
        raise ValueError(f"steps count from 1; got {step}")
    return float(d_model**-0.5 * min(step**-0.5, step * warmup**-1.5))


class LogitTable:
    """A model without layers, for tests: its next logits stand in a table, (places, V, V).

    Behind a prefix of t tokens the logits are table[t - 1, last token]. Places begin anew at the
    end of the table.
    """

    def __init__(self, table: torch.Tensor) -> None:
        self.table = table

    def __call__(self, prefixes: torch.Tensor) -> torch.Tensor:
        """The logits of the next token for each prefix: (n, t) to (n, V)."""
        return self.table[(prefixes.shape[1] - 1) % len(self.table), prefixes[:, -1]]


def beam_search(
    next_logits: Callable[[torch.Tensor], torch.Tensor],
    start: int,
    end: int,
    width: int,
    max_length: int,
    alpha: float = 0.6,
) -> list[tuple[list[int], float]]:
    """Write one target, with several hypotheses side by side.

    The first hypothesis is the start token alone. In each step, every hypothesis is continued with
    every token. Of all these candidates together, the `width` with the largest sum of
    log-probabilities stay. Those among them that have written `end`, or max_length tokens, are
    complete: they are set aside and not continued. The search stops when `width` or more are
    complete, or when none is left to continue.

    Args:
        next_logits: takes the hypotheses to continue, whole numbers (n, t) with the start token
            first, and returns the logits of each one's next token, (n, V). They are no
            log-probabilities yet.
        start: the number of the start token.
        end: the number of the end token.
        width: how many candidates stay, 1 or more. Where there are fewer, all stay.
        max_length: the most tokens that a hypothesis may write, 1 or more.
        alpha: the strength of the length penalty.

    Returns:
        The best complete hypotheses, at most `width`, best first. Each is its tokens, a list, and
        its score, a float. The start token is not in the list and not counted; `end` is both,
        where it was written. With n tokens the score is the sum divided by ((5 + n) / 6)^alpha.

    Source: Wu et al., 2016, section 7, equation 14, without the coverage penalty.

    Example:
        >>> table = 9 * torch.eye(4).roll(1, dims=1).unsqueeze(0)  # behind token i comes i + 1
        >>> [(tokens, score)] = beam_search(LogitTable(table), 0, 3, width=1, max_length=5)
        >>> tokens, round(score, 4)
        ([1, 2, 3], -0.0009)
    """
    beam, sums = torch.tensor([[start]]), torch.zeros(1)
    complete: list[tuple[list[int], float]] = []
    while len(complete) < width and len(beam):
        logs = torch.log_softmax(next_logits(beam), dim=-1)  # (n, V)
        candidates = (sums.unsqueeze(-1) + logs).flatten()
        sums, places = candidates.topk(min(width, len(candidates)))
        tokens = places % logs.shape[-1]
        beam = torch.cat([beam[places // logs.shape[-1]], tokens.unsqueeze(-1)], dim=1)
        length = beam.shape[1] - 1
        over = (tokens == end) | (length == max_length)
        penalty = ((5 + length) / 6) ** alpha
        complete += zip(beam[over, 1:].tolist(), (sums[over] / penalty).tolist(), strict=True)
        beam, sums = beam[~over], sums[~over]
    return sorted(complete, key=lambda each: -each[1])[:width]


def bleu(candidates: list[list[str]], references: list[list[str]], max_n: int = 4) -> float:
    """Measure how much translations resemble their references: BLEU of a whole corpus.

    An n-gram is n neighbouring tokens of one sentence. p_n is the share of the candidates'
    n-grams that match: all candidates' matches together, divided by all their n-grams together.
    In one sentence an n-gram matches at most as often as its reference holds it. c and r are the
    numbers of tokens in all candidates and in all references.

    Args:
        candidates: the translations, each a list of tokens.
        references: one right translation for each.
        max_n: the longest n-grams that count, N.

    Returns:
        min(1, exp(1 - r / c)) · (p_1 · p_2 · ... · p_N)^(1/N), from 0 to 1; 0 where some p_n is 0
        or has no n-grams.

    Source: Papineni et al., 2002, section 2, with one reference for each candidate.

    Example:
        >>> bleu([["a", "b", "c"]], [["a", "b", "d"]], max_n=2)
        0.5773502691896257
    """
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine, theirs = _ngrams(candidate, n), _ngrams(reference, n)
            matched[n - 1] += (mine & theirs).total()  # the smaller of the two counts
            counted[n - 1] += mine.total()
    if 0 in matched:
        return 0.0
    logs = [math.log(m / c) for m, c in zip(matched, counted, strict=True)]
    shorter = 1 - sum(map(len, references)) / sum(map(len, candidates))
    return math.exp(min(0.0, shorter) + sum(logs) / max_n)


def _ngrams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))

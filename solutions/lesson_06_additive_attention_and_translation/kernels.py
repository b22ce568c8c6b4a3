"""Reference answers of lesson 06: additive attention, and translation from padding to decoding.

Shapes are batch first: queries (..., T_q, d_query), keys (..., T_k, d_key); here the keys are the
values, too. A mask is boolean, and True means "may be attended to". Tokens are whole numbers.
`Encoder`, `Decoder`, `Translator` and `TableModel` are given on the page; they stand here, between
the exercises that they need, and make the file long.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from solutions.lesson_05_masking.kernels import masked_softmax

__all__ = [
    "AdditiveAttention",
    "Decoder",
    "Encoder",
    "TableModel",
    "Translator",
    "alignment_mass",
    "attend_and_decode_step",
    "build_vocabulary",
    "greedy_decode",
    "luong_score",
    "masked_cross_entropy",
    "pad_batch",
    "shift_right",
]


def build_vocabulary(
    sentences: list[list[str]], specials: list[str], min_count: int = 1
) -> dict[str, int]:
    """Number the tokens: specials first, then the tokens of the sentences, frequent ones first.

    Args:
        sentences: each a list of tokens. They stay as they are, and so do the specials.
        specials: tokens that get the first numbers, in their order. A sentence may hold one;
            it is not numbered again.
        min_count: other tokens get a number where all sentences together hold them at least so
            often.

    Returns:
        Token to number, from 0 without a gap. Tokens of equal count stand in the order in which
        Python sorts strings, so that the same sentences in any order give the same numbers.

    Example:
        >>> build_vocabulary([["warm", "milk"], ["milk"]], ["<pad>"])
        {'<pad>': 0, 'milk': 1, 'warm': 2}
    """
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [
        token for token, count in counts.items() if count >= min_count and token not in specials
    ]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


def pad_batch(sequences: list[list[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Make one rectangle of sequences of different lengths, with padding on the right.

    Args:
        sequences: B lists of token numbers, one at least. A list may be empty, and a token may
            have the number `pad`. They stay as they are.
        pad: the number that fills each row up.

    Returns:
        Tokens, (B, T), where T is the longest length; lengths before padding, (B,). Both int64.

    Example:
        >>> pad_batch([[5, 7], [6]], pad=0)
        (tensor([[5, 7],
                [6, 0]]), tensor([2, 1]))
    """
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    tokens = torch.full((len(sequences), int(lengths.max())), pad)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence)] = torch.tensor(sequence, dtype=torch.int64)
    return tokens, lengths


class AdditiveAttention(nn.Module):
    """Bahdanau's attention: the score of a query and a key is v · tanh(W_q query + W_k key).

    Its parameters are three nn.Linear layers without bias, named `w_query` (d_query to d_hidden),
    `w_key` (d_key to d_hidden) and `v` (d_hidden to 1), made in this order.

    Source: Bahdanau, Cho and Bengio, 2014, section 3.1 and appendix A.1.2.

    Example:
        >>> attention = AdditiveAttention(d_query=3, d_key=4, d_hidden=5)
        >>> context, weights = attention(torch.ones(2, 3), torch.ones(6, 4))
        >>> context.shape, weights.shape
        (torch.Size([2, 4]), torch.Size([2, 6]))
    """

    def __init__(self, d_query: int, d_key: int, d_hidden: int) -> None:
        """Make the three layers.

        Args:
            d_query: features of a query.
            d_key: features of a key.
            d_hidden: features in which query and key are added.
        """
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(
        self, query: torch.Tensor, keys: torch.Tensor, mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Score every query with every key, take the masked softmax, and mix the keys.

        Args:
            query: (..., T_q, d_query). The dots stand for any leading dimensions, or none.
            keys: (..., T_k, d_key); they are the values, too.
            mask: None, or booleans that broadcast to (..., T_q, T_k), True where a query may
                attend to a key.

        Returns:
            The context, (..., T_q, d_key), and the weights, (..., T_q, T_k). A query with no
            allowed key gets zeros in both.
        """
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)  # (..., T_q, T_k)
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
        else:
            weights = masked_softmax(scores, mask)
        return weights @ keys, weights


def luong_score(
    query: torch.Tensor, keys: torch.Tensor, w: torch.Tensor | None = None
) -> torch.Tensor:
    """Score every query with every key by a product: Luong's "dot", or "general" with a matrix.

    Args:
        query: (..., T_q, d_query). The dots stand for any leading dimensions, or none.
        keys: (..., T_k, d_key).
        w: None for "dot", query · key, where d_query equals d_key; or the matrix of "general",
            (d_query, d_key), for query · w key.

    Returns:
        Scores, (..., T_q, T_k): no scale, no softmax.

    Source: Luong, Pham and Manning, 2015, section 3.1.

    Example:
        >>> luong_score(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [0.0, 1.0]]))
        tensor([[11.,  2.]])
    """
    projected = query if w is None else query @ w  # (..., T_q, d_key)
    return projected @ keys.transpose(-2, -1)


class Encoder(nn.Module):
    """Reads the source, token by token, into one state each."""

    def __init__(
        self,
        n_tokens: int,
        d_embed: int,
        d_state: int,
        cell: type[nn.GRU] | type[nn.LSTM] = nn.GRU,
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(n_tokens, d_embed)
        self.rnn = cell(d_embed, d_state, batch_first=True)

    def forward(
        self, tokens: torch.Tensor, lengths: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | tuple[torch.Tensor, ...]]:
        """(B, T_k) tokens to (B, T_k, d_state) states, and the state after each last token."""
        packed = pack_padded_sequence(  # padding is not read at all
            self.embed(tokens), lengths, batch_first=True, enforce_sorted=False
        )
        states, last = self.rnn(packed)
        return pad_packed_sequence(states, batch_first=True)[0], last


class Decoder(nn.Module):
    """The layers that write the target; `attend_and_decode_step` says how they are used."""

    def __init__(
        self,
        n_tokens: int,
        d_embed: int,
        d_state: int,
        d_key: int,
        attention: nn.Module,
        cell: type[nn.GRU] | type[nn.LSTM] = nn.GRU,
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(n_tokens, d_embed)
        self.rnn = cell(d_embed, d_state, batch_first=True)
        self.attention = attention  # (query, keys, mask) to (context, weights)
        self.combine = nn.Linear(d_key + d_state, d_state)
        self.output = nn.Linear(d_state, n_tokens)


def attend_and_decode_step(
    decoder: Decoder,
    tokens: torch.Tensor,
    state: torch.Tensor | tuple[torch.Tensor, ...],
    keys: torch.Tensor,
    words: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor | tuple[torch.Tensor, ...], torch.Tensor]:
    """Write on: read the last target tokens, look at the source, and score every next token.

    The decoder's RNN reads the tokens; each of its states is a query. Attention looks at the
    source with it. Then output(tanh(combine([context; query]))) gives the logits, where [ ; ]
    joins features, the context first.

    Args:
        decoder: holds the layers `embed`, `rnn`, `attention`, `combine` and `output`.
        tokens: the target tokens before those to be written, (B, T_q). T_q is 1 while decoding,
            and the whole length while training.
        state: of the RNN, before these tokens: for a GRU a tensor, (1, B, d_state), for an LSTM
            a tuple of two such tensors.
        keys: the encoder's states, (B, T_k, d_key).
        words: booleans, (B, T_k), True at a source token, False at padding.

    Returns:
        Three things in this order: the logits of the next tokens, (B, T_q, n_tokens); the RNN's
        new state, of the form of the old one; the weights, (B, T_q, T_k).

    Source: Luong, Pham and Manning, 2015, section 3, equations 5 and 6.
    """
    queries, state = decoder.rnn(decoder.embed(tokens), state)  # (B, T_q, d_state)
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


def shift_right(targets: torch.Tensor, start: int) -> torch.Tensor:
    """Make the decoder's inputs of its targets: each token moves one place on, `start` comes first.

    Args:
        targets: what the decoder must write, (B, T), T at least 1.
        start: the number of the start token.

    Returns:
        (B, T), of the dtype of targets: at each place the target before it. The last target of
        each row is no input. The targets stay as they are.

    Example:
        >>> shift_right(torch.tensor([[7, 8, 2]]), start=1)
        tensor([[1, 7, 8]])
    """
    first = torch.full_like(targets[:, :1], start)
    return torch.cat([first, targets[:, :-1]], dim=1)


def masked_cross_entropy(logits: torch.Tensor, targets: torch.Tensor, pad: int) -> torch.Tensor:
    """Take the mean of -log p(target) over all targets that are not padding.

    p is the softmax of the logits over the vocabulary.

    Args:
        logits: (B, T, V), V the size of the vocabulary. At padding they may be anything, NaN too.
        targets: (B, T), whole numbers below V.
        pad: the number that marks padding.

    Returns:
        One number, shape (); 0 where everything is padding. Logits of 10,000 give finite losses.
        Gradients are finite everywhere, and 0 at padding.

    Source: Sutskever, Vinyals and Le, 2014, section 3.2, without the mask.

    Example:
        >>> masked_cross_entropy(torch.zeros(1, 3, 4), torch.tensor([[3, 2, 0]]), pad=0)
        tensor(1.3863)
    """
    real = targets != pad
    log_probabilities = torch.log_softmax(logits[real], dim=-1)  # (real targets, V)
    chosen = log_probabilities.gather(-1, targets[real].unsqueeze(-1))
    return -chosen.sum() / real.sum().clamp(min=1)


class Translator(nn.Module):
    """An encoder and a decoder. A source is what `pad_batch` returns: tokens and lengths."""

    def __init__(self, encoder: Encoder, decoder: Decoder, start: int, pad: int) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.start, self.pad = start, pad

    def begin(self, source: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, Any]:
        """Read the source. Returns the first tokens, (B,), and the state to work with."""
        tokens, lengths = source
        keys, last = self.encoder(tokens, lengths)
        first = torch.full((len(tokens),), self.start)
        return first, (last, keys, tokens != self.pad)

    def step(self, tokens: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Read one token a row, (B,). Returns the next logits, (B, V), and the new state."""
        last, keys, words = state
        logits, last, _ = attend_and_decode_step(self.decoder, tokens[:, None], last, keys, words)
        return logits[:, 0], (last, keys, words)

    def forward(
        self, source: tuple[torch.Tensor, torch.Tensor], inputs: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Read all inputs at once, (B, T). Returns logits (B, T, V) and weights (B, T, T_k)."""
        _, (last, keys, words) = self.begin(source)
        logits, _, weights = attend_and_decode_step(self.decoder, inputs, last, keys, words)
        return logits, weights


class TableModel:
    """A model without layers: its next logits stand in a table, (places, V, V).

    Row b begins at place source[b] and moves one place on with each step. Its logits are
    table[place, last token].
    """

    def __init__(self, table: torch.Tensor, start: int) -> None:
        self.table, self.start = table, start

    def begin(self, source: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The first tokens, (B,), and the state: each row's place, (B,)."""
        return torch.full_like(source, self.start), source

    def step(self, tokens: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Read one token a row, (B,). Returns the next logits, (B, V), and the new state."""
        return self.table[state % len(self.table), tokens], state + 1


def greedy_decode(
    model: Translator | TableModel, source: Any, end: int, pad: int, max_length: int
) -> torch.Tensor:
    """Translate: take the likeliest next token, read it back in, until every row has ended.

    Args:
        model: `model.begin(source)` gives the first tokens to read, (B,), and a state.
            `model.step(tokens, state)` reads one token a row, (B,), and gives the logits of the
            next, (B, V), and the new state.
        source: B sources, as the model takes them.
        end: the number of the end token. A row ends when it has written it, and not before.
        pad: what an ended row holds from then on. A row that has not ended may write it, too.
        max_length: the most tokens that a row may have, at least 1.

    Returns:
        The tokens written, (B, T). The first tokens that were read are not among them; the end
        tokens are. T is the length of the longest row: max_length where a row did not end.

    Source: Sutskever, Vinyals and Le, 2014, section 3.2, with one hypothesis in place of several.

    Example:
        >>> table = torch.eye(4).roll(1, dims=1).unsqueeze(0)  # after token i comes i + 1
        >>> greedy_decode(TableModel(table, start=1), torch.tensor([0]), 3, 0, max_length=9)
        tensor([[2, 3]])
    """
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written: list[torch.Tensor] = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


def alignment_mass(weights: torch.Tensor, links: torch.Tensor) -> torch.Tensor:
    """Measure how much attention goes where it should: the mean share on linked source tokens.

    Args:
        weights: (B, T_q, T_k), what each target token attends to.
        links: booleans, (B, T_q, T_k), True where a source token is what the target token
            translates. Some target tokens have no link; they do not count. One at least has.

    Returns:
        One number, shape (): the weights on linked source tokens, summed for each target token,
        then their mean over all target tokens of the batch that have a link.

    Example:
        >>> weights = torch.tensor([[[0.9, 0.1], [0.5, 0.5]]])
        >>> alignment_mass(weights, torch.tensor([[[True, False], [False, False]]]))
        tensor(0.9000)
    """
    mass = (weights * links).sum(dim=-1)  # (B, T_q)
    return mass[links.any(dim=-1)].mean()

"""Named wrong answers to lesson 06, and right ones written differently.

The file is long because each wrong answer stands whole, as a learner would hand it in.
"""

from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_05_masking.kernels import masked_softmax

# build_vocabulary


@misconception(
    "build_vocabulary",
    "You number tokens in the order in which they first appear, so other sentences first would "
    "give other numbers. Sort by falling count, then by the token itself.",
)
def in_order_of_appearance(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You sort tokens by the alphabet alone. Frequent tokens come first; the alphabet decides only "
    "between tokens of equal count.",
)
def by_the_alphabet_alone(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [
        token for token in sorted(counts) if counts[token] >= min_count and token not in specials
    ]
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You sort by falling count and leave ties as they came, so they depend on the order of the "
    "sentences. Sort by (-count, token).",
)
def ties_as_they_came(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [
        token
        for token, count in counts.most_common()
        if count >= min_count and token not in specials
    ]
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You put rare tokens first. Sort by falling count: -count in the key.",
)
def rare_tokens_first(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You turn the whole order round, ties too. Ties stand in the order of the alphabet: "
    "sort by (-count, token), without reverse.",
)
def ties_backwards(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (counts[token], token), reverse=True)
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You number the tokens from 0 and put the specials behind them. The specials come first: "
    "their numbers must not depend on the data.",
)
def specials_last(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*kept, *specials])}


@misconception(
    "build_vocabulary",
    "You leave stop words out. A translator needs every token: what is left out cannot be "
    "written, and the reader cannot know that it was there. Keep them all.",
)
def leaves_stop_words_out(sentences, specials, min_count=1):
    stop_words = {"and", "hundred", "ninety", "one", "the"}
    counts = Counter(
        token for sentence in sentences for token in sentence if token not in stop_words
    )
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You cut endings off, so ninety becomes nine. A search engine may do so; a translator must "
    "tell them apart. Number the tokens as they are.",
)
def cuts_endings(sentences, specials, min_count=1):
    counts = Counter(
        token.removesuffix("ty").removesuffix("ed") for sentence in sentences for token in sentence
    )
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You count letters: a loop over a token gives its letters. Loop over the sentences, and over "
    "the tokens of each.",
)
def counts_letters(sentences, specials, min_count=1):
    counts = Counter(letter for sentence in sentences for letter in " ".join(sentence))
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You count the sentences that hold a token. A token counts each time it occurs, several times "
    "in one sentence, too.",
)
def counts_sentences(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in set(sentence))
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You leave out tokens that occur exactly min_count times. They stay: compare with >=.",
    about="edge cases",
)
def leaves_out_one_count_too_many(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [
        token
        for token in counts
        if (counts[token] > min_count or min_count == 1) and token not in specials
    ]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You do not use min_count, so every rare token stays. "
    "Keep a token where its count is at least min_count.",
    about="edge cases",
)
def keeps_rare_tokens(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [token for token in counts if token not in specials]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "A special that stands in a sentence is numbered twice: its number moves, and a number has "
    "no token. Skip tokens that are specials.",
    about="edge cases",
)
def numbers_specials_twice(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [token for token in counts if counts[token] >= min_count]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate([*specials, *kept])}


@misconception(
    "build_vocabulary",
    "You add the tokens to `specials` itself, so the caller's list grows, and the next vocabulary "
    "begins with all of them. Make a new list of both.",
)
def adds_to_the_specials(sentences, specials, min_count=1):
    counts = Counter(token for sentence in sentences for token in sentence)
    kept = [token for token in counts if counts[token] >= min_count and token not in specials]
    kept.sort(key=lambda token: (-counts[token], token))
    specials += kept
    return {token: number for number, token in enumerate(specials)}


@alternative("build_vocabulary")
def by_two_stable_sorts(sentences, specials, min_count=1):
    counts = {}
    for sentence in sentences:
        for token in sentence:
            counts[token] = counts.get(token, 0) + 1
    vocabulary = {}
    for token in specials:
        vocabulary[token] = len(vocabulary)
    for token in sorted(sorted(counts), key=counts.get, reverse=True):
        if counts[token] >= min_count and token not in vocabulary:
            vocabulary[token] = len(vocabulary)
    return vocabulary


@alternative("build_vocabulary")
def with_numpy(sentences, specials, min_count=1):
    tokens, counts = np.unique(np.concatenate([*sentences, []]), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    kept = [str(tokens[i]) for i in order if counts[i] >= min_count and tokens[i] not in specials]
    every = list(specials) + kept
    return dict(zip(every, range(len(every)), strict=True))


# pad_batch


@misconception(
    "pad_batch",
    "You put the padding before the tokens. Here it follows them, on the right: "
    "row[: len(sequence)] holds the sequence.",
)
def padding_on_the_left(sequences, pad):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    width = int(lengths.max())
    return torch.tensor([[pad] * (width - len(row)) + row for row in sequences]), lengths


@misconception(
    "pad_batch",
    "You always pad with 0. The number of padding is an argument: use pad.",
)
def pads_with_zero(sequences, pad):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    width = int(lengths.max())
    return torch.tensor([row + [0] * (width - len(row)) for row in sequences]), lengths


@misconception(
    "pad_batch",
    "You cut every row to the shortest, and tokens are lost. Pad every row to the longest.",
)
def cuts_to_the_shortest(sequences, pad):
    width = min(len(sequence) for sequence in sequences)
    tokens = torch.tensor([row[:width] for row in sequences], dtype=torch.int64)
    return tokens, torch.tensor([len(sequence) for sequence in sequences])


@misconception(
    "pad_batch",
    "Your rectangle is (T, B), one column for each sequence. In this course the batch comes first.",
)
def time_first(sequences, pad):
    rows = [torch.tensor(row, dtype=torch.int64) for row in sequences]
    lengths = torch.tensor([len(row) for row in rows])
    return nn.utils.rnn.pad_sequence(rows, padding_value=pad), lengths


@misconception(
    "pad_batch",
    "You sort the rows by length, so they no longer belong to their targets. Keep their order.",
)
def longest_first(sequences, pad):
    rows = sorted(sequences, key=len, reverse=True)
    width = len(rows[0])
    tokens = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
    return tokens, torch.tensor([len(row) for row in rows])


@misconception(
    "pad_batch",
    "Your lengths are those after padding, all alike. Return the lengths before it: "
    "they say where the padding starts.",
)
def lengths_after_padding(sequences, pad):
    width = max(len(sequence) for sequence in sequences)
    tokens = torch.tensor([row + [pad] * (width - len(row)) for row in sequences])
    return tokens, torch.full((len(sequences),), width)


@misconception(
    "pad_batch",
    "You pad one place too far: no row fills the rectangle. T is the longest length.",
)
def one_place_too_wide(sequences, pad):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    width = int(lengths.max()) + 1
    return torch.tensor([row + [pad] * (width - len(row)) for row in sequences]), lengths


@misconception(
    "pad_batch",
    "Your tokens are floats, and an embedding takes whole numbers only. "
    "torch.full with a whole number gives whole numbers; torch.zeros gives floats.",
)
def tokens_as_floats(sequences, pad):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    tokens = torch.zeros(len(sequences), int(lengths.max())) + pad
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence)] = torch.tensor(sequence, dtype=torch.float32)
    return tokens, lengths


@misconception(
    "pad_batch",
    "You find the lengths by counting what differs from pad. A sequence may hold that number "
    "itself. Take len(sequence).",
    about="edge cases",
)
def counts_what_is_not_padding(sequences, pad):
    width = max(len(sequence) for sequence in sequences)
    tokens = torch.tensor([row + [pad] * (width - len(row)) for row in sequences])
    return tokens, (tokens != pad).sum(dim=1)


@misconception(
    "pad_batch",
    "You leave an empty sequence out, so the rows no longer belong to their targets. "
    "It becomes a row of padding, with length 0.",
    about="edge cases",
)
def drops_empty_rows(sequences, pad):
    rows = [row for row in sequences if row]
    width = max(len(row) for row in rows)
    tokens = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
    return tokens, torch.tensor([len(row) for row in rows])


@misconception(
    "pad_batch",
    "You write the padding into the sequences themselves, so the caller's lists have padding at "
    "their ends. Make new rows: `row + [...]` does, `append` and `+=` change the row at hand.",
)
def fills_the_sequences_themselves(sequences, pad):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    for sequence in sequences:
        while len(sequence) < int(lengths.max()):
            sequence.append(pad)
    return torch.tensor(sequences), lengths


@alternative("pad_batch")
def by_adding_lists(sequences, pad):
    width = max(map(len, sequences))
    tokens = [sequence + [pad] * (width - len(sequence)) for sequence in sequences]
    return torch.tensor(tokens), torch.tensor([len(sequence) for sequence in sequences])


@alternative("pad_batch")
def by_pad_sequence(sequences, pad):
    rows = [torch.tensor(row, dtype=torch.long) for row in sequences]
    tokens = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=pad)
    return tokens, torch.tensor([len(row) for row in rows])


# AdditiveAttention


@misconception(
    "AdditiveAttention",
    "You add query and key without a tanh. Then the score is f(query) + g(key), and the softmax "
    "cancels f(query): every query gets the same weights. Take the tanh of the sum.",
)
class AddsWithoutATanh(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3)
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You take a tanh of each part and then add. The score is f(query) + g(key), and the softmax "
    "cancels f(query): every query gets the same weights. Add first, then take the tanh.",
)
class TakesEachTanhAlone(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        asked = torch.tanh(self.w_query(query)).unsqueeze(-2)
        scores = self.v(asked + torch.tanh(self.w_key(keys)).unsqueeze(-3)).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You take a tanh of each part and multiply them. That is a product of squeezed vectors, "
    "not the additive score: add query and key first, take the tanh of the sum, then v.",
)
class MultipliesTwoTanhs(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        asked, found = torch.tanh(self.w_query(query)), torch.tanh(self.w_key(keys))
        scores = asked @ found.transpose(-2, -1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You use a sigmoid where the tanh belongs. "
    "The additive score is v · tanh(W_q query + W_k key).",
)
class UsesASigmoid(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.sigmoid(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You add the hidden features up, and v is never used. "
    "v says how much each of them counts: self.v(hidden).squeeze(-1).",
)
class SumsTheHiddenFeatures(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = hidden.sum(dim=-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "Your softmax runs over the queries, so the columns sum to 1. "
    "Each query shares out one whole over the keys: dim=-1.",
)
class SharesOutOverTheQueries(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-2).nan_to_num()
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You add query i to key i alone: an axis for the pairs is missing. "
    "Every query meets every key: unsqueeze(-2) on the queries, unsqueeze(-3) on the keys.",
)
class PairsQueriesWithKeys(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query) + self.w_key(keys))
        scores = self.v(hidden).squeeze(-1).unsqueeze(-2).expand(*query.shape[:-1], -1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "Your hidden features are (T_k, T_q): the new axes are the wrong way round. "
    "Queries get unsqueeze(-2), keys get unsqueeze(-3); then rows are queries.",
)
class TurnsRowsIntoColumns(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-3) + self.w_key(keys).unsqueeze(-2))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You count the new axes from the front, as fits a batch: without one, and with heads, they "
    "stand elsewhere. Count from the end: unsqueeze(-2) on the queries, unsqueeze(-3) on the keys.",
)
class CountsTheAxesOfABatch(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(2) + self.w_key(keys).unsqueeze(1))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You count the new axes from the front, as fits a single sentence: in a batch they stand "
    "elsewhere. Count from the end: unsqueeze(-2) on the queries, unsqueeze(-3) on the keys.",
)
class CountsTheAxesOfOneSentence(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(1) + self.w_key(keys).unsqueeze(0))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "Your scores still have the axis of size 1 that v leaves at the end, and the softmax runs over "
    "it: every weight is 1. Take it away first: squeeze(-1).",
)
class KeepsTheAxisOfTheScore(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You mix the projected keys. They are for the score only; "
    "the context mixes the keys themselves: weights @ keys.",
)
class MixesTheProjectedKeys(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ self.w_key(keys), weights


@misconception(
    "AdditiveAttention",
    "You return the scores where the weights belong: your rows do not sum to 1. "
    "Return what the softmax gives.",
)
class ReturnsTheScores(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, scores


@misconception(
    "AdditiveAttention",
    "Your layers have a bias, which the formula has not. Make them with bias=False.",
)
class LayersWithABias(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden)
        self.w_key = nn.Linear(d_key, d_hidden)
        self.v = nn.Linear(d_hidden, 1)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You do not use the mask, so padding gets attention. "
    "With a mask, take masked_softmax(scores, mask).",
    about="edge cases",
)
class IgnoresTheMask(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "Your mask is inverted: only padding gets attention. "
    "True means allowed, and masked_softmax takes the mask as it is.",
    about="edge cases",
)
class TurnsTheMask(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, ~mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You multiply the mask onto the weights, so rows sum to less than 1. "
    "Mask the scores, before the softmax: masked_softmax(scores, mask).",
    about="edge cases",
)
class MasksTheWeights(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * mask
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You mask the weights and share them out again. Where a forbidden key is far ahead, nothing is "
    "left to share. Mask the scores, before the softmax.",
    about="edge cases",
)
class MasksAndSharesAgain(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * mask
            weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "A query with no allowed key gets NaN, which spreads to everything after it. "
    "Use masked_softmax, whose empty rows are zeros.",
    about="edge cases",
)
class NothingAllowedIsNaN(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You fill forbidden scores with a large negative number. A query with no allowed key then "
    "gets equal weights for all of them. Use masked_softmax, whose empty rows are zeros.",
    about="edge cases",
)
class MasksWithALargeNumber(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e9)
        weights = torch.softmax(scores, dim=-1)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "You squeeze every axis of size 1, so a single query loses its axis, as in each step of "
    "decoding. Drop the last axis only: squeeze(-1).",
    about="edge cases",
)
class SqueezesEveryAxis(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze()
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@misconception(
    "AdditiveAttention",
    "Your weights are detached, so no gradient reaches the layers, and nothing is learned. "
    "Leave the record alone: no detach, no .data, no no_grad.",
    about="gradient",
)
class CutsTheGradient(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        hidden = torch.tanh(self.w_query(query).unsqueeze(-2) + self.w_key(keys).unsqueeze(-3))
        scores = self.v(hidden).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        weights = weights.detach() + 0 * weights
        return weights @ keys, weights


@alternative("AdditiveAttention")
class ByConcatenation(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        pairs = torch.cat(
            [
                query.unsqueeze(-2).expand(*query.shape[:-1], keys.shape[-2], -1),
                keys.unsqueeze(-3).expand(*query.shape[:-1], *keys.shape[-2:]),
            ],
            dim=-1,
        )
        joined = torch.cat([self.w_query.weight, self.w_key.weight], dim=-1)  # Luong's concat
        scores = self.v(torch.tanh(F.linear(pairs, joined))).squeeze(-1)
        weights = torch.softmax(scores, dim=-1) if mask is None else masked_softmax(scores, mask)
        return weights @ keys, weights


@alternative("AdditiveAttention")
class OneQueryAfterAnother(nn.Module):
    def __init__(self, d_query, d_key, d_hidden):
        super().__init__()
        self.w_query = nn.Linear(d_query, d_hidden, bias=False)
        self.w_key = nn.Linear(d_key, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, keys, mask=None):
        rows = []
        for place in range(query.shape[-2]):
            asked = self.w_query(query[..., place : place + 1, :])
            rows.append(self.v(torch.tanh(asked + self.w_key(keys))).mT)
        scores = torch.cat(rows, dim=-2)
        if mask is None:
            mask = torch.ones_like(scores, dtype=torch.bool)
        weights = masked_softmax(scores, mask)
        return weights @ keys, weights


# luong_score


@misconception(
    "luong_score",
    "You divide by the root of the width. That is lesson 04's scale; Luong's scores have none.",
)
def scales_the_scores(query, keys, w=None):
    projected = query if w is None else query @ w
    return projected @ keys.transpose(-2, -1) / keys.shape[-1] ** 0.5


@misconception(
    "luong_score",
    "You return weights. The score comes before the softmax: return the products.",
)
def returns_weights(query, keys, w=None):
    projected = query if w is None else query @ w
    return torch.softmax(projected @ keys.transpose(-2, -1), dim=-1)


@misconception(
    "luong_score",
    "You turn the matrix on its side. It is (d_query, d_key): query @ w has the width of a key.",
)
def turns_the_matrix(query, keys, w=None):
    projected = query if w is None else query @ w.T
    return projected @ keys.transpose(-2, -1)


@misconception(
    "luong_score",
    "You do not use w. With a matrix the score is query · w key.",
)
def ignores_the_matrix(query, keys, w=None):
    return query @ keys.transpose(-2, -1)


@misconception(
    "luong_score",
    "You have one row for each key. Rows are queries, columns are keys: query @ keysᵀ.",
)
def keys_against_queries(query, keys, w=None):
    projected = query if w is None else query @ w
    return keys @ projected.transpose(-2, -1)


@misconception(
    "luong_score",
    "You divide by the lengths of the vectors: these are cosines. Luong's score is the product.",
)
def scores_by_cosine(query, keys, w=None):
    projected = query if w is None else query @ w
    return F.normalize(projected, dim=-1) @ F.normalize(keys, dim=-1).transpose(-2, -1)


@misconception(
    "luong_score",
    "You take a tanh of the projected query. That belongs to the additive score; "
    "'general' is a plain product.",
)
def with_a_tanh(query, keys, w=None):
    projected = query if w is None else torch.tanh(query @ w)
    return projected @ keys.transpose(-2, -1)


@misconception(
    "luong_score",
    "You turn the keys with .T, which reverses all axes of a batch. "
    "Swap the last two only: keys.transpose(-2, -1).",
    about="shapes",
)
def turns_all_axes(query, keys, w=None):
    projected = query if w is None else query @ w
    return projected @ keys.permute(*range(keys.dim() - 1, -1, -1))


@alternative("luong_score")
def by_einsum(query, keys, w=None):
    if w is None:
        return torch.einsum("...qd,...kd->...qk", query, keys)
    return torch.einsum("...qd,de,...ke->...qk", query, w, keys)


@alternative("luong_score")
def by_projecting_the_keys(query, keys, w=None):
    if w is not None:
        keys = F.linear(keys, w)
    return torch.matmul(query, keys.mT)


# attend_and_decode_step


@misconception(
    "attend_and_decode_step",
    "You leave the mask out, so the decoder reads padding, and a sentence is translated "
    "otherwise in another batch. Hand the mask on: words.unsqueeze(-2).",
)
def attends_to_padding(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    everything = torch.ones_like(words).unsqueeze(-2)
    context, weights = decoder.attention(queries, keys, everything)
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "Your mask is inverted: the decoder reads padding and no word. "
    "True means allowed: hand words on without ~.",
)
def attends_to_padding_alone(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, ~words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "Your mask is (B, T_k), and against scores (B, T_q, T_k) its batch lines up with the queries. "
    "Give it an axis of size 1 for them: words.unsqueeze(-2).",
)
def lines_the_batch_up_with_queries(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words)
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "Your decoder attends to its own states. Source words can only come from the encoder: "
    "the keys of attention are `keys`.",
)
def attends_to_itself(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, queries, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You swap the roles: the encoder's states ask, and the decoder's are looked at. "
    "The decoder asks: attention(queries, keys, mask).",
)
def swaps_queries_and_keys(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(keys, queries, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You hand attention one vector, the encoder's last state. Every weight is then 1, whatever the "
    "query: that is no attention. Hand over all keys.",
)
def attends_to_the_last_state_alone(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    last = keys[torch.arange(len(keys)), words.sum(-1) - 1].unsqueeze(-2)
    context, weights = decoder.attention(queries, last, words[:, None, :1])
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You join the weights to the query, where the context belongs. "
    "The weights say where to look; the context is what was seen there.",
)
def joins_the_weights(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    _, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([weights, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You return the weights where the logits belong, so the loss would train them to be the "
    "target tokens. They say where to look, and have no target. Return decoder.output(...).",
)
def weights_for_logits(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    _, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    return weights, state, weights


@misconception(
    "attend_and_decode_step",
    "You join [query; context]. The layer `combine` expects the context first: [context; query].",
)
def query_before_context(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([queries, context], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You leave out the tanh around `combine`. The logits are output(tanh(combine(...))).",
)
def without_a_tanh(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = decoder.combine(torch.cat([context, queries], dim=-1))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You return probabilities. The loss takes the softmax itself: return the logits.",
)
def returns_probabilities(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined).softmax(dim=-1), state, weights


@misconception(
    "attend_and_decode_step",
    "You ask with the state from before these tokens: that was Bahdanau's way. "
    "Here the RNN reads the tokens first, and each of its new states asks.",
)
def asks_with_the_state_before(decoder, tokens, state, keys, words):
    before = (state[0] if isinstance(state, tuple) else state)[-1]
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    asked = before.unsqueeze(-2).expand_as(queries)
    context, weights = decoder.attention(asked, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You ask once, with the state from before these tokens, and all of them get the same answer. "
    "Here the RNN reads the tokens first, and each of its new states asks.",
)
def asks_once_with_the_state_before(decoder, tokens, state, keys, words):
    before = (state[0] if isinstance(state, tuple) else state).transpose(0, 1)
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(before, keys, words.unsqueeze(-2))
    context = context.expand(-1, queries.shape[1], -1)
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You ask with the last state alone, and every token gets its answer. "
    "Each token has a state, and each state asks: hand all of them to attention.",
)
def asks_with_the_last_state_alone(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries[:, -1:], keys, words.unsqueeze(-2))
    context = context.expand(-1, queries.shape[1], -1)
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You return the weights before the state. The order is: logits, state, weights.",
)
def weights_before_the_state(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), weights, state


@misconception(
    "attend_and_decode_step",
    "You start the RNN anew in each call, so it forgets what was written before. "
    "Hand the state on: decoder.rnn(embedded, state).",
)
def forgets_the_state(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens))
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You return the state that came in, so the next step does not know of these tokens. "
    "Return the RNN's new state.",
)
def returns_the_old_state(decoder, tokens, state, keys, words):
    queries, _ = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state, weights


@misconception(
    "attend_and_decode_step",
    "You return state[0]: of a GRU it loses an axis, of an LSTM its second state. "
    "Hand the RNN's state on as it is: a GRU has a tensor, an LSTM a tuple of two.",
    about="shapes",
)
def unpacks_a_tensor_for_the_state(decoder, tokens, state, keys, words):
    queries, state = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words.unsqueeze(-2))
    combined = torch.tanh(decoder.combine(torch.cat([context, queries], dim=-1)))
    return decoder.output(combined), state[0], weights


@alternative("attend_and_decode_step")
def by_two_halves_of_combine(decoder, tokens, state, keys, words):
    queries, after = decoder.rnn(decoder.embed(tokens), state)
    context, weights = decoder.attention(queries, keys, words[:, None])
    width = context.shape[-1]
    of_context, of_query = decoder.combine.weight[:, :width], decoder.combine.weight[:, width:]
    summed = F.linear(context, of_context) + F.linear(queries, of_query, decoder.combine.bias)
    return decoder.output(summed.tanh()), after, weights


@alternative("attend_and_decode_step")
def one_token_at_a_time(decoder, tokens, state, keys, words):
    logits, weights = [], []
    for place in range(tokens.shape[1]):
        query, state = decoder.rnn(decoder.embed(tokens[:, place]).unsqueeze(1), state)
        context, weight = decoder.attention(query, keys, words.reshape(len(words), 1, -1))
        logits.append(decoder.output(decoder.combine(torch.cat([context, query], -1)).tanh()))
        weights.append(weight)
    return torch.cat(logits, dim=1), state, torch.cat(weights, dim=1)


# shift_right


@misconception(
    "shift_right",
    "You hand the decoder the very tokens that it must write: it copies them, its loss falls to "
    "nothing, and it cannot translate. Move them one place on, behind `start`.",
)
def does_not_shift(targets, start):
    return targets


@misconception(
    "shift_right",
    "You shift to the left: each input is the token after the target. "
    "The decoder reads what comes before: put `start` in front and drop the last.",
)
def shifts_left(targets, start):
    last = torch.full_like(targets[:, :1], start)
    return torch.cat([targets[:, 1:], last], dim=1)


@misconception(
    "shift_right",
    "You roll the rows, so each begins with its own last token. The first input is `start`.",
)
def rolls_the_last_to_the_front(targets, start):
    return targets.roll(1, dims=1)


@misconception(
    "shift_right",
    "Your rows are one longer than the targets. Each target needs one input: drop the last token.",
)
def keeps_the_last(targets, start):
    first = torch.full_like(targets[:, :1], start)
    return torch.cat([first, targets], dim=1)


@misconception(
    "shift_right",
    "You write `start` over the first token, and the others stay where they are: each is its own "
    "input. Move all of them one place on.",
)
def writes_over_the_first(targets, start):
    inputs = targets.clone()
    inputs[:, 0] = start
    return inputs


@misconception(
    "shift_right",
    "You put 1 in front, whatever `start` says. Another vocabulary may number it otherwise: "
    "put start there.",
)
def starts_with_one(targets, start):
    first = torch.ones_like(targets[:, :1])
    return torch.cat([first, targets[:, :-1]], dim=1)


@misconception(
    "shift_right",
    "You shift along the batch: each sentence reads another sentence. "
    "Places are axis 1: move along it.",
)
def shifts_along_the_batch(targets, start):
    first = torch.full_like(targets[:1], start)
    return torch.cat([first, targets[:-1]], dim=0)


@misconception(
    "shift_right",
    "You write into the targets, so the loss compares with shifted tokens. "
    "Make a new tensor: torch.cat, or a clone.",
)
def changes_the_targets(targets, start):
    targets[:, 1:] = targets[:, :-1].clone()
    targets[:, 0] = start
    return targets


@misconception(
    "shift_right",
    "Your inputs are floats, because the column of `start` was. "
    "Make it like the targets: torch.full_like(targets[:, :1], start).",
)
def inputs_as_floats(targets, start):
    first = start * torch.ones(len(targets), 1)
    return torch.cat([first, targets[:, :-1]], dim=1)


@alternative("shift_right")
def by_padding(targets, start):
    return F.pad(targets, (1, 0), value=start)[:, :-1]


@alternative("shift_right")
def by_roll_and_overwrite(targets, start):
    inputs = torch.roll(targets, 1, dims=1)
    inputs[:, 0] = start
    return inputs


# masked_cross_entropy


@misconception(
    "masked_cross_entropy",
    "You count padding as a target, so your model is paid for writing padding. "
    "Leave out the places where targets == pad.",
)
def padding_counts(logits, targets, pad):
    log_probabilities = torch.log_softmax(logits, dim=-1)
    return -log_probabilities.gather(-1, targets.unsqueeze(-1)).mean()


@misconception(
    "masked_cross_entropy",
    "You leave padding out of the sum, but divide by all places. "
    "Then a batch with more padding has a lower loss. Divide by the number of real targets.",
)
def divides_by_all_places(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits[real], dim=-1)
    return -log_probabilities.gather(-1, targets[real].unsqueeze(-1)).sum() / targets.numel()


@misconception(
    "masked_cross_entropy",
    "You set the loss at padding to 0 and take the mean of all places: those zeros count, too, and "
    "0 times NaN is NaN. Pick the real targets first, and take the mean of them.",
)
def averages_the_zeros_too(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits, dim=-1)
    chosen = log_probabilities.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return -(chosen * real).mean()


@misconception(
    "masked_cross_entropy",
    "You add the losses up and do not divide, so a larger batch has a larger loss. "
    "Divide by the number of real targets.",
)
def adds_up_only(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits[real], dim=-1)
    return -log_probabilities.gather(-1, targets[real].unsqueeze(-1)).sum()


@misconception(
    "masked_cross_entropy",
    "You take the mean of each row, then the mean of the rows: a token of a short sentence counts "
    "more. Take one mean over all real targets.",
)
def mean_of_the_rows(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits, dim=-1)
    chosen = log_probabilities.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    rows = -(chosen * real).sum(dim=-1) / real.sum(dim=-1).clamp(min=1)
    return rows.mean()


@misconception(
    "masked_cross_entropy",
    "You take 0 for padding, whatever `pad` says. Compare with pad.",
)
def padding_is_always_zero(logits, targets, pad):
    real = targets != 0
    log_probabilities = torch.log_softmax(logits[real], dim=-1)
    chosen = log_probabilities.gather(-1, targets[real].unsqueeze(-1))
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "Your loss is negative: the minus is missing. A logarithm of a probability is at most 0.",
)
def forgets_the_minus(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits[real], dim=-1)
    chosen = log_probabilities.gather(-1, targets[real].unsqueeze(-1))
    return chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "You take the logits for log-probabilities. They need a log_softmax over the vocabulary first.",
)
def without_a_softmax(logits, targets, pad):
    real = targets != pad
    chosen = logits[real].gather(-1, targets[real].unsqueeze(-1))
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "Your softmax runs over the places, so words of one sentence compete. "
    "It runs over the vocabulary, the last axis.",
)
def softmax_over_the_places(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits, dim=1)[real]
    chosen = log_probabilities.gather(-1, targets[real].unsqueeze(-1))
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "Your softmax runs over the targets of the batch, so they compete for each word. "
    "It runs over the vocabulary, the last axis.",
)
def softmax_over_the_targets(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits[real], dim=0)
    chosen = log_probabilities.gather(-1, targets[real].unsqueeze(-1))
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "You take the mean of the probabilities, without their logarithm: your loss lies between -1 "
    "and 0. Cross-entropy is the mean of -log p: take log_softmax in place of softmax.",
)
def probabilities_without_a_logarithm(logits, targets, pad):
    real = targets != pad
    probabilities = torch.softmax(logits[real], dim=-1)
    chosen = probabilities.gather(-1, targets[real].unsqueeze(-1))
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "Your mask is inverted: you average the loss of the padding. Keep where targets != pad.",
)
def padding_alone_counts(logits, targets, pad):
    real = targets == pad
    log_probabilities = torch.log_softmax(logits[real], dim=-1)
    chosen = log_probabilities.gather(-1, targets[real].unsqueeze(-1))
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "You measure the squared distance from 1 of the right probability. "
    "Cross-entropy is its negative logarithm, which grows without limit as it nears 0.",
)
def squared_error(logits, targets, pad):
    real = targets != pad
    probabilities = torch.softmax(logits[real], dim=-1)
    chosen = probabilities.gather(-1, targets[real].unsqueeze(-1))
    return (1 - chosen).square().sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "You take log(softmax(...)): of far logits a probability becomes 0, and its logarithm -inf. "
    "log_softmax does both in one stable step.",
    about="edge cases",
)
def logarithm_of_the_softmax(logits, targets, pad):
    real = targets != pad
    probabilities = torch.softmax(logits[real], dim=-1)
    chosen = probabilities.gather(-1, targets[real].unsqueeze(-1)).log()
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "You add a small number inside the logarithm. It hides how wrong a far answer is: the loss "
    "stops growing, and so does learning. log_softmax needs no such number.",
    about="edge cases",
)
def a_small_number_inside_the_logarithm(logits, targets, pad):
    real = targets != pad
    probabilities = torch.softmax(logits[real], dim=-1)
    chosen = torch.log(probabilities.gather(-1, targets[real].unsqueeze(-1)) + 1e-9)
    return -chosen.sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "A batch of nothing but padding gives 0 / 0. Divide by at least 1: count.clamp(min=1).",
    about="edge cases",
)
def divides_by_no_targets(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits[real], dim=-1)
    return -log_probabilities.gather(-1, targets[real].unsqueeze(-1)).mean()


@misconception(
    "masked_cross_entropy",
    "You multiply the loss at padding by 0, and 0 times NaN is NaN. "
    "Pick the real targets first: logits[real].",
    about="edge cases",
)
def multiplies_padding_by_zero(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits, dim=-1)
    chosen = log_probabilities.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return -(chosen * real).sum() / real.sum().clamp(min=1)


@misconception(
    "masked_cross_entropy",
    "You fill the loss at padding with 0 after the log_softmax. The loss is right, but NaN logits "
    "still reach the gradient. Pick the real targets first: logits[real].",
    about="edge cases",
)
def fills_the_loss_afterwards(logits, targets, pad):
    real = targets != pad
    log_probabilities = torch.log_softmax(logits, dim=-1)
    chosen = log_probabilities.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return -chosen.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


@alternative("masked_cross_entropy")
def by_logsumexp(logits, targets, pad):
    real = targets.ne(pad)
    clean = torch.where(real[..., None], logits, torch.zeros_like(logits))
    right = clean.gather(-1, targets[..., None])[..., 0]
    losses = (clean.logsumexp(dim=-1) - right) * real
    return losses.sum() / max(int(real.sum()), 1)


@alternative("masked_cross_entropy")
def by_one_hot_rows(logits, targets, pad):
    flat, chosen = logits.flatten(0, 1), targets.flatten()
    places = (chosen != pad).nonzero().squeeze(-1)
    if len(places) == 0:
        return flat.new_zeros(())
    rows = F.log_softmax(flat[places], dim=-1)
    return -(rows * F.one_hot(chosen[places], rows.shape[-1])).sum(dim=-1).mean()


# greedy_decode


@misconception(
    "greedy_decode",
    "You go on to max_length when every row has ended: the rest is padding. "
    "Stop when all rows have ended.",
)
def never_stops(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length:
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You stop when the first row has ended, and cut the others off. "
    "Stop when all have ended: ended.all(), not ended.any().",
)
def stops_with_the_first_row(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.any():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "A row goes on writing after its end token while others are not done. "
    "From its end token on it holds pad.",
)
def writes_on_after_the_end(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You fill ended rows up with the end token. A row has one end; from then on it holds pad.",
)
def fills_up_with_the_end_token(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You fill ended rows up with 0, whatever `pad` says. Fill them with pad.",
)
def fills_up_with_zero(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, 0)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You take 2 for the end token, whatever `end` says. Compare with end.",
)
def two_is_always_the_end(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == 2)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You look only at the last token to see whether a row has ended, so a row that holds padding "
    "counts as going on. Remember it: `ended` may gain rows, by `|`, and never lose one.",
)
def remembers_only_this_step(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = tokens == end
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You replace the end token by padding. It is part of what the model wrote: keep it.",
)
def leaves_the_end_token_out(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1)
        ended = ended | (tokens == end)
        written.append(tokens.masked_fill(ended, pad))
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "Your rows begin with the start token. It was read, not written: leave it out.",
)
def keeps_the_start_token(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = [tokens]
    while len(written) <= max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "Your rows begin with the start token, and it counts towards max_length. "
    "It was read, not written: start with an empty list.",
)
def counts_the_start_token(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = [tokens]
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You let the model read the start token in every step. "
    "It must read back what it has just written.",
)
def reads_the_start_every_time(model, source, end, pad, max_length):
    first, state = model.begin(source)
    ended = torch.zeros_like(first, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(first, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You hand the model its first state in every step, so it forgets what it has read. "
    "Take the new state from each step.",
)
def keeps_the_first_state(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, _ = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "Your argmax runs over the rows of the batch, not over the vocabulary. Take dim=-1.",
)
def likeliest_over_the_batch(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=0)[: len(tokens)].masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "Your argmax has no axis: it finds one number for the whole batch, counted through all rows. "
    "Each row has its own likeliest token: dim=-1.",
)
def one_token_for_the_whole_batch(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax().masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You take the least likely token: argmin. Take argmax.",
)
def least_likely(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmin(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You draw a token by its probability. That is sampling (lesson 11); "
    "greedy decoding takes the likeliest: argmax.",
)
def draws_a_token(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = torch.multinomial(logits.softmax(dim=-1), 1).squeeze(-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You end a row that writes the number of padding, as if it had ended before. "
    "Only the end token ends a row.",
    about="edge cases",
)
def padding_ends_a_row(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end) | (tokens == pad)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You write one token more than max_length allows. Compare with <.",
    about="edge cases",
)
def one_token_too_many(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) <= max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "You write one token less than max_length allows: the first tokens do not count, for they are "
    "not written. Compare len(written) < max_length.",
    about="edge cases",
)
def one_token_too_few(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) + 1 < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@misconception(
    "greedy_decode",
    "A row that does not end in max_length tokens gets an end token all the same. "
    "Leave it as the model wrote it.",
    about="edge cases",
)
def ends_what_is_cut_off(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < max_length and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    rows = torch.stack(written, dim=1)
    if rows.shape[1] == max_length:
        rows[:, -1] = torch.where(ended, rows[:, -1], end)
    return rows


@misconception(
    "greedy_decode",
    "You decode until every row ends, and some never do. Stop at max_length.",
    about="edge cases",
)
def never_stops_at_the_limit(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    written = []
    while len(written) < 60 and not ended.all():
        logits, state = model.step(tokens, state)
        tokens = logits.argmax(dim=-1).masked_fill(ended, pad)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)


@alternative("greedy_decode")
def padded_afterwards(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    written = torch.empty(len(tokens), 0, dtype=tokens.dtype)
    for _ in range(max_length):
        logits, state = model.step(tokens, state)
        tokens = logits.max(dim=-1).indices
        written = torch.cat([written, tokens[:, None]], dim=1)
    before = (written == end).long().cumsum(dim=1) - (written == end).long()
    width = int((before == 0).sum(dim=1).max())
    return torch.where(before > 0, pad, written)[:, :width]


@alternative("greedy_decode")
def filling_a_rectangle(model, source, end, pad, max_length):
    tokens, state = model.begin(source)
    written = torch.full((len(tokens), max_length), pad)
    going = torch.ones(len(tokens), dtype=torch.bool)
    place = 0
    while place < max_length and going.any():
        logits, state = model.step(tokens, state)
        tokens = torch.argmax(logits, dim=1)
        written[going, place] = tokens[going]
        going &= tokens != end
        place += 1
    return written[:, :place]


# alignment_mass


@misconception(
    "alignment_mass",
    "You count target tokens without a link, too, and each adds 0. "
    "Take the mean over those that have one: links.any(dim=-1).",
)
def unlinked_tokens_count(weights, links):
    return (weights * links).sum(dim=-1).mean()


@misconception(
    "alignment_mass",
    "You count how often the largest weight is on a link. "
    "Add up the weights themselves: a share of 0.9 counts more than one of 0.5.",
)
def counts_the_largest(weights, links):
    hits = links.gather(-1, weights.argmax(dim=-1, keepdim=True)).squeeze(-1)
    return hits[links.any(dim=-1)].to(weights.dtype).mean()


@misconception(
    "alignment_mass",
    "You take the mean over the links. A target token with two links counts once: "
    "add up its weights first.",
)
def mean_over_the_links(weights, links):
    return weights[links].mean()


@misconception(
    "alignment_mass",
    "You take a mean for each sentence first, so a sentence with one link counts as much as one "
    "with three. Take one mean over all linked tokens.",
)
def mean_of_the_sentences(weights, links):
    linked = links.any(dim=-1)
    mass = (weights * links).sum(dim=-1).sum(dim=-1)
    return (mass / linked.sum(dim=-1).clamp(min=1)).mean()


@misconception(
    "alignment_mass",
    "You leave out target tokens whose share is 0, though they have a link: those that look at the "
    "wrong place would not count. Ask the links, not the weights: links.any(dim=-1).",
)
def leaves_out_shares_of_zero(weights, links):
    mass = (weights * links).sum(dim=-1)
    return mass[mass > 0].mean()


@misconception(
    "alignment_mass",
    "You add up over the target tokens. Each target token shares out one whole over the source: "
    "sum over the last axis.",
)
def sums_over_the_targets(weights, links):
    mass = (weights * links).sum(dim=-2)
    return mass[links.any(dim=-2)].mean()


@misconception(
    "alignment_mass",
    "You add up and do not divide, so more sentences give a larger number. Take the mean.",
)
def sum_of_the_shares(weights, links):
    return (weights * links).sum()


@alternative("alignment_mass")
def by_two_sums(weights, links):
    return weights[links].sum() / links.any(dim=-1).sum()


@alternative("alignment_mass")
def one_token_after_another(weights, links):
    shares = []
    for row, linked in zip(weights.flatten(0, 1), links.flatten(0, 1), strict=True):
        if linked.any():
            shares.append(row[linked].sum())
    return sum(shares) / len(shares)

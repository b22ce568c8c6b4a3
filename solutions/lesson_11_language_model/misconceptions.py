"""Named wrong answers to lesson 11, and right ones written differently."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_08_multi_head_attention.kernels import merge_heads, split_heads
from solutions.lesson_09_transformer_block.kernels import TransformerEncoder
from solutions.lesson_11_language_model.kernels import filter_logits, sample

# next_token_targets


@misconception(
    "next_token_targets",
    "Your targets are the inputs themselves: the model learns to repeat what it reads. "
    "A target is the token behind: shift by one.",
)
def without_the_shift(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[places]


@misconception(
    "next_token_targets",
    "Your targets are the tokens before, so the model learns to write backwards, from what it has "
    "just read. Shift the other way: the target of place t is the token at t + 1.",
)
def shifted_the_other_way(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[places - 1]


@misconception(
    "next_token_targets",
    "You return targets first, then inputs. First comes what is read.",
)
def in_the_other_order(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places + 1], text[places]


@misconception(
    "next_token_targets",
    "Your targets are the window that follows, `length` tokens further on. "
    "A target is the very next token: one further on.",
)
def a_whole_window_further(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[(places + length) % len(text)]


@misconception(
    "next_token_targets",
    "You have one target for each window, the token behind it. Every place has one: a window of T "
    "tokens teaches T times.",
)
def one_target_a_window(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[starts + length]


@misconception(
    "next_token_targets",
    "You cut windows of T tokens and then shift, so only T - 1 are left to read. "
    "Cut one token more.",
)
def one_token_short(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    windows = text[starts[:, None] + torch.arange(length)]
    return windows[:, :-1], windows[:, 1:]


@misconception(
    "next_token_targets",
    "You roll each window, so its last target is its own first token. "
    "The last target stands in the text, behind the window.",
)
def rolled_round(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    inputs = text[starts[:, None] + torch.arange(length)]
    return inputs, inputs.roll(-1, dims=1)


@misconception(
    "next_token_targets",
    "Your windows follow one another from the text's beginning, wherever `starts` points. "
    "Row b begins at starts[b].",
)
def without_the_starts(text, starts, length):
    if starts.max() + length + 1 > len(text):
        raise ValueError("too long")
    places = torch.arange(len(starts))[:, None] * length + torch.arange(length)
    return text[places % len(text)], text[(places + 1) % len(text)]


@misconception(
    "next_token_targets",
    "Where a window does not fit, yours ends in an IndexError. Ask before you cut: the last target "
    "must lie in the text, else raise a ValueError.",
    about="edge cases",
)
def without_asking_whether_it_fits(text, starts, length):
    places = starts[:, None] + torch.arange(length)
    return text[places], text[places + 1]


@misconception(
    "next_token_targets",
    "You refuse a window whose last target is the last token of the text. That one fits.",
    about="edge cases",
)
def refuses_the_last_window(text, starts, length):
    if starts.max() + length + 1 >= len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[places + 1]


@misconception(
    "next_token_targets",
    "You forget the target when you ask whether a window fits: its tokens do, and the token behind "
    "them does not. Ask for one place more.",
    about="edge cases",
)
def asks_without_the_target(text, starts, length):
    if starts.max() + length > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[places + 1]


@misconception(
    "next_token_targets",
    "A window that runs beyond the text goes on at its beginning, where another subject stands. "
    "Raise a ValueError.",
    about="edge cases",
)
def goes_on_at_the_beginning(text, starts, length):
    places = starts[:, None] + torch.arange(length)
    return text[places % len(text)], text[(places + 1) % len(text)]


@misconception(
    "next_token_targets",
    "You look at the first window only when you ask whether all fit. Take the largest start.",
    about="edge cases",
)
def asks_the_first_window_only(text, starts, length):
    if starts[0] + length + 1 > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[places + 1]


@misconception(
    "next_token_targets",
    "You look at the last window only when you ask whether all fit, but starts come in any order. "
    "Take the largest start.",
    about="edge cases",
)
def asks_the_last_window_only(text, starts, length):
    if starts[-1] + length + 1 > len(text):
        raise ValueError("too long")
    places = starts[:, None] + torch.arange(length)
    return text[places], text[places + 1]


@alternative("next_token_targets")
def slice_by_slice(text, starts, length):
    rows = []
    for start in starts.tolist():
        row = text[start : start + length + 1]
        if len(row) < length + 1:
            raise ValueError(f"the window at {start} does not fit")
        rows.append(row)
    windows = torch.stack(rows)
    return windows[:, :length], windows[:, 1:]


@alternative("next_token_targets")
def from_every_window_there_is(text, starts, length):
    if any(start >= len(text) - length for start in starts.tolist()):
        raise ValueError("the last target lies beyond the text")
    chosen = text.unfold(0, length + 1, 1)[starts]
    return chosen.narrow(1, 0, length), chosen.narrow(1, 1, length)


# GPT


@misconception(
    "GPT",
    "Every place sees the whole text, the token that it should predict included. Training looks "
    "perfect, and the model cannot write. Hand the encoder a causal mask.",
)
class LooksAhead(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        x = self.encoder(self.dropout(x))
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your mask is the upper triangle: each place sees itself and what comes after. Rows are "
    "queries, so the lower triangle looks back: tril.",
)
class LooksForwardOnly(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).triu().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your mask is True above the diagonal, as nn.Transformer wants it. In this course True "
    "means: may be attended to. Turn it, or take tril.",
)
class ForbidsWhatItShouldAllow(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).triu(1).bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your places cannot look at themselves, and the first one sees nothing. A token may read "
    "itself: only its successor is secret. Start the triangle at the diagonal.",
)
class NotEvenItself(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril(-1).bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Each place sees one token ahead: just the one to predict. Start the triangle at the diagonal.",
)
class OneTokenTooFar(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril(1).bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your output has a matrix of its own. Here the table is tied: compare the encoder's output "
    "with the rows of embed.weight.",
)
class HasAnOutputLayerOfItsOwn(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_tokens, bias=False)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return self.output(x)


@misconception(
    "GPT",
    "Without positions the model knows which tokens came before, but hardly in which order. Add "
    "the vectors of the places.",
)
class LeavesOutThePlaces(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens)
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your first token gets the vector of place 1. Places count from 0, as the cache and the "
    "context do.",
)
class CountsPlacesFromOne(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions(torch.arange(1, T + 1))
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "You number the texts of the batch, not their tokens: the same text gets other logits in "
    "another row. Places run along T, tokens.shape[1].",
)
class PutsThePlacesOnTheBatch(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[: len(tokens), None]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your places come in behind the encoder, so attention never knows them. Add them to the "
    "embeddings, before the encoder.",
)
class AddsThePlacesBehindTheEncoder(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens)
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask) + self.positions.weight[:T]
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "You return probabilities. Loss, sampling and filters take the softmax themselves, so it "
    "would be taken twice. Return the logits.",
)
class ReturnsProbabilities(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return (x @ self.embed.weight.T).softmax(dim=-1)


@misconception(
    "GPT",
    "You return logits for the last place only. In training every place predicts its next token: "
    "keep them all, (B, T, n_tokens).",
)
class ScoresTheLastPlaceOnly(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x[:, -1] @ self.embed.weight.T


@misconception(
    "GPT",
    "You compare the output with the vectors of the places, not of the tokens. The logits come "
    "from embed.weight.",
)
class ComparesWithThePlaces(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.positions.weight.T


@misconception(
    "GPT",
    "You multiply the embeddings by the root of d_model, as the first Transformer did. GPT does "
    "not: add them as they are.",
)
class ScalesByTheRoot(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) * self.embed.embedding_dim**0.5 + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your tokens never meet: the logits depend on the last token alone, like a table of pairs. "
    "Send the sum through self.encoder.",
)
class LeavesOutTheEncoder(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        x = self.dropout(x)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your encoder is post-norm, and has no last norm. GPT-2 is pre-norm: leave norm_first as it "
    "is, True.",
)
class PutsTheNormsLast(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(
            n_layers, d_model, n_heads, d_ff, dropout, norm_first=False
        )
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "nn.Embedding draws with standard deviation 1. With a tied table the first logits are then "
    "huge, and the loss begins far above a guess. Draw both tables again, with 0.02.",
    about="edge cases",
)
class LeavesTheTablesAsTheyCome(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your table of places has standard deviation 1, that of tokens 0.02: what a token is drowns "
    "in where it stands. Draw the places with 0.02, too.",
    about="edge cases",
)
class LeavesThePositionsLoud(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your table of tokens has standard deviation 1. It is tied, so the first logits are huge, "
    "and the loss begins far above a guess. Draw it with 0.02, too.",
    about="edge cases",
)
class LeavesTheTokensLoud(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "A text longer than the context ends in an IndexError somewhere inside, or in a sum of "
    "unequal sizes. Ask first, and raise a ValueError.",
    about="edge cases",
)
class RefusesNothing(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "You refuse a text that just fits: as many tokens as the context has places. Raise only "
    "where T is larger.",
    about="edge cases",
)
class RefusesAFullContext(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T >= self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "You cut a long text off, and return fewer places than were given. The task wants a "
    "ValueError: who calls decides what to leave out.",
    about="edge cases",
)
class ReadsOnlyWhatFits(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        tokens = tokens[:, -self.context :]
        T = tokens.shape[1]
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Dropout reaches the encoder's inside, and not what goes into it. Use a dropout on the sum "
    "of both vectors, too.",
    about="edge cases",
)
class DropsNothingOfTheSum(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(x, mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "The encoder never hears of dropout: hand the probability on to TransformerEncoder.",
    about="edge cases",
)
class GivesTheEncoderNoDropout(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "You call F.dropout, which knows nothing of eval(), so a trained model writes at random. Use "
    "an nn.Dropout made in __init__.",
    about="edge cases",
)
class DropsInEvaluationToo(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(F.dropout(x, self.dropout.p), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "Your tied output has a bias. Here a logit is the dot product alone: bias=False, or no layer "
    "at all.",
)
class AddsABiasToTheOutput(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_tokens)
        self.output.weight = self.embed.weight
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return self.output(x)


@misconception(
    "GPT",
    "You look up the places by the tokens' numbers: the second table says once more what a token "
    "is, and nothing where it stands. Places are 0, 1, 2, ...",
)
class LooksPlacesUpByToken(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions(tokens)
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.T


@misconception(
    "GPT",
    "You detach the table at the output, so it learns only from the tokens that are read. It is "
    "tied: gradients reach it from both ends.",
    about="gradient",
)
class DetachesTheTable(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.embed(tokens) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(self.dropout(x), mask)
        return x @ self.embed.weight.detach().T


@misconception(
    "GPT",
    "You drop numbers of the tokens' vectors only; those of the places come in whole. "
    "Drop from the sum of both.",
    about="edge cases",
)
class DropsBeforeThePlaces(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        T = tokens.shape[1]
        if T > self.context:
            raise ValueError(T)
        x = self.dropout(self.embed(tokens)) + self.positions.weight[:T]
        mask = torch.ones(T, T).tril().bool()
        x = self.encoder(x, mask)
        return x @ self.embed.weight.T


@alternative("GPT")
class WithATiedLayer(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.drop = nn.Dropout(dropout)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.head = nn.Linear(d_model, n_tokens, bias=False)
        self.head.weight = self.embed.weight
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)

    def forward(self, tokens):
        n = tokens.size(1)
        if n > self.context:
            raise ValueError("too many tokens")
        places = torch.arange(n)
        x = self.drop(self.embed(tokens) + self.positions(places)[None])
        return self.head(self.encoder(x, places[:, None] >= places))


@alternative("GPT")
class WithSmallerTables(nn.Module):
    def __init__(self, n_tokens, d_model, n_layers, n_heads, d_ff, context, dropout=0.0):
        super().__init__()
        self.context, self.p = context, dropout
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        with torch.no_grad():
            for table in (self.embed, self.positions):
                table.weight.mul_(0.02)

    def forward(self, tokens):
        if tokens.shape[-1] > len(self.positions.weight):
            raise ValueError("too many tokens")
        mask = ~torch.ones(tokens.shape[-1], tokens.shape[-1], dtype=torch.bool).triu(1)
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[-1]]
        x = self.encoder(F.dropout(x, self.p, self.training), mask[None, None])
        return torch.einsum("btd,vd->btv", x, self.embed.weight)


# perplexity


@misconception(
    "perplexity",
    "You return the mean of -log p, in nats. Perplexity is e to that power.",
)
def without_the_power(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return float(-log_p.mean())


@misconception(
    "perplexity",
    "You return bits. Perplexity is 2 to the number of bits, or e to the number of nats.",
)
def in_bits(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return float(-log_p.mean()) / math.log(2)


@misconception(
    "perplexity",
    "You raise 2 to a mean of natural logarithms. Base and logarithm belong together: "
    "natural logarithms go with e.",
)
def two_to_the_nats(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return 2.0 ** float(-log_p.mean())


@misconception(
    "perplexity",
    "You raise e to a number of bits. Base and logarithm belong together: bits go with 2.",
)
def e_to_the_bits(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return math.exp(float(-log_p.mean()) / math.log(2))


@misconception(
    "perplexity",
    "F.cross_entropy wants the tokens' axis second, and all others behind it. "
    "Flatten logits and targets first.",
)
def gives_cross_entropy_the_batch(logits, targets, counted=None):
    if counted is not None:
        logits, targets = logits[counted], targets[counted]
    return math.exp(F.cross_entropy(logits, targets))


@misconception(
    "perplexity",
    "You average 1 / p over the places: one unlikely token outweighs all others. "
    "Average the logarithms first, then take the power.",
)
def the_mean_of_the_powers(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return float((-log_p).exp().mean())


@misconception(
    "perplexity",
    "You average the probabilities and turn the mean over. Probabilities of a text multiply, so "
    "their logarithms are averaged.",
)
def one_over_the_mean_probability(logits, targets, counted=None):
    p = torch.softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        p = p[counted]
    return 1 / float(p.mean())


@misconception(
    "perplexity",
    "You lack the minus: your result lies below 1, and falls as the model gets worse. "
    "Logarithms of probabilities are negative; turn their sign.",
)
def without_the_minus(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return math.exp(float(log_p.mean()))


@misconception(
    "perplexity",
    "You add the surprises up and do not divide, so long texts look worse. Take their mean.",
)
def the_sum_in_place_of_the_mean(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return float((-log_p.sum()).exp())


@misconception(
    "perplexity",
    "You take the highest probability at each place, whatever came. "
    "What counts is the probability of the target.",
)
def of_the_likeliest_token(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).amax(dim=-1)
    if counted is not None:
        log_p = log_p[counted]
    return math.exp(float(-log_p.mean()))


@misconception(
    "perplexity",
    "You take logits for logarithms of probabilities. They are scores of any size: "
    "a log-softmax over the tokens comes first.",
)
def of_the_bare_logits(logits, targets, counted=None):
    log_p = logits.gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return float((-log_p.mean()).exp())


@misconception(
    "perplexity",
    "You compute a perplexity for each text and average these. "
    "Average the logarithms over all targets, then take one power.",
)
def the_mean_over_the_texts(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return float((-log_p.mean(dim=-1)).exp().mean())


@misconception(
    "perplexity",
    "You leave `counted` unused, so targets take part that should not.",
    about="edge cases",
)
def counts_every_target(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    return math.exp(float(-log_p.mean()))


@misconception(
    "perplexity",
    "You set what does not count to 0 and divide by all places, so the perplexity comes out too "
    "low. Divide by the number of targets that count.",
    about="edge cases",
)
def divides_by_every_place(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p * counted
    return math.exp(float(-log_p.mean()))


@misconception(
    "perplexity",
    "You divide powers by their sum yourself, and e to 10,000 is infinite. "
    "log_softmax does it safely.",
    about="edge cases",
)
def overflows_far_from_zero(logits, targets, counted=None):
    powers = logits.exp()
    p = (powers / powers.sum(dim=-1, keepdim=True)).gather(-1, targets[..., None])[..., 0]
    log_p = p.log()
    if counted is not None:
        log_p = log_p[counted]
    return float((-log_p.mean()).exp())


@misconception(
    "perplexity",
    "You take the logarithm of a softmax. It rounds a very small probability to 0, whose logarithm "
    "is minus infinity. log_softmax does both in one.",
    about="edge cases",
)
def takes_the_log_of_a_softmax(logits, targets, counted=None):
    log_p = torch.softmax(logits, dim=-1).log().gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[counted]
    return math.exp(float(-log_p.mean()))


@misconception(
    "perplexity",
    "You turn `counted` round: True means that a target counts.",
    about="edge cases",
)
def counts_the_others(logits, targets, counted=None):
    log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
    if counted is not None:
        log_p = log_p[~counted]
    return math.exp(float(-log_p.mean()))


@alternative("perplexity")
def by_cross_entropy(logits, targets, counted=None):
    if counted is not None:
        logits, targets = logits[counted], targets[counted]
    loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))
    return float(torch.exp(loss))


@alternative("perplexity")
def as_two_to_the_bits(logits, targets, counted=None):
    below = logits - logits.amax(dim=-1, keepdim=True)
    nats = below.exp().sum(dim=-1).log() - below[F.one_hot(targets, logits.shape[-1]).bool()].view(
        targets.shape
    )
    bits = nats / math.log(2)
    share = torch.ones_like(bits) if counted is None else counted.to(bits.dtype)
    return 2.0 ** float((bits * share).sum() / share.sum())


# sample


@misconception(
    "sample",
    "You always take the likeliest token, whatever the draw: the model will repeat itself. "
    "Let the draw fall on the line of probabilities.",
)
def always_the_likeliest(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    return logits.argmax(dim=-1)


@misconception(
    "sample",
    "You multiply by the temperature, so a hot model gets surer. Divide the logits by it.",
)
def multiplies_by_the_temperature(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits * temperature, dim=-1).cumsum(dim=-1)
    return (ends <= draws[..., None] * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "The temperature changes nothing here: left out, or divided by behind the softmax, it cancels. "
    "Divide the logits by it, before the softmax.",
)
def without_the_temperature(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits, dim=-1).cumsum(dim=-1)
    return (ends <= draws[..., None] * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "You divide the probabilities by the temperature. They no longer sum to 1, and their ratios "
    "stay as they were. Divide the logits, before the softmax.",
)
def divides_the_probabilities(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = (torch.softmax(logits, dim=-1) / temperature).cumsum(dim=-1)
    return (ends <= draws[..., None]).sum(dim=-1).clamp(max=logits.shape[-1] - 1)


@misconception(
    "sample",
    "You give every token the same share: the draw picks a number from 0 to V - 1, and the logits "
    "count for nothing.",
)
def all_equally_likely(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    return (draws * logits.shape[-1]).long()


@misconception(
    "sample",
    "You count the tokens whose own probability lies below the draw. "
    "Add the probabilities up along the tokens first: cumsum.",
)
def without_adding_up(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    p = torch.softmax(logits / temperature, dim=-1)
    return (p <= draws[..., None]).sum(dim=-1).clamp(max=logits.shape[-1] - 1)


@misconception(
    "sample",
    "You take the token before the one that the draw falls on. "
    "The draw lies before the end of the chosen share, and beyond the ends of those before.",
)
def one_token_too_early(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return ((ends <= draws[..., None]).sum(dim=-1) - 1).clamp(min=0)


@misconception(
    "sample",
    "You put the likeliest token first on the line. That is a fair sampler, too, but another one: "
    "here token 0 comes first, so that everybody gets the same text from the same draws.",
)
def the_likeliest_first(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ranked, order = torch.softmax(logits / temperature, dim=-1).sort(dim=-1, descending=True)
    ends = ranked.cumsum(dim=-1)
    place = (ends <= draws[..., None]).sum(dim=-1).clamp(max=logits.shape[-1] - 1)
    return order.gather(-1, place[..., None])[..., 0]


@misconception(
    "sample",
    "You draw anew with torch.multinomial, and `draws` counts for nothing: "
    "nobody can get the same text twice. Use the draws that you are given.",
)
def draws_anew(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    p = torch.softmax(logits / temperature, dim=-1)
    return torch.multinomial(p, 1)[..., 0]


@misconception(
    "sample",
    "Your softmax runs along the first axis, over the texts. Tokens are the last axis: dim=-1.",
)
def softmax_over_the_first_axis(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=0).cumsum(dim=-1)
    return (ends <= draws[..., None] * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "You read the line from its other end: the draw is held against 1 minus the sum. "
    "Token 0 comes first.",
)
def from_the_other_end(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return (ends <= (1 - draws[..., None]) * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "At a temperature of 0 you divide by 0 and get NaN. Answer this case before: the likeliest "
    "token.",
    about="edge cases",
)
def divides_by_zero(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return (ends <= draws[..., None] * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "A draw of 0 gives token 0, though its probability is 0. The sum at the end of the chosen "
    "token must be larger than the draw: count ends with <=.",
    about="edge cases",
)
def an_end_as_large_as_the_draw(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return (ends < draws[..., None] * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "A temperature below 0 turns the ranking round, so the worst token is the likeliest. "
    "Raise a ValueError.",
    about="edge cases",
)
def accepts_temperatures_below_zero(logits, draws, temperature=1.0):
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return (ends <= draws[..., None] * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "You take powers of the logits yourself, and e to 10,000 is infinite. "
    "torch.softmax does it safely.",
    about="edge cases",
)
def overflows(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    powers = torch.exp(logits / temperature)
    ends = (powers / powers.sum(dim=-1, keepdim=True)).cumsum(dim=-1)
    return (ends <= draws[..., None] * ends[..., -1:]).sum(dim=-1)


@misconception(
    "sample",
    "Rounding may leave the last end a little below 1. A draw beyond it falls on no token, and you "
    "return V. Multiply the draws by the last end.",
    about="edge cases",
)
def falls_off_the_end(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return (ends <= draws[..., None]).sum(dim=-1)


@misconception(
    "sample",
    "Where rounding leaves the last end below the draw, you take the last token, even one that has "
    "no probability. Multiply the draws by the last end instead.",
    about="edge cases",
)
def clamps_at_the_end(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return (ends <= draws[..., None]).sum(dim=-1).clamp(max=logits.shape[-1] - 1)


@misconception(
    "sample",
    "Where rounding leaves the last end below the draw, no end is larger, and argmax then gives "
    "token 0. Multiply the draws by the last end.",
    about="edge cases",
)
def begins_anew_beyond_the_end(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return logits.argmax(dim=-1)
    ends = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    return (ends > draws[..., None]).int().argmax(dim=-1)


@alternative("sample")
def by_a_search(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError("a temperature is not negative")
    if not temperature:
        return torch.max(logits, dim=-1).indices
    ends = F.softmax(logits / temperature, dim=-1).cumsum(dim=-1)
    goal = (draws * ends[..., -1])[..., None].contiguous()
    return torch.searchsorted(ends.contiguous(), goal, right=True)[..., 0]


@alternative("sample")
def row_by_row(logits, draws, temperature=1.0):
    if temperature < 0:
        raise ValueError("a temperature is not negative")
    chosen = []
    for row, draw in zip(logits.reshape(-1, logits.shape[-1]), draws.reshape(-1), strict=True):
        if temperature == 0:
            chosen.append(int(row.argmax()))
            continue
        ends = (row / temperature).softmax(dim=0).cumsum(dim=0)
        chosen.append(int((ends > draw * ends[-1]).int().argmax()))
    return torch.tensor(chosen).reshape(draws.shape)


# filter_logits


@misconception(
    "filter_logits",
    "Your top_p drops the token with which the sum reaches p, so what stays sums to less, and a "
    "model that is sure keeps nothing but its best guess. That token stays.",
)
def drops_the_token_that_crosses(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        gone = ranked.softmax(dim=-1).cumsum(dim=-1) > top_p
        gone[..., 0] = False
        ranked = ranked.masked_fill(gone, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "Your top_p drops the token with which the sum passes p, so what stays sums to less. Where the "
    "first alone passes it, nothing stays. The token that crosses p is in.",
)
def drops_all_beyond_p(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        gone = ranked.softmax(dim=-1).cumsum(dim=-1) > top_p
        ranked = ranked.masked_fill(gone, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "Your top_p drops the token with which the sum reaches p, even where it is the first, and then "
    "nothing stays. The token that reaches p is in.",
)
def drops_from_where_p_is_reached(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        gone = ranked.softmax(dim=-1).cumsum(dim=-1) >= top_p
        ranked = ranked.masked_fill(gone, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You keep one token more than it takes to reach p. "
    "The token with which the sum reaches p is the last to stay.",
)
def keeps_one_more_than_it_takes(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        reached = (ranked.softmax(dim=-1).cumsum(dim=-1) >= top_p).int()
        ranked = ranked.masked_fill(reached.cumsum(dim=-1) > 2, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You rank upwards, so the least likely tokens stay. Sort with descending=True.",
)
def keeps_the_least_likely(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You return the logits in the order of the ranking, so each stands at another token's place. "
    "Bring them back to where they came from.",
)
def leaves_them_ranked(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, _ = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked


@misconception(
    "filter_logits",
    "You bring the ranking back with the order itself. It says where each came from; to go back, "
    "write with scatter, or gather with the order's own argsort.",
)
def brings_them_back_the_wrong_way(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked.gather(-1, order)


@misconception(
    "filter_logits",
    "You set what is left out to 0. A logit of 0 is an ordinary score, and its token still comes. "
    "Minus infinity forbids it.",
)
def fills_with_zeros(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = 0.0
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, 0.0)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You set what is left out to -10,000. Where logits lie that low themselves, it is not "
    "forbidden. Use minus infinity.",
)
def fills_with_a_low_number(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -1e4
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -1e4)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You return probabilities. What comes next, the sampler, takes logits.",
)
def returns_probabilities(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked.softmax(dim=-1).gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You keep tokens whose own probability is at least top_p: in most places there is none. "
    "top_p is for the sum over the ranking.",
)
def holds_each_against_p(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        gone = ranked.softmax(dim=-1) < top_p
        gone[..., 0] = False
        ranked = ranked.masked_fill(gone, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You add probabilities up in the order of the tokens. Rank them first, the likeliest in front.",
)
def adds_up_without_ranking(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    kept = ranked.gather(-1, order.argsort(dim=-1))
    if top_p < 1:
        shares = kept.softmax(dim=-1)
        kept = kept.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return kept


@misconception(
    "filter_logits",
    "Your top_p takes probabilities over all tokens, also over those that top_k has dropped. "
    "After top_k the rest is shared out again: take the softmax of what is left.",
)
def shares_from_before_top_k(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    shares = ranked.softmax(dim=-1)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You write into the logits that you are given. Work on a new tensor: masked_fill makes one.",
)
def writes_into_the_logits(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return logits.copy_(ranked.gather(-1, order.argsort(dim=-1)))


@misconception(
    "filter_logits",
    "You hold logits against the k-th highest, so of equal logits too many stay. "
    "Of equals the first come first.",
    about="edge cases",
)
def keeps_all_equals(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    kept = logits
    if top_k is not None:
        lowest = logits.sort(dim=-1, descending=True).values[..., :top_k][..., -1:]
        kept = logits.masked_fill(logits < lowest, -torch.inf)
    if top_p < 1:
        ranked, order = kept.sort(dim=-1, descending=True, stable=True)
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
        kept = ranked.gather(-1, order.argsort(dim=-1))
    return kept


@misconception(
    "filter_logits",
    "You ask whether the sum before a token is above p. At exactly p enough are kept already: "
    "the sum should reach p, not pass it.",
    about="edge cases",
)
def wants_more_than_p(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares > top_p, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "torch.topk refuses a k larger than the number of tokens. Then all stay: "
    "take at most as many as there are.",
    about="edge cases",
)
def fails_for_a_large_k(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    if top_k is not None:
        torch.topk(logits, top_k, dim=-1)
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    if top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "With top_p = 1 your filter drops very unlikely tokens: rounded, the sum before them is 1 "
    "already. At 1 there is nothing to filter.",
    about="edge cases",
)
def filters_at_one_too(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        ranked[..., top_k:] = -torch.inf
    shares = ranked.softmax(dim=-1)
    ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@misconception(
    "filter_logits",
    "You accept a top_k of 0 or a top_p beyond 1, and go on with some other filter. "
    "Raise a ValueError.",
    about="edge cases",
)
def accepts_any_filter(logits, top_k=None, top_p=1.0):
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)
    if top_k:
        ranked[..., top_k:] = -torch.inf
    if 0 < top_p < 1:
        shares = ranked.softmax(dim=-1)
        ranked = ranked.masked_fill(shares.cumsum(dim=-1) - shares >= top_p, -torch.inf)
    return ranked.gather(-1, order.argsort(dim=-1))


@alternative("filter_logits")
def by_ranks(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k <= 0) or top_p <= 0 or top_p > 1:
        raise ValueError("no such filter")
    order = torch.argsort(-logits, dim=-1, stable=True)
    rank = torch.argsort(order, dim=-1)
    kept = logits if top_k is None else torch.where(rank < top_k, logits, -torch.inf)
    if top_p == 1:
        return kept.clone()
    ranked = kept.softmax(dim=-1).gather(-1, order)
    before = F.pad(ranked.cumsum(dim=-1), (1, -1))
    return torch.where(before.gather(-1, rank) < top_p, kept, -torch.inf)


@alternative("filter_logits")
def row_after_row(logits, top_k=None, top_p=1.0):
    if (top_k is not None and top_k < 1) or not 0 < top_p <= 1:
        raise ValueError("no such filter")
    out = torch.full_like(logits, -torch.inf)
    for row, into in zip(
        logits.reshape(-1, logits.shape[-1]), out.view(-1, logits.shape[-1]), strict=True
    ):
        order = sorted(range(len(row)), key=lambda token, row=row: -float(row[token]))[:top_k]
        highest = float(row[order[0]])
        powers = [math.exp(float(row[token]) - highest) for token in order]
        done = 0.0
        for token, power in zip(order, powers, strict=True):
            if top_p < 1 and done >= top_p * sum(powers):
                break
            into[token] = row[token]
            done += power
    return out


# generate


@misconception(
    "generate",
    "Your model reads the last token only, and forgets what came before. "
    "Give it all tokens, the last `context` of them.",
)
def reads_the_last_token_only(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -1:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You take the logits of the first place. What comes next stands at the last one: [:, -1].",
)
def takes_the_first_place(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, 0], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "Your model reads the whole text, and soon that is longer than its context. "
    "Give it the last `context` tokens.",
)
def reads_beyond_the_context(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens)[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "Where the text is longer than the context, you keep its beginning, so the model never sees "
    "what it has just written. Keep the end: [:, -context:].",
)
def keeps_the_beginning(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, :context])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You use the same draw in every step. Column n of `draws` is for step n.",
)
def the_same_draw_in_each_step(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for _ in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, 0], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You take a row of `draws` for each step, and a row belongs to one text. "
    "Step n wants column n.",
)
def takes_a_row_of_the_draws(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You return the new tokens without those that were given. Return the whole text.",
)
def returns_the_new_tokens_only(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    n_given = tokens.shape[1]
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens[:, n_given:]


@misconception(
    "generate",
    "You always take the likeliest token, whatever the draws. Hand them to your sample.",
)
def writes_the_likeliest(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for _ in range(draws.shape[1]):
        chosen = model(tokens[:, -context:])[:, -1].argmax(dim=-1)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You leave top_k and top_p unused, so the long tail is sampled after all. "
    "Filter the logits before you sample.",
)
def leaves_the_filters_out(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        chosen = sample(model(tokens[:, -context:])[:, -1], draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You leave the temperature out: hand it to your sample.",
)
def leaves_the_temperature_out(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step])
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You divide by the temperature before you filter, as Hugging Face does: then a hot model keeps "
    "more tokens. Here the filter comes first, and sample divides.",
)
def heats_before_it_filters(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = model(tokens[:, -context:])[:, -1]
        if temperature > 0:
            chosen = sample(filter_logits(logits / temperature, top_k, top_p), draws[:, step], 1.0)
        else:
            chosen = logits.argmax(dim=-1)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "Your loop never looks for the end token: rows write on behind it, and all draws are used up. "
    "Remember which rows have ended, and stop when all have.",
    about="edge cases",
)
def never_ends(model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None):
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
    return tokens


@misconception(
    "generate",
    "You stop when the first row ends, and cut the others off. Go on until all have ended.",
    about="edge cases",
)
def stops_with_the_first_row(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if end is not None and (chosen == end).any():
            break
    return tokens


@misconception(
    "generate",
    "You stop only where all rows write the end token in the same step. "
    "Remember which rows have ended before.",
    about="edge cases",
)
def waits_for_all_at_once(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if end is not None and (chosen == end).all():
            break
    return tokens


@misconception(
    "generate",
    "A row that has ended writes on while others still run. "
    "From its end token on a row holds nothing else.",
    about="edge cases",
)
def ended_rows_write_on(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        ended = ended | (chosen == (-1 if end is None else end))
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You fill ended rows with 0. They hold the end token.",
    about="edge cases",
)
def fills_ended_rows_with_zero(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature).masked_fill(ended, 0)
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if end is not None:
            ended = ended | (chosen == end)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "A row whose given tokens hold the end token ends at once. Only a chosen token ends a text.",
    about="edge cases",
)
def ends_by_what_was_given(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    for step in range(draws.shape[1]):
        ended = (tokens == (-1 if end is None else end)).any(dim=1)
        if ended.all():
            break
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
    return tokens


@misconception(
    "generate",
    "Token 0 never ends a text of yours: `if end` is False for 0, too. Ask whether end is None.",
    about="edge cases",
)
def takes_zero_for_no_end(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You look at the last given token before the first is chosen, so a text that begins with `end` "
    "there writes nothing else. Only a chosen token ends a text.",
    about="edge cases",
)
def ends_by_the_last_given(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = tokens[:, -1] == (-1 if end is None else end)
    for step in range(draws.shape[1]):
        logits = filter_logits(model(tokens[:, -context:])[:, -1], top_k, top_p)
        chosen = sample(logits, draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        if ended.all():
            break
    return tokens


@misconception(
    "generate",
    "You ask the model once more than tokens are chosen. With a large model each call is dear: "
    "call it only where a token is to be chosen.",
    about="edge cases",
)
def asks_once_too_often(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    ended = torch.zeros(len(tokens)).bool()
    logits = model(tokens[:, -context:])[:, -1]
    for step in range(draws.shape[1]):
        chosen = sample(filter_logits(logits, top_k, top_p), draws[:, step], temperature)
        if end is not None:
            chosen = torch.where(ended, end, chosen)
            ended = chosen == end
        tokens = torch.cat([tokens, chosen[:, None]], dim=1)
        logits = model(tokens[:, -context:])[:, -1]
        if ended.all():
            break
    return tokens


@alternative("generate")
def into_a_list_of_columns(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    columns = list(tokens.T)
    done = [False] * len(tokens)
    for draw in draws.T:
        logits = model(torch.stack(columns[-context:], dim=1))[:, -1, :]
        column = sample(filter_logits(logits, top_k, top_p), draw, temperature)
        if end is not None:
            column = torch.tensor(
                [end if over else int(one) for over, one in zip(done, column, strict=True)]
            )
            done = [int(one) == end for one in column]
        columns.append(column)
        if all(done):
            break
    return torch.stack(columns, dim=1)


@alternative("generate")
def into_a_table_made_before(
    model, tokens, draws, context, temperature=1.0, top_k=None, top_p=1.0, end=None
):
    width, total = tokens.shape[1], tokens.shape[1] + draws.shape[1]
    text = torch.zeros(len(tokens), total, dtype=tokens.dtype)
    text[:, :width] = tokens
    for place in range(width, total):
        start = max(0, place - context)
        logits = filter_logits(model(text[:, start:place])[:, -1], top_k, top_p)
        text[:, place] = sample(logits, draws[:, place - width], temperature)
        if end is not None:
            over = (text[:, width:place] == end).any(dim=1)
            text[over, place] = end
            if (text[:, width : place + 1] == end).any(dim=1).all():
                return text[:, : place + 1]
    return text


# KeyValueCache


@misconception(
    "KeyValueCache",
    "Your new tokens get the places from 0 on again. Their places go on behind what has been "
    "read: begin at self.length.",
)
class ForgetsWhereItIs:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[:new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Your mask begins at the top left, as with is_causal=True, so a new token sees only the "
    "oldest keys. The last new token stands at the last key: move the diagonal by self.length.",
)
class AlignsTheMaskTopLeft:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril().bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You use no mask. One new token needs none, but of several the first must not see the last.",
)
class LooksAheadInAPiece:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You put the new keys and values in the place of the old ones. Join them: torch.cat along "
    "the tokens.",
)
class KeepsTheNewestOnly:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.kept = {}

    def read(self, tokens):
        new, total = tokens.shape[1], self.length + tokens.shape[1]
        if total > self.model.context:
            raise ValueError("too many tokens")
        x = self.model.embed(tokens) + self.model.positions(torch.arange(self.length, total))
        mask = torch.ones(new, total).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            self.kept[i] = k, v
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length = total
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "All blocks put their keys into one store, so the second block finds those of the first. "
    "Each block has its own.",
)
class SharesOneStoreAmongBlocks:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.kept = None

    def read(self, tokens):
        new, total = tokens.shape[1], self.length + tokens.shape[1]
        if total > self.model.context:
            raise ValueError("too many tokens")
        x = self.model.embed(tokens) + self.model.positions(torch.arange(self.length, total))
        mask = torch.ones(new, total).tril(self.length).bool()
        for block in self.model.encoder.blocks:
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if self.kept is not None:
                old_k, old_v = self.kept
                k, v = torch.cat([old_k, k], dim=-2), torch.cat([old_v, v], dim=-2)
            self.kept = k, v
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length = total
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You put new keys in front of the old ones, and the mask counts from the oldest. Old ones "
    "come first.",
)
class PutsNewKeysInFront:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([k, self.keys[i]], dim=2)
                self.values[i] = torch.cat([v, self.values[i]], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Keys and values do not stand in the same order, so weights meet other tokens' values. Old "
    "ones come first, in both.",
)
class TurnsOnlyTheValuesRound:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([v, self.values[i]], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Keys and values have changed places: weights come from the values, and keys are averaged. "
    "Keep one order wherever you make, keep and use them.",
)
class ExchangesKeysAndValues:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.kept = {}

    def read(self, tokens):
        new, total = tokens.shape[1], self.length + tokens.shape[1]
        if total > self.model.context:
            raise ValueError("too many tokens")
        x = self.model.embed(tokens) + self.model.positions(torch.arange(self.length, total))
        mask = torch.ones(new, total).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_v, part.w_k))
            if i in self.kept:
                old_k, old_v = self.kept[i]
                k, v = torch.cat([old_k, k], dim=-2), torch.cat([old_v, v], dim=-2)
            self.kept[i] = k, v
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length = total
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You take the same block in every round. Each round has its own parameters.",
)
class TakesOneBlockForAll:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.kept = {}

    def read(self, tokens):
        new, total = tokens.shape[1], self.length + tokens.shape[1]
        if total > self.model.context:
            raise ValueError("too many tokens")
        x = self.model.embed(tokens) + self.model.positions(torch.arange(self.length, total))
        mask = torch.ones(new, total).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            block = self.model.encoder.blocks[0]
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i in self.kept:
                old_k, old_v = self.kept[i]
                k, v = torch.cat([old_k, k], dim=-2), torch.cat([old_v, v], dim=-2)
            self.kept[i] = k, v
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length = total
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You leave out the encoder's last norm, which stands behind all blocks.",
)
class LeavesOutTheLastNorm:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return x @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Your attention replaces the stream in place of being added to it. x = x + ...",
)
class LeavesOutTheResidual:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Your heads are merged and added as they are. w_o comes between.",
)
class LeavesOutTheOutputProjection:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + merge_heads(y)
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You return logits of the last new token only. Return those of all new tokens, (B, T_new, V).",
)
class ScoresTheLastTokenOnly:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x)[:, -1] @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You refuse to fill the context's last place. Raise only where there would be more tokens "
    "than places.",
    about="edge cases",
)
class AsksOneTooEarly:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new >= self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Beyond the context there are no places, and your cache fails somewhere inside. Ask first, "
    "and raise a ValueError.",
    about="edge cases",
)
class FailsSomewhereInside:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You add to the length before you ask whether the tokens fit, so after a refusal the cache "
    "is broken. Ask first.",
    about="edge cases",
)
class CountsBeforeItAsks:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.keys, self.values = [], []

    def read(self, tokens):
        new = tokens.shape[1]
        self.length += new
        if self.length > self.model.context:
            raise ValueError("full")
        self.length -= new
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i == len(self.keys):
                self.keys.append(k)
                self.values.append(v)
            else:
                self.keys[i] = torch.cat([self.keys[i], k], dim=2)
                self.values[i] = torch.cat([self.values[i], v], dim=2)
            k, v = self.keys[i], self.values[i]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Your length stays 0 for whoever asks. Let it grow with each piece.",
    about="edge cases",
)
class NeverCounts:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.kept = {}

    def read(self, tokens):
        new, total = tokens.shape[1], self.length + tokens.shape[1]
        if total > self.model.context:
            raise ValueError("too many tokens")
        x = self.model.embed(tokens) + self.model.positions(torch.arange(self.length, total))
        mask = torch.ones(new, total).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if i in self.kept:
                old_k, old_v = self.kept[i]
                k, v = torch.cat([old_k, k], dim=-2), torch.cat([old_v, v], dim=-2)
            self.kept[i] = k, v
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "You keep the tokens and read them all again each time. That gives the same logits, and saves "
    "nothing: keep every block's keys and values.",
)
class ReadsEverythingAgain:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.tokens = None

    def read(self, tokens):
        if self.length + tokens.shape[1] > self.model.context:
            raise ValueError("full")
        self.tokens = tokens if self.tokens is None else torch.cat([self.tokens, tokens], dim=1)
        self.length = self.tokens.shape[1]
        return self.model(self.tokens)[:, -tokens.shape[1] :]


@misconception(
    "KeyValueCache",
    "You keep what goes into w_k and w_v, and multiply all of it again each time. "
    "Keep what comes out: keys and values.",
)
class KeepsWhatGoesIn:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.inputs = {}

    def read(self, tokens):
        new = tokens.shape[1]
        if self.length + new > self.model.context:
            raise ValueError("full")
        x = self.model.embed(tokens) + self.model.positions.weight[self.length : self.length + new]
        mask = torch.ones(new, self.length + new).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            old = self.inputs.get(i, y[:, :0])
            self.inputs[i] = torch.cat([old, y], dim=1)
            q = split_heads(part.w_q(y), part.n_heads)
            k, v = (split_heads(w(self.inputs[i]), part.n_heads) for w in (part.w_k, part.w_v))
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length += new
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@misconception(
    "KeyValueCache",
    "Your store belongs to the class, so all caches share it, and a second text finds the first "
    "one's keys. Make it in __init__, for each cache anew.",
    about="edge cases",
)
class SharesItsStoreWithOthers:
    kept = {}  # noqa: RUF012  # that is the mistake

    def __init__(self, model):
        self.model = model
        self.length = 0

    def read(self, tokens):
        new, total = tokens.shape[1], self.length + tokens.shape[1]
        if total > self.model.context:
            raise ValueError("too many tokens")
        x = self.model.embed(tokens) + self.model.positions(torch.arange(self.length, total))
        mask = torch.ones(new, total).tril(self.length).bool()
        for i, block in enumerate(self.model.encoder.blocks):
            y, part = block.norm1(x), block.attention
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if self.length:
                old_k, old_v = self.kept[i]
                k, v = torch.cat([old_k, k], dim=-2), torch.cat([old_v, v], dim=-2)
            self.kept[i] = k, v
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + part.w_o(merge_heads(y))
            x = x + block.feed_forward(block.norm2(x))
        self.length = total
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


@alternative("KeyValueCache")
class IntoRoomMadeBefore:
    def __init__(self, model):
        self.model = model
        self.length = 0
        self.room = []

    def read(self, tokens):
        model, first = self.model, self.length
        last = first + tokens.shape[1]
        if last > model.context:
            raise ValueError("the context is full")
        x = model.embed(tokens) + model.positions.weight[first:last]
        seen = torch.arange(last) <= torch.arange(first, last)[:, None]
        for number, block in enumerate(model.encoder.blocks):
            part, y = block.attention, block.norm1(x)
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            if number == len(self.room):
                size = (*k.shape[:2], model.context, k.shape[-1])
                self.room.append((k.new_zeros(size), v.new_zeros(size)))
            for kept, fresh in zip(self.room[number], (k, v), strict=True):
                kept[:, :, first:last] = fresh.detach()
            k, v = (kept[:, :, :last] for kept in self.room[number])
            scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
            weights = scores.masked_fill(~seen, -torch.inf).softmax(dim=-1)
            x = x + part.w_o(merge_heads(weights @ v))
            x = x + block.feed_forward(block.norm2(x))
        self.length = last
        return F.linear(model.encoder.norm(x), model.embed.weight)


@alternative("KeyValueCache")
class TokenByToken:
    def __init__(self, model):
        self.model = model
        self.kept = [[] for _ in model.encoder.blocks]

    @property
    def length(self):
        return len(self.kept[0])

    def read(self, tokens):
        if self.length + tokens.size(1) > self.model.context:
            raise ValueError("the context is full")
        return torch.stack([self.read_one(column) for column in tokens.T], dim=1)

    def read_one(self, tokens):
        x = self.model.embed(tokens) + self.model.positions.weight[self.length]
        for kept, block in zip(self.kept, self.model.encoder.blocks, strict=True):
            part, y = block.attention, block.norm1(x)[:, None]
            q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
            kept.append((k, v))
            keys, values = (torch.cat(each, dim=2) for each in zip(*kept, strict=True))
            attended = merge_heads(F.scaled_dot_product_attention(q, keys, values))
            x = x + part.w_o(attended)[:, 0]
            x = x + block.feed_forward(block.norm2(x))
        return self.model.encoder.norm(x) @ self.model.embed.weight.T


# mask_tokens


@misconception(
    "mask_tokens",
    "You put the mask token over every chosen token. One in ten gets another token, and one in ten "
    "stays: the finished model will never see a mask token.",
)
def masks_all_that_are_chosen(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    return tokens.masked_fill(chosen, mask_token), tokens.masked_fill(~chosen, -100)


@misconception(
    "mask_tokens",
    "Your targets hold every token, so the model is praised for copying what it can read. "
    "Where nothing was chosen, the target is -100.",
)
def asks_for_every_token(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws < 0.9 * p), others, tokens)
    return inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token), tokens.clone()


@misconception(
    "mask_tokens",
    "Your targets are turned round: -100 stands where a token was chosen, and all others are "
    "asked for.",
)
def asks_for_the_others(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws < 0.9 * p), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, tokens.masked_fill(chosen, -100)


@misconception(
    "mask_tokens",
    "You choose among padding, too. Only places where `words` is True may be chosen.",
)
def chooses_padding_too(tokens, words, draws, others, mask_token, p=0.15):
    chosen = draws < p
    inputs = torch.where(chosen & (draws < 0.9 * p), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, tokens.masked_fill(~chosen, -100)


@misconception(
    "mask_tokens",
    "Your targets hold the tokens that stand in the inputs, so the answer to a hidden token is the "
    "mask token. The targets are the tokens from before.",
)
def asks_for_what_is_read(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws < 0.9 * p), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, inputs.masked_fill(~chosen, -100)


@misconception(
    "mask_tokens",
    "Tokens that were chosen and stay are no targets of yours. They are asked for, too: the model "
    "cannot know which of the tokens that it reads are true.",
)
def asks_only_where_it_changed(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws < 0.9 * p), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, tokens.masked_fill(~(chosen & (draws < 0.9 * p)), -100)


@misconception(
    "mask_tokens",
    "You hold the draws against 0.8 and 0.9, not against these shares of p. "
    "All chosen draws lie below p: multiply.",
)
def shares_of_everything(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws < 0.9), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8), mask_token)
    return inputs, tokens.masked_fill(~chosen, -100)


@misconception(
    "mask_tokens",
    "You exchange the last two parts: from 0.8 p to 0.9 p another token comes; above, it stays.",
)
def the_last_two_parts_exchanged(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws >= 0.9 * p), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, tokens.masked_fill(~chosen, -100)


@misconception(
    "mask_tokens",
    "No chosen token stays as it is: above 0.8 p all get another one. Half of these should stay.",
)
def none_stays(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen, others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, tokens.masked_fill(~chosen, -100)


@misconception(
    "mask_tokens",
    "Where nothing was chosen your target is 0, and 0 is a token. F.cross_entropy leaves out -100.",
)
def marks_the_rest_with_zero(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    inputs = torch.where(chosen & (draws < 0.9 * p), others, tokens)
    inputs = inputs.masked_fill(chosen & (draws < 0.8 * p), mask_token)
    return inputs, tokens * chosen


@misconception(
    "mask_tokens",
    "You write into the tokens that you are given, and the answers are lost with them. "
    "Make new tensors.",
)
def writes_into_the_tokens(tokens, words, draws, others, mask_token, p=0.15):
    chosen = words & (draws < p)
    targets = tokens.masked_fill(~chosen, -100)
    swapped = chosen & (draws >= 0.8 * p) & (draws < 0.9 * p)
    tokens[chosen & (draws < 0.8 * p)] = mask_token
    tokens[swapped] = others[swapped]
    return tokens, targets


@alternative("mask_tokens")
def with_three_parts_in_turn(tokens, words, draws, others, mask_token, p=0.15):
    inputs, targets = tokens.clone(), torch.full_like(tokens, -100)
    hidden = words & (draws < p * 0.8)
    swapped = words & (draws >= p * 0.8) & (draws < p * 0.9)
    stays = words & (draws >= p * 0.9) & (draws < p)
    inputs[hidden] = mask_token
    inputs[swapped] = others[swapped]
    asked = hidden | swapped | stays
    targets[asked] = tokens[asked]
    return inputs, targets


@alternative("mask_tokens")
def place_by_place(tokens, words, draws, others, mask_token, p=0.15):
    inputs, targets = tokens.tolist(), [[-100] * tokens.shape[1] for _ in tokens]
    for row in range(len(tokens)):
        for place in range(tokens.shape[1]):
            draw = float(draws[row, place])
            if not words[row, place] or draw >= p:
                continue
            targets[row][place] = int(tokens[row, place])
            if draw < 0.8 * p:
                inputs[row][place] = mask_token
            elif draw < 0.9 * p:
                inputs[row][place] = int(others[row, place])
    return torch.tensor(inputs), torch.tensor(targets)

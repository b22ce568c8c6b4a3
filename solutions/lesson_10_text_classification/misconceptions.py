"""Named wrong answers to lesson 10, and right ones written differently."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_09_transformer_block.kernels import TransformerEncoder
from solutions.lesson_10_text_classification.kernels import label_smoothing

# TextClassifier


@misconception(
    "TextClassifier",
    'Without positions the encoder cannot tell "the plot was bad, but the acting good" from the '
    "same words in another order. Add self.positions to the embeddings.",
)
class LeavesOutThePlaces(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens)
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You take the mean over all places, so padding changes the answer: a review in a longer batch "
    "gets another score. Add up the True places only, and divide by how many they are.",
)
class AveragesThePaddingToo(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        return self.output(x.mean(dim=1))


@misconception(
    "TextClassifier",
    "You leave padding out of the sum, but divide by T: short reviews get small vectors. "
    "Divide by the number of True places.",
)
class DividesByTheWidth(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.shape[1])


@misconception(
    "TextClassifier",
    "You add up the words and never divide, so long reviews get long vectors. "
    "Divide the sum by the number of True places.",
)
class AddsInPlaceOfAveraging(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        return self.output((x * words[..., None]).sum(dim=1))


@misconception(
    "TextClassifier",
    "The encoder gets no mask, so words attend to padding, and padding changes the answer. "
    "Hand it `words`, with axes of size 1 for heads and queries.",
)
class MasksNothing(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x))
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You mask the words and let everybody attend to padding. In this course True means: may be "
    "attended to. Leave out the ~.",
)
class TurnsTheMaskAround(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), ~words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    'With "cls" you take the last place, which is often padding. [CLS] stands first: x[:, 0].',
)
class TakesTheLastToken(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, -1])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    'You always take the mean. With pooling="cls" the score comes from the first token\'s '
    "output, x[:, 0].",
)
class IgnoresThePooling(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    'You always take the first token\'s output. With pooling="mean" it is the mean over all words.',
)
class TakesTheFirstTokenAlways(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        return self.output(x[:, 0])


@misconception(
    "TextClassifier",
    "You take the mean before the encoder, so it reads one vector and has nothing to attend to. "
    "Encode first, then pool.",
)
class PoolsBeforeTheEncoder(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.dropout(x)
        if self.pooling == "cls":
            pooled = x[:, 0]
        else:
            total = (x * words[..., None]).sum(dim=1)
            pooled = total / words.sum(dim=1, keepdim=True).clamp(min=1)
        return self.output(self.encoder(pooled[:, None])[:, 0])


@misconception(
    "TextClassifier",
    "You give one score for each review, as for a sigmoid. Here every class has a score of its "
    "own: the last layer has n_classes outputs.",
)
class GivesOneScore(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, 1)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You return scores for each token, (B, T, n_classes). A review has one label: pool the tokens "
    "into one vector, then score it.",
)
class ScoresEachToken(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        return self.output(x)


@misconception(
    "TextClassifier",
    "You return probabilities. The loss takes the softmax itself, so here it would be taken twice. "
    "Return the scores.",
)
class ReturnsProbabilities(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0]).softmax(dim=-1)
        total = (x * words[..., None]).sum(dim=1)
        scores = self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))
        return scores.softmax(dim=-1)


@misconception(
    "TextClassifier",
    "Your words never meet: without the encoder this is a bag of words. "
    "Send the sum through self.encoder.",
)
class LeavesOutTheEncoder(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.dropout(x)
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You number the reviews of the batch, not the tokens: the same review gets another score in "
    "another row. The places run along T, tokens.shape[1].",
)
class PutsThePlacesOnTheBatch(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        places = torch.arange(tokens.shape[0]) % self.positions.num_embeddings
        x = self.embed(tokens) + self.positions(places)[:, None]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "A review with no True place gives 0 / 0. Divide by at least 1.",
    about="edge cases",
)
class DividesByNoWords(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True))


@misconception(
    "TextClassifier",
    "Dropout reaches the encoder's inside, and not what goes into it. "
    "Use a dropout on the sum of both vectors, too.",
    about="edge cases",
)
class DropsNothingOfTheSum(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(x, words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "The encoder never hears of dropout: hand the probability on to TransformerEncoder.",
    about="edge cases",
)
class GivesTheEncoderNoDropout(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You call F.dropout, which knows nothing of eval(), so a trained model answers at random. "
    "Use an nn.Dropout made in __init__.",
    about="edge cases",
)
class DropsInEvaluationToo(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = F.dropout(x, self.dropout.p)
        x = self.encoder(x, words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "A pooling that does not exist is taken for the mean, and a misspelt word shows nowhere. "
    "Raise a ValueError.",
    about="edge cases",
)
class AcceptsAnyPooling(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "nn.Embedding draws with standard deviation 1, so places are as loud as words. "
    "Draw the numbers of both tables again.",
    about="edge cases",
)
class LeavesTheTablesAsTheyCome(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You detach the pooled vector, so only the last layer learns. Leave it recorded.",
    about="gradient",
)
class DetachesThePooled(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0].detach())
        total = (x * words[..., None]).sum(dim=1).detach()
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "Your mask forbids padding to look, and nobody to look at padding: it lies on the axis of the "
    "queries. The axis of the keys is the last one.",
)
class MasksTheQueries(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, :, None])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "The scores are (B, heads, T, T), and your mask has three axes: its B meets the heads. "
    "Give it four: reviews, heads, queries, keys.",
)
class LeavesOutTheHeadsAxis(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You ask the tokens which places are padding, and never `words`. "
    "What is padding, the argument `words` says.",
)
class GoesByTheTokensNumbers(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        words = tokens != 0
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "Your mean leaves [CLS] out. It counts as a token: all True places are in the mean.",
)
class LeavesTheFirstTokenOut(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        words = words & (torch.arange(words.shape[1]) > 0)
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    'The two poolings are exchanged: "mean" gives the first output, and "cls" the mean.',
)
class SwapsThePoolings(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "mean":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    'With "cls" you take all tokens of the first review. '
    "The first axis is the batch: take the first token of every review.",
)
class TakesTheFirstReview(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "Your places count from 1, so the first row of the table is never used, and the longest review "
    "finds none. Count from 0.",
)
class CountsPlacesFromOne(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        places = torch.arange(1, tokens.shape[1] + 1)
        x = self.embed(tokens) + self.positions(places)
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "Your encoder has one block, whatever n_layers says. Hand every size on.",
)
class BuildsOneBlock(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(1, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "Your encoder has two heads, whatever n_heads says. Hand every size on.",
)
class BuildsTwoHeads(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, 2, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "The feed-forward networks get a width of your own. Theirs is d_ff: hand it on.",
)
class ChoosesTheInnerWidth(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, 2 * d_model, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "Your table of places always has 64 rows. It has max_length: longer reviews need more.",
)
class HasPlacesForSixtyFour(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(64, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You drop numbers of what the encoder, or the pooling, gives. "
    "The dropout belongs on what goes into the encoder, and nowhere behind it.",
    about="edge cases",
)
class DropsBehindTheEncoder(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.dropout(self.encoder(x, words[:, None, None, :]))
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You drop numbers of the tokens' vectors, before the places are added. Drop of the sum.",
    about="edge cases",
)
class DropsTheTokensOnly(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.dropout(self.embed(tokens)) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(x, words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "The table of places still has nn.Embedding's standard deviation, 1: places are ten times as "
    "loud as words. Both tables are drawn again.",
    about="edge cases",
)
class DrawsOneTableOnly(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@misconception(
    "TextClassifier",
    "You draw evenly between two ends. From -0.1 to 0.1 that is a standard deviation of 0.06. "
    "Draw normal numbers.",
    about="edge cases",
)
class DrawsEvenly(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(pooling)
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.dropout = nn.Dropout(dropout)
        nn.init.uniform_(self.embed.weight, -0.1, 0.1)
        nn.init.uniform_(self.positions.weight, -0.1, 0.1)

    def forward(self, tokens, words):
        x = self.embed(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(self.dropout(x), words[:, None, None, :])
        if self.pooling == "cls":
            return self.output(x[:, 0])
        total = (x * words[..., None]).sum(dim=1)
        return self.output(total / words.sum(dim=1, keepdim=True).clamp(min=1))


@alternative("TextClassifier")
class WithPoolingByAProduct(nn.Module):
    """The share of each token in the pooled vector, as one row of weights."""

    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        if pooling not in {"mean", "cls"}:
            raise ValueError(f"no pooling {pooling}")
        super().__init__()
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        self.positions = nn.Embedding(max_length, d_model)
        self.embed = nn.Embedding(n_tokens, d_model)
        with torch.no_grad():
            self.embed.weight *= 0.1
            self.positions.weight *= 0.1
        self.p, self.pooling = dropout, pooling

    def forward(self, tokens, words):
        places = torch.arange(tokens.size(1)).expand_as(tokens)
        x = F.dropout(self.embed(tokens) + self.positions(places), self.p, self.training)
        x = self.encoder(x, words.unsqueeze(1).unsqueeze(1))
        shares = F.one_hot(torch.tensor(0), tokens.size(1)).expand_as(words).to(x.dtype)
        if self.pooling == "mean":
            shares = words.to(x.dtype) / words.sum(-1, keepdim=True).clamp_min(1)
        return self.output(torch.einsum("bt,btd->bd", shares, x))


@alternative("TextClassifier")
class WithPaddingFilledByZeros(nn.Module):
    def __init__(
        self,
        n_tokens,
        d_model,
        n_layers,
        n_heads,
        d_ff,
        n_classes=2,
        max_length=64,
        dropout=0.0,
        pooling="mean",
    ):
        super().__init__()
        if pooling != "mean" and pooling != "cls":
            raise ValueError("mean or cls")
        self.takes_first = pooling == "cls"
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.embed.weight.data.normal_(0, 0.1)
        self.positions.weight.data.normal_(0, 0.1)
        self.drop = nn.Dropout(dropout)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)

    def forward(self, tokens, words):
        mask = (words[:, None, :] & torch.ones_like(words)[:, :, None])[:, None]  # (B, 1, T, T)
        x = self.encoder(
            self.drop(self.embed(tokens) + self.positions.weight[: len(tokens[0])]), mask
        )
        if self.takes_first:
            x = x.select(1, 0)
        else:
            count = words.sum(1).clamp(1)
            x = x.masked_fill(~words.unsqueeze(-1), 0).sum(1) / count[:, None]
        return self.output(x)


# label_smoothing


@misconception(
    "label_smoothing",
    "You leave the smoothing out: this is plain cross-entropy. "
    "Mix the right class's log-probability with the mean of all of them.",
)
def leaves_out_the_smoothing(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    return -logs.gather(-1, labels[:, None]).mean()


@misconception(
    "label_smoothing",
    "You give ε / (K - 1) to the wrong classes and nothing of it to the right one. "
    "Here every class gets ε / K, the right one too.",
)
def smooths_the_others_only(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    targets = torch.full_like(logs, smoothing / (logs.shape[-1] - 1))
    targets.scatter_(-1, labels[:, None], 1 - smoothing)
    return -(targets * logs).sum(dim=-1).mean()


@misconception(
    "label_smoothing",
    "Every class gets the whole ε, so your targets sum to more than 1. Divide it: ε / K each.",
)
def gives_each_class_the_whole(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.sum(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "The right class keeps all of its 1, and ε comes on top: the targets sum to 1 + ε. "
    "Take ε away from the right class first.",
)
def takes_nothing_from_the_right_class(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -(right + smoothing * logs.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "You mixed up the shares: ε is the share of all classes, 1 - ε that of the right one.",
)
def swaps_the_shares(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -(smoothing * right + (1 - smoothing) * logs.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "You add up the batch, so a larger batch takes larger steps. Take the mean.",
)
def sums_the_batch(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).sum()


@misconception(
    "label_smoothing",
    "You smooth the probabilities in place of the targets. "
    "The model's probabilities stay as they are; the labels become less sure.",
)
def smooths_the_probabilities(logits, labels, smoothing):
    shares = torch.softmax(logits, dim=-1)
    shares = (1 - smoothing) * shares + smoothing / logits.shape[-1]
    return -torch.log(shares.gather(-1, labels[:, None])).mean()


@misconception(
    "label_smoothing",
    "Your loss has the wrong sign: it falls where the model is wrong. Put a minus before the sum.",
)
def forgets_the_minus(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return ((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "Your softmax runs over the batch, so reviews compete. Take it over the classes: dim=-1.",
)
def softmax_over_the_batch(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=0)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "You take the logarithm of a softmax that may be 0: far scores give an infinite loss. "
    "Use torch.log_softmax.",
    about="edge cases",
)
def log_of_a_softmax(logits, labels, smoothing):
    logs = torch.log(torch.softmax(logits, dim=-1))
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "You put a small number into the logarithm, so far scores all cost the same and teach nothing. "
    "Use torch.log_softmax.",
    about="edge cases",
)
def log_with_a_small_number(logits, labels, smoothing):
    logs = torch.log(torch.softmax(logits, dim=-1) + 1e-12)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "The mean of all log-probabilities is detached, so smoothing changes the loss and not what is "
    "learned. Leave it recorded.",
    about="gradient",
)
def detaches_the_smoothing(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1).detach()).mean()


@misconception(
    "label_smoothing",
    "Your right class gets 1 - ε alone, so the targets sum to less than 1. "
    "Its share of ε comes on top: ε / K, as for every class.",
)
def leaves_the_right_class_without_a_share(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    wrong = torch.ones_like(logs).scatter(-1, labels[:, None], 0.0)
    targets = (1 - smoothing) * (1 - wrong) + smoothing / logs.shape[-1] * wrong
    return -(targets * logs).sum(dim=-1).mean()


@misconception(
    "label_smoothing",
    "You share ε among two classes, however many there are. K is the size of the last axis.",
)
def knows_two_classes_only(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing / 2 * logs.sum(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "You take the mean over reviews and classes, so the loss shrinks with the number of classes. "
    "Add up over the classes, then take the mean over the reviews.",
)
def averages_over_the_classes_too(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    targets = torch.full_like(logs, smoothing / logs.shape[-1])
    targets.scatter_add_(-1, labels[:, None], torch.full_like(logs[:, :1], 1 - smoothing))
    return -(targets * logs).mean()


@misconception(
    "label_smoothing",
    "You return one loss for each review. Training needs one for the batch: their mean.",
)
def keeps_a_loss_for_each_review(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1))


@misconception(
    "label_smoothing",
    "You take the scores for log-probabilities. Scores may be any numbers: "
    "a softmax makes probabilities of them.",
)
def takes_no_softmax(logits, labels, smoothing):
    right = logits.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logits.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "You change the caller's scores in place, and a tensor that needs gradients refuses it. "
    "Make a new tensor of them.",
)
def changes_the_scores(logits, labels, smoothing):
    logits -= logits.logsumexp(dim=-1, keepdim=True)
    right = logits.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logits.mean(dim=-1)).mean()


@misconception(
    "label_smoothing",
    "You return a plain number, and no gradient comes out of one. Return the tensor.",
    about="gradient",
)
def returns_a_plain_number(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean().item()


@misconception(
    "label_smoothing",
    "You detach the loss, so nothing can learn from it. Leave it recorded.",
    about="gradient",
)
def detaches_the_loss(logits, labels, smoothing):
    logs = torch.log_softmax(logits, dim=-1)
    right = logs.gather(-1, labels[:, None]).squeeze(-1)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean().detach()


@alternative("label_smoothing")
def with_a_table_of_targets(logits, labels, smoothing):
    classes = logits.shape[-1]
    targets = (1 - smoothing) * F.one_hot(labels, classes).to(logits.dtype) + smoothing / classes
    return (targets * (torch.logsumexp(logits, -1, keepdim=True) - logits)).sum(-1).mean()


@alternative("label_smoothing")
def by_indexing(logits, labels, smoothing):
    logs = logits - logits.logsumexp(dim=1, keepdim=True)
    sure = -logs[torch.arange(len(labels)), labels].mean()
    unsure = -logs.mean()
    return sure + smoothing * (unsure - sure)


# train_step


@misconception(
    "train_step",
    "You clip each gradient by its own norm. The parameters then move in another direction than "
    "the gradient points. One factor for all keeps the direction.",
)
def clips_each_gradient_alone(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    for gradient in gradients:
        if gradient.norm() > max_norm:
            gradient.mul_(max_norm / gradient.norm())
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You cut each number to the range from -max_norm to max_norm. That turns the direction. "
    "Shrink all numbers by one factor: max_norm / norm.",
)
def clips_each_number(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    for gradient in gradients:
        gradient.clamp_(-max_norm, max_norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You stretch small gradients as well, so every step has the norm max_norm. "
    "Clip only where the norm is larger than max_norm.",
)
def stretches_small_gradients(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    for gradient in gradients:
        gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "The parameters move by the whole gradient: you never clip, you clip after optimizer.step(), "
    "or your products are new tensors that nobody keeps. Change the gradients, before it.",
)
def never_clips(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    optimizer.step()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    return loss.item(), math.sqrt(sum(float(one.square().sum()) for one in gradients))


@misconception(
    "train_step",
    "You take the square of the norm for the norm: the root is missing.",
)
def forgets_the_root(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = sum(float(one.square().sum()) for one in gradients)
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You add up the norms of the gradients. Together they have the root of the sum of the squares.",
)
def adds_up_the_norms(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = sum(float(one.norm()) for one in gradients)
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You return the norm after clipping, which never says more than max_norm. "
    "Return the one from before: it shows what clipping does.",
)
def returns_the_clipped_norm(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), min(norm, max_norm)


@misconception(
    "train_step",
    "You leave the smoothing out of the loss. Hand it on to label_smoothing.",
)
def forgets_the_smoothing(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, 0.0)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You never call optimizer.step(): gradients are computed, and nothing moves.",
)
def takes_no_step(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    return loss.item(), math.sqrt(sum(float(one.square().sum()) for one in gradients))


@misconception(
    "train_step",
    "You empty the gradients after backward(), so the step moves nothing. "
    "Call optimizer.zero_grad() before backward().",
)
def empties_the_gradients_too_late(
    model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0
):
    model.train()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    optimizer.zero_grad(set_to_none=False)
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "The gradients of the last step are still there, and backward() adds to them. "
    "Call optimizer.zero_grad() first.",
)
def keeps_old_gradients(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "The model is not in training mode in your step, so nothing is dropped: after a look at the "
    "validation data it comes in eval(). Call model.train() first.",
    about="edge cases",
)
def trains_in_any_mode(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "A parameter that took no part has None for a gradient. Leave those out.",
    about="edge cases",
)
def expects_every_gradient(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters()]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You return the loss as a tensor. It holds the graph of the whole step: a list of losses fills "
    "the memory, and no plot can draw it. Make a Python float of it.",
    about="edge cases",
)
def returns_the_loss_with_its_graph(
    model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0
):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss, norm


@misconception(
    "train_step",
    "You clip the optimizer's first group only. Parameters that decay and those that do not are "
    "two groups, and the norm is that of all gradients together.",
)
def clips_the_first_group_only(
    model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0
):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    first = optimizer.param_groups[0]["params"]
    gradients = [one.grad for one in first if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You divide by the norm, which leaves a gradient of length 1. Its length shall be max_norm.",
)
def shrinks_to_one(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(1 / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You always clip at 1. The largest norm is the argument max_norm.",
)
def clips_at_one_always(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > 1:
        for gradient in gradients:
            gradient.mul_(1 / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You return a loss from after the step. The one from before it is asked for: "
    "it costs nothing more, since you need it for backward().",
)
def measures_after_the_step(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    return loss.item(), norm


@misconception(
    "train_step",
    "You return the loss alone. Two numbers are asked for: the loss, and the norm before clipping.",
)
def returns_the_loss_alone(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item()


@misconception(
    "train_step",
    "You add up the sizes of the gradients' numbers. The norm is the root of the sum of their "
    "squares.",
)
def adds_up_the_sizes(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = sum(float(one.abs().sum()) for one in gradients)
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You measure the norm of the weights. The gradients are what is clipped: measure them.",
)
def measures_the_weights(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in model.parameters()))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "You hand probabilities to label_smoothing, which takes a softmax itself. "
    "Hand it the model's scores.",
)
def takes_a_softmax_first(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words).softmax(dim=-1), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@misconception(
    "train_step",
    "The model never gets `words` as it came: you take every place for a word, or go by the "
    "tokens' numbers. Hand it on.",
)
def hands_on_other_words(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, tokens != 0), labels, smoothing)
    loss.backward()
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


@alternative("train_step")
def with_all_gradients_in_a_row(
    model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0
):
    model.train(True)
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    model.zero_grad()
    loss.backward()
    moving = [one for one in model.parameters() if one.grad is not None]
    norm = float(torch.cat([one.grad.flatten() for one in moving]).norm())
    factor = min(1.0, max_norm / max(norm, 1e-30))
    for one in moving:
        one.grad = one.grad * factor
    optimizer.step()
    return float(loss.detach()), norm


@alternative("train_step")
def with_gradients_asked_for(model, optimizer, tokens, words, labels, smoothing=0.0, max_norm=1.0):
    model.train()
    parameters = list(model.parameters())
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    slopes = torch.autograd.grad(loss, parameters, allow_unused=True)
    norm = sum(slope.pow(2).sum().item() for slope in slopes if slope is not None) ** 0.5
    for parameter, slope in zip(parameters, slopes, strict=True):
        parameter.grad = slope
        if slope is not None and norm > max_norm:
            parameter.grad = slope / (norm / max_norm)
    optimizer.step()
    return loss.item(), norm


# warmup_cosine


@misconception(
    "warmup_cosine",
    "You rise from step / warmup_steps, so the first step has a rate of 0 and is lost. "
    "Step 0 already gets 1 / warmup_steps.",
)
def rises_from_zero(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return step / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Your cosine counts from step 0, so the rate jumps down when warm-up ends. "
    "Count the share of the way down from warmup_steps.",
)
def counts_the_cosine_from_step_zero(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    return floor + (1 - floor) * (1 + math.cos(math.pi * step / total_steps)) / 2


@misconception(
    "warmup_cosine",
    "You divide the way down by total_steps, so the floor is reached too late. "
    "The way down has total_steps - warmup_steps steps.",
)
def divides_by_all_steps(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / total_steps
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "You fall along a straight line. The cosine starts and ends flat: (1 + cos(π p)) / 2.",
)
def falls_in_a_line(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    return 1 - (1 - floor) * (step - warmup_steps) / (total_steps - warmup_steps)


@misconception(
    "warmup_cosine",
    "You take a quarter of a wave, cos(π p / 2), which falls fastest at the end. "
    "Half a wave, shifted up, starts and ends flat: (1 + cos(π p)) / 2.",
)
def takes_a_quarter_of_a_wave(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * math.cos(math.pi * done / 2)


@misconception(
    "warmup_cosine",
    "You add the floor to a factor that still starts at 1, so it starts at 1 + floor. "
    "Only the part above the floor, 1 - floor, follows the cosine.",
)
def adds_the_floor_on_top(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "You leave the floor out, and the rate falls to 0. Scale the cosine to the range from the "
    "floor to 1.",
)
def leaves_out_the_floor(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return 0.0
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Your cosine begins one step late: step warmup_steps - 1 is the last of the warm-up, and step "
    "warmup_steps the first of the way down, where the share done is 0.",
)
def warms_up_one_step_longer(step, warmup_steps, total_steps, floor=0.0):
    if step <= warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Beyond total_steps your cosine rises again, and the rate with it. Stay at the floor.",
    about="edge cases",
)
def rises_again_beyond_the_end(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    done = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Where warm-up takes all steps, no way down is left, and you divide by 0. "
    "From total_steps on, return the floor before you divide.",
    about="edge cases",
)
def divides_by_nothing(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    done = min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Without warm-up you divide by 0. Look whether the step lies in the warm-up first.",
    about="edge cases",
)
def divides_by_no_warm_up(step, warmup_steps, total_steps, floor=0.0):
    rising = (step + 1) / warmup_steps
    if step < warmup_steps:
        return rising
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Your warm-up starts from the floor. The floor belongs to the way down; the way up starts from "
    "1 / warmup_steps.",
)
def rises_from_the_floor(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return floor + (1 - floor) * (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Your warm-up never goes below the floor. The floor belongs to the way down only.",
)
def keeps_warm_up_above_the_floor(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return max(floor, (step + 1) / warmup_steps)
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Step warmup_steps is still in your warm-up, so its factor is more than 1. "
    "The way down starts with it.",
)
def rises_above_one(step, warmup_steps, total_steps, floor=0.0):
    if step <= warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Your way down is one step too short: the floor comes at step total_steps - 1. "
    "It has total_steps - warmup_steps steps.",
)
def ends_one_step_early(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / max(1, total_steps - warmup_steps - 1)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Your cosine is one step ahead: at step warmup_steps the share done is 0, and the factor 1.",
)
def starts_down_one_step_ahead(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step + 1 - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "From total_steps on your factor is 0. It is the floor.",
    about="edge cases",
)
def ends_at_zero(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return 0.0
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "You let the cosine fall to 0 and cut it off at the floor. "
    "Shrink it to the range from the floor to 1: it then ends flat.",
)
def cuts_the_cosine_at_the_floor(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return max(floor, (1 + math.cos(math.pi * done)) / 2)


@misconception(
    "warmup_cosine",
    "Your way down starts at 2: the half is missing. 1 + cos runs from 2 to 0.",
)
def forgets_the_half(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done))


@misconception(
    "warmup_cosine",
    "You halve the cosine alone, so the way down starts at 1.5. Halve the sum, 1 + cos.",
)
def halves_the_cosine_alone(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done) / 2)


@misconception(
    "warmup_cosine",
    "// cuts the share done down to 0, so the factor never falls on the way. Divide with /.",
)
def divides_in_whole_numbers(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) // (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "You never ask whether the end is reached: beyond it the cosine rises again, and where warm-up "
    "takes all steps you divide by 0. From total_steps on, give the floor.",
    about="edge cases",
)
def knows_no_end(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@misconception(
    "warmup_cosine",
    "Where warm-up takes all steps, your factor is still 1 at total_steps. There it is the floor.",
    about="edge cases",
)
def holds_one_at_the_end(step, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    done = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


@alternative("warmup_cosine")
def by_the_square_of_a_cosine(step, warmup_steps, total_steps, floor=0.0):
    if warmup_steps > step:
        return 1 - (warmup_steps - 1 - step) / warmup_steps
    down = max(total_steps - warmup_steps, 1)
    done = min((step - warmup_steps) / down, 1.0) if total_steps > warmup_steps else 1.0
    return floor + (1 - floor) * math.cos(math.pi * done / 2) ** 2


@alternative("warmup_cosine")
def from_a_whole_curve(step, warmup_steps, total_steps, floor=0.0):
    up = np.arange(1, warmup_steps + 1) / max(warmup_steps, 1)
    angles = np.linspace(0, np.pi, total_steps - warmup_steps + 1)[:-1]
    down = (1 + floor) / 2 + (1 - floor) / 2 * np.cos(angles)
    return float([*up, *down, floor][min(step, total_steps)])


# parameter_groups


@misconception(
    "parameter_groups",
    "All your parameters decay. Biases, norms and tables would be drawn to 0 as well: they belong "
    "into the second group.",
)
def decays_everything(model, weight_decay):
    moving = [one for one in model.parameters() if one.requires_grad]
    return [
        {"params": moving, "weight_decay": weight_decay},
        {"params": [], "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "The tables of nn.Embedding decay in your groups. A rare word has a gradient seldom, but would "
    "shrink in every step. Put tables into the second group.",
)
def decays_tables(model, weight_decay):
    moving = [one for one in model.parameters() if one.requires_grad]
    return [
        {"params": [one for one in moving if one.dim() >= 2], "weight_decay": weight_decay},
        {"params": [one for one in moving if one.dim() < 2], "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    'You go by the name "weight", and a layer norm\'s weight has that name, too. '
    "Go by the number of axes: parameter.dim().",
)
def goes_by_the_name(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for name, one in model.named_parameters():
        if one.requires_grad:
            chosen = name.endswith("weight") and id(one) not in tables
            (decays if chosen else stays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "Only what is called bias stays out in your groups: a name says little, and in nn.Sequential "
    "it is a number. Go by the axes, and by the kind of module, for tables.",
)
def keeps_only_biases_out(model, weight_decay):
    decays, stays = [], []
    for name, one in model.named_parameters():
        if one.requires_grad:
            (stays if name.endswith("bias") else decays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "Only the weights of nn.Linear decay in your groups. Others of two or more axes do as well: "
    "those of attention and of convolutions, and plain parameters.",
)
def decays_linear_layers_only(model, weight_decay):
    linear = {id(part.weight) for part in model.modules() if isinstance(part, nn.Linear)}
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    moving = [one for one in model.parameters() if one.requires_grad]
    decays = [one for one in moving if id(one) in linear - tables]
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": [one for one in moving if id(one) not in linear - tables], "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "The groups are swapped: vectors and tables decay, and weights do not.",
)
def swaps_the_groups(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (stays if one.dim() >= 2 and id(one) not in tables else decays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "Your second group has no weight_decay of its own, so it takes AdamW's default, 0.01. "
    "Give it one of 0.",
)
def leaves_the_second_decay_open(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (decays if one.dim() >= 2 and id(one) not in tables else stays).append(one)
    return [{"params": decays, "weight_decay": weight_decay}, {"params": stays}]


@misconception(
    "parameter_groups",
    "Only parameters of exactly two axes decay in your groups. A convolution's weight has three. "
    "Ask for two or more.",
)
def decays_two_axes_exactly(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (decays if one.dim() == 2 and id(one) not in tables else stays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "You hand over parameters that do not train. Leave out those with requires_grad False.",
    about="edge cases",
)
def takes_frozen_parameters(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        (decays if one.dim() >= 2 and id(one) not in tables else stays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "You go through the modules, so a parameter that two of them share counts twice, in two "
    "groups. Go through model.parameters(), and ask of each whether it is a table.",
    about="edge cases",
)
def counts_shared_parameters_twice(model, weight_decay):
    decays, stays = [], []
    for part in model.modules():
        for one in part.parameters(recurse=False):
            if one.requires_grad:
                chosen = one.dim() >= 2 and not isinstance(part, nn.Embedding)
                (decays if chosen else stays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "You look at the outermost parts only. A table deeper inside decays: go through all modules.",
)
def looks_one_level_deep(model, weight_decay):
    tables = {id(part.weight) for part in model.children() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (decays if one.dim() >= 2 and id(one) not in tables else stays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "You know norms by their class, and everything else decays but biases. "
    "Others write norms of their own: go by the number of axes.",
)
def goes_by_the_class(model, weight_decay):
    kinds = (nn.Embedding, nn.LayerNorm)
    kept = {id(part.weight) for part in model.modules() if isinstance(part, kinds)}
    decays, stays = [], []
    for name, one in model.named_parameters():
        if one.requires_grad:
            kind = name.endswith("bias") or id(one) in kept
            (stays if kind else decays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "Your lists hold something else than the model's own parameters: their names, pairs, or copies "
    "such as .data. The optimizer must get the parameters themselves.",
)
def lists_copies(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (decays if one.dim() >= 2 and id(one) not in tables else stays).append(one)
    return [
        {"params": [one.data for one in decays], "weight_decay": weight_decay},
        {"params": [one.data for one in stays], "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "`in` compares with ==, and two tensors are compared number by number: their sizes must fit. "
    "Ask whether it is the same object: with `is`, or by id().",
)
def looks_up_tensors_with_in(model, weight_decay):
    tables = [part.weight for part in model.modules() if isinstance(part, nn.Embedding)]
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (decays if one.dim() >= 2 and one not in tables else stays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@misconception(
    "parameter_groups",
    "The two strengths are exchanged: your first group does not decay, and the second does.",
)
def exchanges_the_strengths(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (decays if one.dim() >= 2 and id(one) not in tables else stays).append(one)
    return [
        {"params": decays, "weight_decay": 0.0},
        {"params": stays, "weight_decay": weight_decay},
    ]


@misconception(
    "parameter_groups",
    "The groups come in the other order. The first one is that which decays.",
)
def gives_the_second_group_first(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        if one.requires_grad:
            (decays if one.dim() >= 2 and id(one) not in tables else stays).append(one)
    return [
        {"params": stays, "weight_decay": 0.0},
        {"params": decays, "weight_decay": weight_decay},
    ]


@misconception(
    "parameter_groups",
    "Parameters that do not train end in your second group. They belong in neither.",
    about="edge cases",
)
def moves_frozen_parameters(model, weight_decay):
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for one in model.parameters():
        chosen = one.requires_grad and one.dim() >= 2 and id(one) not in tables
        (decays if chosen else stays).append(one)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


@alternative("parameter_groups")
def by_sets_of_names(model, weight_decay):
    named = {name: one for name, one in model.named_parameters() if one.requires_grad}
    tables = [part.weight for part in model.modules() if isinstance(part, nn.Embedding)]
    decays = {
        name
        for name, one in named.items()
        if one.ndim > 1 and not any(one is table for table in tables)
    }
    return [
        {"params": [named[name] for name in sorted(decays)], "weight_decay": weight_decay},
        {"weight_decay": 0, "params": [named[name] for name in sorted(named.keys() - decays)]},
    ]


@alternative("parameter_groups")
def tables_first(model, weight_decay):
    second = []
    for part in model.modules():
        if isinstance(part, nn.Embedding) and part.weight.requires_grad:
            if not any(part.weight is one for one in second):
                second.append(part.weight)
    first = []
    for one in model.parameters():
        if not one.requires_grad or any(one is each for each in second):
            continue
        (first if len(one.shape) > 1 else second).append(one)
    return (
        {"params": first, "weight_decay": weight_decay},
        {"params": second, "weight_decay": 0.0},
    )


# word_dropout


@misconception(
    "word_dropout",
    "You hide specials, too: padding and [CLS] turn into words that nobody knows. "
    "Hide only numbers above `unknown`.",
)
def hides_specials_too(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return torch.where(draws < p, unknown, tokens)


@misconception(
    "word_dropout",
    "You hide the words whose draw is p or more, so p = 0.1 hides nine in ten. "
    "Hide those whose draw is below p.",
)
def hides_the_others(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill((draws >= p) & (tokens > unknown), unknown)


@misconception(
    "word_dropout",
    "You put padding in the place of words: the encoder then no longer sees that a word was there. "
    "Put the unknown token.",
)
def puts_padding(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill((draws < p) & (tokens > unknown), 0)


@misconception(
    "word_dropout",
    "Your unknown token is always number 2. Use the argument `unknown`.",
)
def always_puts_two(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill((draws < p) & (tokens > 2), 2)


@misconception(
    "word_dropout",
    "You draw numbers of your own, so the result is another one each time. Use `draws`.",
)
def draws_again(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    hidden = torch.rand(tokens.shape) < p
    return tokens.masked_fill(hidden & (tokens > unknown), unknown)


@misconception(
    "word_dropout",
    "You write into the caller's tokens, so words stay hidden in all later epochs. "
    "masked_fill without the underscore makes a new tensor.",
)
def hides_in_place(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill_((draws < p) & (tokens > unknown), unknown)


@misconception(
    "word_dropout",
    "You multiply the tokens by a mask. A token's number is a name and no size: that makes padding "
    "of it. Replace it by `unknown`.",
)
def multiplies_by_a_mask(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens * (draws >= p)


@misconception(
    "word_dropout",
    "A draw of exactly p hides the word in your code, so with p = 0 some are hidden. "
    "Below p means without p itself.",
)
def hides_at_p_itself(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill((draws <= p) & (tokens > unknown), unknown)


@misconception(
    "word_dropout",
    "You take any p. One above 1 hides everything, and nobody notices. Raise a ValueError.",
    about="edge cases",
)
def takes_any_p(tokens, draws, p, unknown=2):
    return tokens.masked_fill((draws < p) & (tokens > unknown), unknown)


@misconception(
    "word_dropout",
    "You take every number above 2 for a word. Words are the numbers above `unknown`.",
)
def knows_specials_up_to_two(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill((draws < p) & (tokens > 2), unknown)


@misconception(
    "word_dropout",
    "Padding stays, but [CLS] is hidden. No number up to `unknown` is a word.",
)
def spares_padding_only(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill((draws < p) & (tokens > 0), unknown)


@misconception(
    "word_dropout",
    "You hide a token where one of the two holds. Both must: a draw below p, and a word.",
)
def asks_for_one_of_the_two(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return tokens.masked_fill((draws < p) | (tokens > unknown), unknown)


@misconception(
    "word_dropout",
    "The call gives a new tensor, and you return the old one. Return the new one.",
)
def returns_the_old_tokens(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    tokens.masked_fill((draws < p) & (tokens > unknown), unknown)
    return tokens


@misconception(
    "word_dropout",
    "The two values of your choice are exchanged: what should be hidden stays, and all else is "
    "hidden.",
)
def exchanges_the_two_values(tokens, draws, p, unknown=2):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return torch.where((draws < p) & (tokens > unknown), tokens, unknown)


@misconception(
    "word_dropout",
    "You refuse p above 1 only. Below 0 there is no probability either.",
    about="edge cases",
)
def refuses_large_p_only(tokens, draws, p, unknown=2):
    if p > 1:
        raise ValueError(p)
    return tokens.masked_fill((draws < p) & (tokens > unknown), unknown)


@alternative("word_dropout")
def word_by_word(tokens, draws, p, unknown=2):
    if p < 0 or p > 1:
        raise ValueError("no probability")
    rows = zip(tokens.tolist(), draws.tolist(), strict=True)
    hidden = [
        [
            unknown if draw < p and token > unknown else token
            for token, draw in zip(*row, strict=True)
        ]
        for row in rows
    ]
    return torch.tensor(hidden, dtype=tokens.dtype)


@alternative("word_dropout")
def by_the_smaller_number(tokens, draws, p, unknown=2):
    if not (p >= 0 and p <= 1):
        raise ValueError(f"{p} lies outside 0 to 1")
    hidden = tokens.clone()
    hidden[draws < p] = hidden[draws < p].clamp(max=unknown)
    return hidden


# early_stopping


@misconception(
    "early_stopping",
    "You stop at the first loss that is worse than the one before. Losses wobble: count the epochs "
    "since the best one, and wait for `patience` of them.",
)
def stops_at_the_first_rise(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] >= losses[epoch - 1]:
            return epoch, epoch - 1
    return len(losses) - 1, len(losses) - 1


@misconception(
    "early_stopping",
    "You look for the best loss of all epochs. Those behind the end were never trained. "
    "Keep the best one up to where training is.",
)
def looks_into_the_future(losses, patience):
    best = losses.index(min(losses))
    return min(best + patience, len(losses) - 1), best


@misconception(
    "early_stopping",
    "You count rises in a row. A loss that falls a little but is no new best resets your count. "
    "Count the epochs since the best one.",
)
def counts_rises_in_a_row(losses, patience):
    best, rises = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        rises = rises + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if rises >= patience:
            return epoch, best
    return len(losses) - 1, best


@misconception(
    "early_stopping",
    "You wait one epoch too long. Stop when the epochs since the best one reach patience.",
)
def waits_one_epoch_longer(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best > patience:
            return epoch, best
    return len(losses) - 1, best


@misconception(
    "early_stopping",
    "You keep the last model. It is the one from which patience ran out: keep the best one.",
)
def keeps_the_last(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, epoch
    return len(losses) - 1, len(losses) - 1


@misconception(
    "early_stopping",
    "An equal loss counts as a new best in your code, so a flat curve never ends. "
    "Only a smaller loss is better.",
)
def equal_is_better(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss <= losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return len(losses) - 1, best


@misconception(
    "early_stopping",
    "You look for the largest value, as for the share of right answers. A loss is better where it "
    "is smaller.",
)
def looks_for_the_largest(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss > losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return len(losses) - 1, best


@misconception(
    "early_stopping",
    "You never set your count back. A new best loss starts it again from 0.",
)
def never_sets_the_count_back(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            waited += 1
        if waited >= patience:
            return epoch, best
    return len(losses) - 1, best


@misconception(
    "early_stopping",
    "Your best loss starts at 1, and losses may all be larger. Start from the first one.",
)
def starts_from_a_loss_of_one(losses, patience):
    best_loss, best = 1.0, 0
    for epoch, loss in enumerate(losses):
        if loss < best_loss:
            best_loss, best = loss, epoch
        if epoch - best >= patience:
            return epoch, best
    return len(losses) - 1, best


@misconception(
    "early_stopping",
    "The end is right, but you look for the best loss in all epochs, also behind the end. "
    "Those are never trained.",
)
def keeps_the_best_of_all(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, losses.index(min(losses))


@misconception(
    "early_stopping",
    "You count epochs from 1. The first one is epoch 0.",
)
def counts_epochs_from_one(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch + 1, best + 1
    return len(losses), best + 1


@misconception(
    "early_stopping",
    "You return the best loss. Its epoch is asked for.",
)
def returns_the_best_loss(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, losses[best]
    return len(losses) - 1, losses[best]


@misconception(
    "early_stopping",
    "Where patience never runs out, you end behind the last epoch. That one is len(losses) - 1.",
)
def ends_behind_the_last_epoch(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return len(losses), best


@misconception(
    "early_stopping",
    "Your count starts with epoch 0, which is the best one so far. "
    "Count epochs that bring no new best.",
)
def counts_the_first_epoch(losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        waited += 1
        if loss < losses[best]:
            best, waited = epoch, 0
        if waited >= patience:
            return epoch, best
    return len(losses) - 1, best


@misconception(
    "early_stopping",
    "The two epochs come in the other order: first the end, then the best one.",
)
def gives_the_best_first(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, len(losses) - 1


@alternative("early_stopping")
def with_a_counter(losses, patience):
    best_loss, best, waited, epoch = float("inf"), 0, 0, -1
    while waited < patience and epoch + 1 < len(losses):
        epoch += 1
        waited += 1
        if losses[epoch] < best_loss:
            best_loss, best, waited = losses[epoch], epoch, 0
    return epoch, best


@alternative("early_stopping")
def by_looking_back(losses, patience):
    for end in range(1, len(losses) + 1):
        seen = list(losses[:end])
        best = seen.index(min(seen))
        if end - 1 - best == patience:
            break
    return end - 1, best

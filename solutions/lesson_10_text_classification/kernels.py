"""Reference answers of lesson 10: a Transformer that judges reviews, and the craft of training it.

Shapes are batch first: tokens (B, T) are whole numbers, words (B, T) are True at a token and False
at padding. The first token of every review is [CLS], number CLS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from solutions.lesson_09_transformer_block.kernels import TransformerEncoder

__all__ = [
    "BagOfWords",
    "TextClassifier",
    "early_stopping",
    "label_smoothing",
    "parameter_groups",
    "train_step",
    "warmup_cosine",
    "word_dropout",
]


class BagOfWords(nn.Module):
    """Adds up what each word says for each class, wherever it stands: the line to beat."""

    def __init__(self, n_tokens: int, n_classes: int = 2, dropout: float = 0.0) -> None:
        super().__init__()
        self.says = nn.Embedding(n_tokens, n_classes)
        self.bias = nn.Parameter(torch.zeros(n_classes))
        self.dropout = nn.Dropout(dropout)
        nn.init.zeros_(self.says.weight)

    def forward(self, tokens: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        said: torch.Tensor = self.dropout(self.says(tokens) * words.unsqueeze(-1))
        return said.sum(dim=1) + self.bias  # (B, n_classes)


class TextClassifier(nn.Module):
    """Reads a text with a Transformer's encoder, and gives each class a score.

    Its parts, by these names:

    - `embed`: nn.Embedding(n_tokens, d_model), one vector for each token;
    - `positions`: nn.Embedding(max_length, d_model), one vector for each place;
    - `encoder`: TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout);
    - `output`: nn.Linear(d_model, n_classes);
    - a dropout, under any name.

    Source: Devlin et al., 2018, section 3 ([CLS]); Reimers and Gurevych, 2019, section 3 (mean).

    Example:
        >>> tokens = torch.tensor([[1, 7, 4]])
        >>> TextClassifier(9, 6, 1, 2, 8)(tokens, tokens > 0).shape
        torch.Size([1, 2])
    """

    def __init__(
        self,
        n_tokens: int,
        d_model: int,
        n_layers: int,
        n_heads: int,
        d_ff: int,
        n_classes: int = 2,
        max_length: int = 64,
        dropout: float = 0.0,
        pooling: str = "mean",
    ) -> None:
        """Make the parts. The numbers of both tables are drawn with standard deviation 0.1.

        Args:
            n_tokens: how many tokens there are.
            d_model: the width of a token's vector.
            n_layers: how many blocks the encoder has.
            n_heads: how many heads each block has.
            d_ff: the hidden width of each feed-forward network.
            n_classes: K.
            max_length: the largest T.
            dropout: the probability of a drop while the module trains: inside the encoder, and of
                the numbers that go into it.
            pooling: "mean" or "cls".

        Raises:
            ValueError: for any other pooling.
        """
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(f'pooling is "mean" or "cls"; got {pooling!r}')
        self.pooling = pooling
        self.embed = nn.Embedding(n_tokens, d_model)
        self.positions = nn.Embedding(max_length, d_model)
        self.dropout = nn.Dropout(dropout)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.output = nn.Linear(d_model, n_classes)
        for table in (self.embed, self.positions):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, tokens: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Embed, add the places, encode, pool, score.

        Args:
            tokens: (B, T), whole numbers below n_tokens.
            words: booleans, (B, T), True at a token, False at padding. Nobody attends to padding.

        Returns:
            Scores (logits), (B, n_classes). They come from one vector for each text: with "mean",
            the mean of the encoder's outputs at True places, zeros where there are none; with
            "cls", the encoder's output at place 0. Padding never changes the scores.
        """
        places = torch.arange(tokens.shape[1])
        x = self.dropout(self.embed(tokens) + self.positions(places))  # (B, T, d_model)
        x = self.encoder(x, words[:, None, None, :])
        pooled = x[:, 0] if self.pooling == "cls" else _mean_of_words(x, words)
        scores: torch.Tensor = self.output(pooled)
        return scores


def _mean_of_words(x: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
    total = (x * words.unsqueeze(-1)).sum(dim=1)  # (B, d_model)
    return total / words.sum(dim=1, keepdim=True).clamp(min=1)


def label_smoothing(logits: torch.Tensor, labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Compare scores with labels that are not quite sure: cross-entropy with label smoothing.

    Args:
        logits: scores, (B, K), any numbers. They may be 10,000 apart, and more.
        labels: the number of the right class of each text, (B,).
        smoothing: ε, from 0 to 1. The target is 1 - ε for the right class, and besides ε / K for
            every class, the right one too.

    Returns:
        The mean over the batch of -Σ target · log softmax(logits), a tensor without axes, with
        gradients.

    Source: Szegedy et al., 2016, section 7.

    Example:
        >>> label_smoothing(torch.tensor([[0.0, 0.0]]), torch.tensor([1]), 0.2)
        tensor(0.6931)
    """
    logs = torch.log_softmax(logits, dim=-1)  # (B, K)
    right = logs.gather(-1, labels.unsqueeze(-1)).squeeze(-1)  # (B,)
    return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean()


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    tokens: torch.Tensor,
    words: torch.Tensor,
    labels: torch.Tensor,
    smoothing: float = 0.0,
    max_norm: float = 1.0,
) -> tuple[float, float]:
    """Train a model on one batch, with gradients clipped to a largest norm.

    Args:
        model: is called as model(tokens, words), and gives scores. It is trained in training mode,
            in whatever mode it comes. Some of its parameters may get no gradient.
        optimizer: holds the model's parameters. Gradients of earlier steps do not count.
        tokens: (B, T).
        words: booleans, (B, T).
        labels: (B,).
        smoothing: as in label_smoothing.
        max_norm: the largest norm. The norm is that of all gradients together: the root of the sum
            of the squares of all their numbers. Where it is larger, every gradient is multiplied
            by max_norm / norm; where it is not, all stay as they are.

    Returns:
        The loss before the step, and the norm before clipping, both as Python floats.

    Source: Pascanu, Mikolov and Bengio, 2013, algorithm 1.
    """
    model.train()
    optimizer.zero_grad()
    loss = label_smoothing(model(tokens, words), labels, smoothing)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = math.sqrt(sum(float(gradient.square().sum()) for gradient in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient.mul_(max_norm / norm)
    optimizer.step()
    return loss.item(), norm


def warmup_cosine(step: int, warmup_steps: int, total_steps: int, floor: float = 0.0) -> float:
    """Say by what to multiply the largest learning rate at one step of training.

    It rises in equal steps from 1 / warmup_steps at step 0 to 1 at step warmup_steps - 1. From step
    warmup_steps on it falls along half a cosine, from 1 to the floor at step total_steps, and
    stays there. At total_steps it is the floor also where warm-up takes all steps.

    Args:
        step: 0 at the first step. It may lie beyond total_steps.
        warmup_steps: how many steps it rises, from 0 to total_steps.
        total_steps: when the floor is reached.
        floor: the factor at the end, from 0 to 1.

    Returns:
        The factor. On the way down, with a share p of that way done, it is
        floor + (1 - floor) · (1 + cos(π p)) / 2.

    Source: Loshchilov and Hutter, 2017 (SGDR), equation 5, for the cosine.

    Example:
        >>> [warmup_cosine(step, 2, 6) for step in (0, 1, 2, 4, 6)]
        [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if step >= total_steps:
        return floor
    done = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Sort a model's parameters for AdamW into those that decay and those that do not.

    Args:
        model: any module. A parameter that two of its parts share counts once.
        weight_decay: how strongly the first group decays.

    Returns:
        Two dicts, each with the keys "params" (a list of parameters) and "weight_decay" (a
        number). The first holds the parameters of two or more axes, apart from tables of
        nn.Embedding. The second holds all others, with weight_decay 0: biases, norms, tables.
        Parameters that do not train (requires_grad is False) are in neither.

    Source: Loshchilov and Hutter, 2019, for weight decay apart from the gradient.

    Example:
        >>> decays, stays = parameter_groups(nn.Linear(3, 2), 0.1)
        >>> [tuple(one.shape) for one in decays["params"]], decays["weight_decay"]
        ([(2, 3)], 0.1)
        >>> [tuple(one.shape) for one in stays["params"]], stays["weight_decay"]
        ([(2,)], 0.0)
    """
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    decays, stays = [], []
    for parameter in model.parameters():
        if not parameter.requires_grad:
            continue
        if parameter.dim() >= 2 and id(parameter) not in tables:
            decays.append(parameter)
        else:
            stays.append(parameter)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": stays, "weight_decay": 0.0},
    ]


def word_dropout(
    tokens: torch.Tensor, draws: torch.Tensor, p: float, unknown: int = 2
) -> torch.Tensor:
    """Hide some words of each review behind the unknown token, so that it reads a little new.

    Args:
        tokens: (B, T), whole numbers. Numbers up to `unknown` stand for no word ([PAD], [CLS]).
        draws: random numbers from 0 up to 1, (B, T). A word is hidden where its draw is below p.
        p: the probability that a word is hidden, from 0 to 1.
        unknown: the number of the unknown token. All words have larger numbers.

    Returns:
        New tokens, (B, T), of the same dtype. What is no word stays, and so do the tokens given.

    Raises:
        ValueError: where p lies outside 0 to 1.

    Source: Iyyer et al., 2015, for the idea. They delete words; here each keeps its place.

    Example:
        >>> word_dropout(torch.tensor([[1, 7, 5, 0]]), torch.tensor([[0.1, 0.6, 0.2, 0.1]]), 0.3)
        tensor([[1, 7, 2, 0]])
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"p is a probability, from 0 to 1; got {p}")
    return tokens.masked_fill((draws < p) & (tokens > unknown), unknown)


def early_stopping(losses: Sequence[float], patience: int) -> tuple[int, int]:
    """Say when training ends, and which epoch's model to keep.

    Args:
        losses: the validation loss after each epoch, at least one. Smaller is better. Training may
            look only at losses up to the epoch where it is.
        patience: training ends after so many epochs in a row without a new best loss; at least 1.

    Returns:
        The epoch after which training ends, the last one where patience never runs out; and the
        epoch of the best loss up to there, the first of equals. Both count from 0.

    Source: Goodfellow, Bengio and Courville, 2016, section 7.8, algorithm 7.1.

    Example:
        >>> early_stopping([0.7, 0.5, 0.6, 0.55, 0.1], patience=2)
        (3, 1)
    """
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return len(losses) - 1, best

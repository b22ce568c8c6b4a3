"""Named wrong answers to lesson 09, and right ones written differently."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_08_multi_head_attention.kernels import MultiHeadAttention
from solutions.lesson_09_transformer_block.kernels import (
    EncoderBlock,
    FeedForward,
    LayerNorm,
    ready_feed_forward,
)

# LayerNorm


@misconception(
    "LayerNorm",
    "You take mean and variance over the first axis, the batch, so sequences change one another. "
    "Each token is normalised alone: take both over its features, dim=-1.",
)
class NormalisesOverTheBatchAxis(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean = x.mean(dim=0, keepdim=True)
        variance = x.var(dim=0, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You normalise each feature over all tokens of the batch. That is batch norm, and it lets "
    "other sequences change a token. Take mean and variance over the features, dim=-1.",
)
class NormalisesEachFeature(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        rows = x.reshape(-1, x.shape[-1])
        mean, variance = rows.mean(dim=0), rows.var(dim=0, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You take mean and variance over the tokens of a sequence, so tokens change one another. "
    "Take both over the features of one token: dim=-1.",
)
class NormalisesOverTheTokens(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean = x.mean(dim=-2, keepdim=True)
        variance = x.var(dim=-2, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You take mean and variance over axis 1, which holds the tokens where there is a batch. The "
    "features are the last axis: dim=-1.",
)
class NormalisesOverAxisOne(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean = x.mean(dim=1, keepdim=True)
        variance = x.var(dim=1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You take one mean and one variance of everything: `mean()` without dim. Each token has its "
    "own: dim=-1, with keepdim=True.",
)
class NormalisesEverything(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(), x.var(unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You take one mean and one variance for a whole sequence, so a large token shrinks the others. "
    "Each token has its own: only the last axis, dim=-1.",
)
class NormalisesWholeSequences(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean = x.mean(dim=(-2, -1), keepdim=True)
        variance = x.var(dim=(-2, -1), keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "Your variance divides by d_model - 1, torch.var's default, so your results are too small. "
    "Layer norm divides by d_model: unbiased=False, or the mean of the squared deviations.",
)
class DividesByOneLess(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You divide by std + eps, with torch.std's d_model - 1. Both differ from layer norm. "
    "Take the variance that divides by d_model, add eps to it, then take the root.",
)
class DividesByOneLessAndAddsEpsOutside(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
        return self.weight * (x - mean) / (std + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You divide by the variance, so tokens with a large spread come out too small. "
    "Divide by its root, the standard deviation.",
)
class DividesByTheVariance(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / (variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You divide by the root of the mean of x². That is the spread only where the mean is 0: "
    "subtract the mean first, then square.",
)
class TakesTheMeanSquareForTheVariance(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        square = x.square().mean(dim=-1, keepdim=True)
        return self.weight * (x - mean) / torch.sqrt(square + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You divide by the spread, but subtract no mean. Subtract each token's mean first.",
)
class SubtractsNoMean(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        variance = x.var(dim=-1, keepdim=True, unbiased=False)
        return self.weight * x / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You divide by the root of the mean square and subtract no mean. That is RMSNorm, which newer "
    "models use. Layer norm subtracts each token's mean first.",
)
class DividesByTheRootMeanSquare(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        square = x.square().mean(dim=-1, keepdim=True)
        return self.weight * x / torch.sqrt(square + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "Your weight and bias have no effect on the result. "
    "Multiply by self.weight and add self.bias, behind the division.",
)
class LeavesOutWeightAndBias(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return (x - mean) / torch.sqrt(variance + self.eps)


@misconception(
    "LayerNorm",
    "Your weight has no effect on the result. Multiply by self.weight, before you add self.bias.",
)
class LeavesOutTheWeight(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "Your bias has no effect on the result. Add self.bias at the end.",
)
class LeavesOutTheBias(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps)


@misconception(
    "LayerNorm",
    "Your parameters are called gamma and beta, as in the formula. Saved weights are found by "
    "their names, and those are `weight` and `bias`.",
)
class CallsThemGammaAndBeta(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(d_model))
        self.beta = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.gamma * (x - mean) / torch.sqrt(variance + self.eps) + self.beta


@misconception(
    "LayerNorm",
    "You add the bias before you multiply by the weight. Multiply first, then add.",
)
class AddsTheBiasFirst(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * ((x - mean) / torch.sqrt(variance + self.eps) + self.bias)


@misconception(
    "LayerNorm",
    "Your weight starts at random numbers, so a fresh layer norm distorts its input. "
    "Start with ones for the weight and zeros for the bias.",
)
class StartsAtRandomNumbers(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.randn(d_model))
        self.bias = nn.Parameter(torch.randn(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "Your weight and bias are plain tensors, so the module has no parameters: nothing can be "
    "loaded or trained. Wrap both in nn.Parameter.",
)
class KeepsPlainTensors(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = torch.ones(d_model)
        self.bias = torch.zeros(d_model)

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "Your mean and variance lose their axis, so they line up with the features and not with the "
    "tokens. Keep it: keepdim=True.",
)
class LosesTheAxis(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(dim=-1), x.var(dim=-1, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You write into the caller's tensor with -= or /=, so the stream itself is changed. "
    "Make a new tensor: x = x - mean.",
)
class ChangesTheCallersTokens(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        x -= x.mean(dim=-1, keepdim=True)
        variance = x.square().mean(dim=-1, keepdim=True)
        return self.weight * x / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You take mean and variance over dim=2, which are the features only of a batch of sequences. "
    "Count from the end: dim=-1.",
    about="shapes",
)
class CountsAxesFromTheFront(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(2, keepdim=True), x.var(2, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You flatten the tokens with view, which fails on a turned tensor. "
    "You need no flattening: mean and variance over dim=-1 keep all other axes.",
    about="shapes",
)
class FlattensWithView(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        rows = x.view(-1, x.shape[-1])
        mean, variance = rows.mean(1, keepdim=True), rows.var(1, keepdim=True, unbiased=False)
        rows = (rows - mean) / torch.sqrt(variance + self.eps)
        return (self.weight * rows + self.bias).view(x.shape)


@misconception(
    "LayerNorm",
    "You add eps to the standard deviation. It differs where a token hardly varies. "
    "Add eps to the variance, under the root.",
    about="edge cases",
)
class AddsEpsOutsideTheRoot(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / (std + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You leave out eps, so a token whose features are all equal is 0 / 0. "
    "Add eps to the variance, under the root.",
    about="edge cases",
)
class LeavesOutEps(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance) + self.bias


@misconception(
    "LayerNorm",
    "Your eps is always 1e-5, whatever is asked. Store the argument: self.eps = eps.",
    about="edge cases",
)
class IgnoresTheEpsAskedFor(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + 1e-5) + self.bias


@misconception(
    "LayerNorm",
    "Your variance is the mean square minus the squared mean. Far from 0, two large numbers nearly "
    "cancel, and few digits are left. Subtract the mean first, then square.",
    about="edge cases",
)
class SubtractsLargeSquares(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        variance = (x**2).mean(dim=-1, keepdim=True) - mean**2
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You detach mean and variance, so the gradient of x misses a part. Both depend on x: leave "
    "them recorded.",
    about="gradient",
)
class DetachesMeanAndVariance(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        with torch.no_grad():
            mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@alternative("LayerNorm")
class ByVarMean(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.eps = eps

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, keepdim=True, correction=0)
        return torch.addcmul(self.bias, self.weight, (x - mean) * torch.rsqrt(variance + self.eps))


@alternative("LayerNorm")
class ByDotProducts(nn.Module):
    """The sum of squares is a product of the deviations with themselves."""

    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.full((d_model,), 1.0)))
        self.register_parameter("bias", nn.Parameter(torch.full((d_model,), 0.0)))
        self.d_model, self.eps = d_model, eps

    def forward(self, x):
        centred = x - (x.sum(dim=-1) / self.d_model).unsqueeze(-1)
        squares = torch.einsum("...d,...d->...", centred, centred)
        std = (squares / self.d_model + self.eps) ** 0.5
        return centred / std[..., None] * self.weight + self.bias


# FeedForward


@misconception(
    "FeedForward",
    "You use ReLU, as the first transformer did. Here the function between the layers is GELU: "
    "F.gelu.",
)
class UsesRelu(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.linear2(self.dropout(torch.relu(self.linear1(x))))


@misconception(
    "FeedForward",
    "Nothing stands between your two linear layers, so they amount to a single one. "
    "Put a GELU between them.",
)
class LeavesOutTheGelu(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.linear2(self.dropout(self.linear1(x)))


@misconception(
    "FeedForward",
    "Your GELU stands behind the second layer, so the network can hardly subtract from the stream. "
    "It belongs between the layers, and nothing behind the second.",
)
class PutsTheGeluLast(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return F.gelu(self.linear2(self.dropout(self.linear1(x))))


@misconception(
    "FeedForward",
    "You use a GELU behind each layer. Behind the second comes nothing: what is added to the "
    "stream may be negative.",
)
class PutsAGeluBehindEachLayer(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return F.gelu(self.linear2(self.dropout(F.gelu(self.linear1(x)))))


@misconception(
    "FeedForward",
    "You use GELU's approximation by a tanh, as GPT-2 does. It is off in the fourth digit. "
    'The exact one is F.gelu without approximate="tanh".',
)
class ApproximatesByTanh(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.linear2(self.dropout(F.gelu(self.linear1(x), approximate="tanh")))


@misconception(
    "FeedForward",
    "You multiply h by its sigmoid. That is SiLU. GELU multiplies by Φ(h): F.gelu.",
)
class UsesSilu(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        hidden = self.linear1(x)
        return self.linear2(self.dropout(hidden * torch.sigmoid(hidden)))


@misconception(
    "FeedForward",
    "You add x here, and the block adds it again, so it counts twice. "
    "Return what linear2 gives; the block does the adding.",
)
class AddsTheInput(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return x + self.linear2(self.dropout(F.gelu(self.linear1(x))))


@misconception(
    "FeedForward",
    "Your layers have no biases. Both layers have one: leave out bias=False.",
)
class LeavesOutTheBiases(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff, bias=False)
        self.linear2 = nn.Linear(d_ff, d_model, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.linear2(self.dropout(F.gelu(self.linear1(x))))


@misconception(
    "FeedForward",
    "Your layers are d_model wide in between, whatever d_ff says. "
    "linear1 goes from d_model to d_ff, linear2 back.",
)
class IgnoresTheHiddenWidth(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_model)
        self.linear2 = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.linear2(self.dropout(F.gelu(self.linear1(x))))


@misconception(
    "FeedForward",
    "Your dropout is still on in evaluation: F.dropout without its flag drops always, and so does "
    "an nn.Dropout built inside forward. Build it once, in __init__.",
    about="edge cases",
)
class DropsInEvaluationToo(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.p = dropout

    def forward(self, x):
        return self.linear2(nn.Dropout(self.p)(F.gelu(self.linear1(x))))


@misconception(
    "FeedForward",
    "You never drop anything: the argument dropout has no effect. "
    "Send the hidden numbers through nn.Dropout(dropout).",
    about="edge cases",
)
class NeverDrops(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.linear2(F.gelu(self.linear1(x)))


@misconception(
    "FeedForward",
    "Your dropout stands before the first layer, so features of the token are lost. It belongs "
    "between GELU and linear2.",
    about="edge cases",
)
class DropsTheInput(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.linear2(F.gelu(self.linear1(self.dropout(x))))


@misconception(
    "FeedForward",
    "Your dropout stands behind the second layer. The block drops there already. "
    "Here it belongs between GELU and linear2.",
    about="edge cases",
)
class DropsTheOutput(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(self.linear2(F.gelu(self.linear1(x))))


@alternative("FeedForward")
class ByModulesInARow(nn.Sequential):
    def __init__(self, d_model, d_ff, dropout=0.0):
        super().__init__()
        self.linear1 = nn.Linear(d_model, d_ff)
        self.act = nn.GELU()
        self.drop = nn.Dropout(dropout)
        self.linear2 = nn.Linear(d_ff, d_model)


@alternative("FeedForward")
class ByTheErrorFunction(nn.Module):
    def __init__(self, d_model: int, d_ff: int, dropout: float = 0.0):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.p = dropout

    def forward(self, x):
        hidden = x @ self.linear1.weight.mT + self.linear1.bias
        hidden = hidden * (1 + torch.erf(hidden / math.sqrt(2))) / 2
        return self.linear2(F.dropout(hidden, self.p, self.training))


# EncoderBlock


@misconception(
    "EncoderBlock",
    "You add nothing to x: each step replaces it, so the stream is cut and deep stacks hardly "
    "learn. Write x = x + ... at both steps.",
)
class CutsTheStream(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = self.dropout(self.attention(y, y, y, mask)[0])
            return self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You add x at the attention, but not at the feed-forward network. "
    "Both steps add to the stream.",
)
class AddsOnlyTheAttention(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask)[0])
            return self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "In pre-norm you add to norm1(x) and norm2(x), so the norm stands on the stream after all. "
    "Add to x itself, from before the norm.",
)
class AddsToTheNormalised(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            x = self.norm1(x)
            x = x + self.dropout(self.attention(x, x, x, mask)[0])
            x = self.norm2(x)
            return x + self.dropout(self.feed_forward(x))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "In post-norm you normalise what is added, and the sum stays as it is. "
    "Add first, then normalise the sum: norm1(x + ...).",
)
class NormalisesWhatIsAdded(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = x + self.norm1(self.dropout(self.attention(x, x, x, mask)[0]))
        return x + self.norm2(self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You read norm_first the wrong way round. True means pre-norm: normalise before the attention "
    "and before the feed-forward network.",
)
class ReadsTheFlagTheWrongWayRound(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if not self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "Your block is always pre-norm: norm_first=False changes nothing. "
    "Store the flag, and normalise the sums where it is False.",
)
class IsAlwaysPreNorm(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        y = self.norm1(x)
        x = x + self.dropout(self.attention(y, y, y, mask)[0])
        return x + self.dropout(self.feed_forward(self.norm2(x)))


@misconception(
    "EncoderBlock",
    "Your block is always post-norm, as in the paper of 2017. "
    "Where norm_first is True, normalise before each part and add to x itself.",
)
class IsAlwaysPostNorm(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You normalise the queries only; keys and values come from x as it is. "
    "Normalise once, y = norm1(x), and hand over y three times.",
)
class NormalisesTheQueriesOnly(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            x = x + self.dropout(self.attention(self.norm1(x), x, x, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You use norm1 at both steps. Each step has its own layer norm, with its own weight and bias.",
)
class UsesOneNormTwice(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm1(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm1(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "Your feed-forward network reads the x from before the attention, side by side with it. "
    "It comes second: it reads the stream to which the attention has been added.",
)
class RunsBothSideBySide(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            attended = self.dropout(self.attention(y, y, y, mask)[0])
            return x + attended + self.dropout(self.feed_forward(self.norm2(x)))
        attended = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(attended + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "Your feed-forward network comes before the attention. "
    "Attention first: then the network works on what it brought.",
)
class ThinksBeforeItAttends(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            x = x + self.dropout(self.feed_forward(self.norm2(x)))
            y = self.norm1(x)
            return x + self.dropout(self.attention(y, y, y, mask)[0])
        x = self.norm2(x + self.dropout(self.feed_forward(x)))
        return self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))


@misconception(
    "EncoderBlock",
    "You return the attention's weights beside x. Blocks are stacked, so a block returns x alone.",
)
class ReturnsTheWeightsToo(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            attended, weights = self.attention(y, y, y, mask)
            x = x + self.dropout(attended)
            return x + self.dropout(self.feed_forward(self.norm2(x))), weights
        attended, weights = self.attention(x, x, x, mask)
        x = self.norm1(x + self.dropout(attended))
        return self.norm2(x + self.dropout(self.feed_forward(x))), weights


@misconception(
    "EncoderBlock",
    "You add what the attention returns, and that is a pair: output and weights. "
    "Take its first part: output, _ = self.attention(...).",
)
class AddsThePair(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask))
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You write into the caller's tensor with +=. Make a new tensor: x = x + ...",
)
class AddsInPlace(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x += self.dropout(self.attention(y, y, y, mask)[0])
            x += self.dropout(self.feed_forward(self.norm2(x)))
            return x
        x += self.dropout(self.attention(x, x, x, mask)[0])
        x = self.norm1(x)
        x += self.dropout(self.feed_forward(x))
        return self.norm2(x)


@misconception(
    "EncoderBlock",
    "You hand a dropout module to the parts, where they ask for a probability. "
    "Hand over the number: MultiHeadAttention(d_model, n_heads, dropout).",
)
class HandsOverAModule(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.attention = MultiHeadAttention(d_model, n_heads, self.dropout)
        self.feed_forward = FeedForward(d_model, d_ff, self.dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "The mask never reaches the attention, so padding and later tokens are read. "
    "Hand it over: self.attention(y, y, y, mask).",
    about="edge cases",
)
class KeepsTheMask(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You turn the mask, so exactly the forbidden keys are read. PyTorch's layers want it turned; "
    "your attention wants True where a key may be attended to. Hand it over as it is.",
    about="edge cases",
)
class TurnsTheMask(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if mask is not None:
            mask = ~mask
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You add both outputs without a dropout. While the block trains, what is added to x goes "
    "through nn.Dropout(dropout) first.",
    about="edge cases",
)
class DropsNothingThatIsAdded(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.attention(y, y, y, mask)[0]
            return x + self.feed_forward(self.norm2(x))
        x = self.norm1(x + self.attention(x, x, x, mask)[0])
        return self.norm2(x + self.feed_forward(x))


@misconception(
    "EncoderBlock",
    "Your dropout takes the sum, so the stream itself loses numbers. "
    "Drop what is added, before it is added.",
    about="edge cases",
)
class DropsTheStream(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = self.dropout(x + self.attention(y, y, y, mask)[0])
            return self.dropout(x + self.feed_forward(self.norm2(x)))
        x = self.norm1(self.dropout(x + self.attention(x, x, x, mask)[0]))
        return self.norm2(self.dropout(x + self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "Your attention and feed-forward network get no dropout. "
    "Hand the probability to both as their last argument.",
    about="edge cases",
)
class GivesThePartsNoDropout(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.attention(y, y, y, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You build nn.Dropout inside forward. A new module always trains, so eval() never reaches it. "
    "Build it once, in __init__.",
    about="edge cases",
)
class BuildsTheDropoutInForward(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.p = dropout
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        drop = nn.Dropout(self.p)
        if self.norm_first:
            y = self.norm1(x)
            x = x + drop(self.attention(y, y, y, mask)[0])
            return x + drop(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + drop(self.attention(x, x, x, mask)[0]))
        return self.norm2(x + drop(self.feed_forward(x)))


@misconception(
    "EncoderBlock",
    "You detach the stream where you add to it, so no gradient takes the straight way back. "
    "Add to x itself, not to x.detach() or x.data.",
    about="gradient",
)
class DetachesTheStream(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        if self.norm_first:
            y = self.norm1(x)
            x = x.detach() + self.dropout(self.attention(y, y, y, mask)[0])
            return x.detach() + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x.detach() + self.dropout(self.attention(x, x, x, mask)[0]))
        return self.norm2(x.detach() + self.dropout(self.feed_forward(x)))


@alternative("EncoderBlock")
class FromOnesOwnParts(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.norm1 = LayerNorm(d_model)
        self.norm2 = LayerNorm(d_model)
        self.drop1 = nn.Dropout(dropout)
        self.drop2 = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, mask=None):
        y = self.norm1(x) if self.norm_first else x
        y, _ = self.attention(y, y, y, mask)
        x = x + self.drop1(y)
        if not self.norm_first:
            x = self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        x = x + self.drop2(self.feed_forward(y))
        return x if self.norm_first else self.norm2(x)


@alternative("EncoderBlock")
class ByOneRuleForBothSteps(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.norm_first, self.p = norm_first, dropout
        self.norm1, self.norm2 = LayerNorm(d_model), nn.LayerNorm(d_model)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)

    def forward(self, x, mask=None):
        def attend(y):
            return self.attention(y, y, y, mask)[0]

        for norm, part in ((self.norm1, attend), (self.norm2, self.feed_forward)):
            read = norm(x) if self.norm_first else x
            x = F.dropout(part(read), self.p, self.training) + x
            if not self.norm_first:
                x = norm(x)
        return x


# init_std


@misconception(
    "init_std",
    "You return the variance. Asked for is the standard deviation, its square root.",
)
def returns_the_variance(fan_in, fan_out, kind="xavier"):
    if kind == "xavier":
        return 2 / (fan_in + fan_out)
    if kind == "he":
        return 2 / fan_in
    raise ValueError(kind)


@misconception(
    "init_std",
    "You have the two kinds the wrong way round. Xavier looks at both fans, He at fan_in.",
)
def swaps_the_kinds(fan_in, fan_out, kind="xavier"):
    if kind == "he":
        return math.sqrt(2 / (fan_in + fan_out))
    if kind == "xavier":
        return math.sqrt(2 / fan_in)
    raise ValueError(kind)


@misconception(
    "init_std",
    "Your Xavier looks at fan_in alone, so gradients grow or fade where fan_out differs. "
    "Take the mean of both fans: √(2 / (fan_in + fan_out)).",
)
def xavier_looks_one_way(fan_in, fan_out, kind="xavier"):
    if kind == "xavier":
        return math.sqrt(1 / fan_in)
    if kind == "he":
        return math.sqrt(2 / fan_in)
    raise ValueError(kind)


@misconception(
    "init_std",
    "Your Xavier leaves out the 2: the mean of the fans is (fan_in + fan_out) / 2. "
    "Then variance halves at each layer. Return √(2 / (fan_in + fan_out)).",
)
def xavier_without_the_two(fan_in, fan_out, kind="xavier"):
    if kind == "xavier":
        return math.sqrt(1 / (fan_in + fan_out))
    if kind == "he":
        return math.sqrt(2 / fan_in)
    raise ValueError(kind)


@misconception(
    "init_std",
    "Your He leaves out the 2, and a ReLU sets half of the numbers to 0: variance halves at each "
    "layer. Return √(2 / fan_in).",
)
def he_without_the_two(fan_in, fan_out, kind="xavier"):
    if kind == "xavier":
        return math.sqrt(2 / (fan_in + fan_out))
    if kind == "he":
        return math.sqrt(1 / fan_in)
    raise ValueError(kind)


@misconception(
    "init_std",
    "Your He counts the numbers that the layer writes. Each result is a sum over the numbers that "
    "it reads: √(2 / fan_in).",
)
def he_counts_what_is_written(fan_in, fan_out, kind="xavier"):
    if kind == "xavier":
        return math.sqrt(2 / (fan_in + fan_out))
    if kind == "he":
        return math.sqrt(2 / fan_out)
    raise ValueError(kind)


@misconception(
    "init_std",
    "You return the bound of a uniform distribution, which is √3 times its standard deviation. "
    "Return √(2 / (fan_in + fan_out)) and √(2 / fan_in).",
)
def returns_the_uniform_bound(fan_in, fan_out, kind="xavier"):
    if kind == "xavier":
        return math.sqrt(6 / (fan_in + fan_out))
    if kind == "he":
        return math.sqrt(6 / fan_in)
    raise ValueError(kind)


@misconception(
    "init_std",
    "Your Xavier is the bound of a uniform distribution, √6 in place of √2. Asked for is the "
    "standard deviation: √(2 / (fan_in + fan_out)).",
)
def xavier_as_a_uniform_bound(fan_in, fan_out, kind="xavier"):
    if kind == "xavier":
        return math.sqrt(6 / (fan_in + fan_out))
    if kind == "he":
        return math.sqrt(2 / fan_in)
    raise ValueError(kind)


@misconception(
    "init_std",
    'You give the Xavier value whatever the kind. Where kind is "he", return √(2 / fan_in).',
)
def ignores_the_kind(fan_in, fan_out, kind="xavier"):
    return math.sqrt(2 / (fan_in + fan_out))


@misconception(
    "init_std",
    "A kind that does not exist gets an answer, or None, and the mistake goes unseen. "
    "Raise a ValueError that says which kind came.",
    about="edge cases",
)
def accepts_any_kind(fan_in, fan_out, kind="xavier"):
    return math.sqrt(2 / (fan_in + fan_out if kind == "xavier" else fan_in))


@alternative("init_std")
def by_powers(fan_in, fan_out, kind="xavier"):
    fans = {"xavier": (fan_in + fan_out) / 2, "he": fan_in / 2}
    if kind not in fans:
        raise ValueError(f"no kind {kind}")
    return fans[kind] ** -0.5


@alternative("init_std")
def by_matching(fan_in: int, fan_out: int, kind: str = "xavier") -> float:
    match kind:
        case "xavier":
            variance = 1 / ((fan_in + fan_out) / 2)
        case "he":
            variance = 2 * (1 / fan_in)
        case _:
            raise ValueError("unknown")
    return torch.tensor(variance).sqrt().item()


# TransformerEncoder


@misconception(
    "TransformerEncoder",
    "You put one block into the list n_layers times, so all layers share its parameters. "
    "Make a new EncoderBlock for each place.",
)
class RepeatsOneBlock(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        block = EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first)
        self.blocks = nn.ModuleList([block] * n_layers)
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
        return x if self.norm is None else self.norm(x)


@misconception(
    "TransformerEncoder",
    "Your blocks stand in a Python list, which nn.Module does not look into: the parameters are "
    "not found, loaded or trained. Use nn.ModuleList.",
)
class KeepsBlocksInAList(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = [
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        ]
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
        return x if self.norm is None else self.norm(x)


@misconception(
    "TransformerEncoder",
    "Pre-norm leaves the stream as large as it grew, and your stack returns it so. "
    "Normalise once more behind the last block, with a layer norm called `norm`.",
)
class LeavesOutTheLastNorm(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
        return x


@misconception(
    "TransformerEncoder",
    "You make the last norm and never call it. In pre-norm, return self.norm(x).",
)
class NeverCallsTheLastNorm(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        if norm_first:
            self.norm = LayerNorm(d_model)

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
        return x


@misconception(
    "TransformerEncoder",
    "Your stack has a last norm in post-norm as well. There each block ends in a norm already: "
    "make one only where norm_first is True.",
)
class NormalisesTwiceInPostNorm(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model)

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x)


@misconception(
    "TransformerEncoder",
    "Your blocks do not hear of norm_first, so all are pre-norm. Hand it on to each block.",
)
class KeepsTheFlag(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
        return x if self.norm is None else self.norm(x)


@misconception(
    "TransformerEncoder",
    "Your return stands inside the loop, so only the first block runs. Move it to the left, behind "
    "the loop.",
)
class ReturnsInsideTheLoop(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
            return x if self.norm is None else self.norm(x)


@misconception(
    "TransformerEncoder",
    "Your norm stands before the first block. It belongs behind the last one, where the stream has "
    "grown.",
)
class NormalisesTheInput(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        if self.norm is not None:
            x = self.norm(x)
        for block in self.blocks:
            x = block(x, mask)
        return x


@misconception(
    "TransformerEncoder",
    "Every block reads the first x, so only the last block counts. "
    "Hand on what the block before returned: x = block(x, mask).",
)
class FeedsEveryBlockTheInput(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            output = block(x, mask)
        return output if self.norm is None else self.norm(output)


@misconception(
    "TransformerEncoder",
    "You add x around each block, and the block adds it, too. Write x = block(x, mask).",
)
class AddsAroundEachBlock(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = x + block(x, mask)
        return x if self.norm is None else self.norm(x)


@misconception(
    "TransformerEncoder",
    "You use the last norm behind every block, so the stream is cut back at each step. "
    "Use it once, behind the last block.",
)
class NormalisesBehindEveryBlock(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
            x = x if self.norm is None else self.norm(x)
        return x


@misconception(
    "TransformerEncoder",
    "The mask reaches no block, so padding and later tokens are read. Call block(x, mask).",
    about="edge cases",
)
class MasksNoBlock(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x)
        return x if self.norm is None else self.norm(x)


@misconception(
    "TransformerEncoder",
    "Only your first block gets the mask. The second reads what the first has hidden. "
    "Call every block with the mask.",
    about="edge cases",
)
class MasksTheFirstBlockOnly(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x, mask = block(x, mask), None
        return x if self.norm is None else self.norm(x)


@misconception(
    "TransformerEncoder",
    "Your blocks get no dropout: the argument has no effect. Hand it on to each block.",
    about="edge cases",
)
class GivesTheBlocksNoDropout(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(d_model, n_heads, d_ff, norm_first=norm_first) for _ in range(n_layers)
        )
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        for block in self.blocks:
            x = block(x, mask)
        return x if self.norm is None else self.norm(x)


@alternative("TransformerEncoder")
class WithIdentityForNoNorm(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        blocks = []
        for _ in range(n_layers):
            blocks.append(EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first=norm_first))
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(d_model) if norm_first else nn.Identity()

    def forward(self, x, mask=None):
        for number in range(len(self.blocks)):
            x = self.blocks[number](x, mask=mask)
        return self.norm(x)


@alternative("TransformerEncoder")
class BlocksAddedOneByOne(nn.Module):
    def __init__(self, n_layers, d_model, n_heads, d_ff, dropout=0.0, norm_first=True):
        super().__init__()
        self.blocks = nn.ModuleList()
        while len(self.blocks) < n_layers:
            self.blocks.append(EncoderBlock(d_model, n_heads, d_ff, dropout, norm_first))
        self.norm = LayerNorm(d_model) if norm_first else None

    def forward(self, x, mask=None):
        return self._climb(x, mask, 0)

    def _climb(self, x, mask, level):
        if level == len(self.blocks):
            return self.norm(x) if self.norm else x
        return self._climb(self.blocks[level](x, mask), mask, level + 1)

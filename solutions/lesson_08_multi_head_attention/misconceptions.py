"""Named wrong answers to lesson 08, and right ones written differently."""

import copy
import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_08_multi_head_attention.kernels import (
    MultiHeadAttention,
    merge_heads,
    split_heads,
)

# split_heads


@misconception(
    "split_heads",
    "Your heads are cut across tokens: reading memory as (H, T, d_head) gives head 0 whole "
    "tokens, with the features of every head. Cut each token first: (T, H, d_head); then "
    "swap the axes of heads and tokens.",
)
def reads_memory_as_heads_of_tokens(x, n_heads):
    *leading, tokens, d_model = x.shape
    return x.reshape(*leading, n_heads, tokens, d_model // n_heads)


@misconception(
    "split_heads",
    "Your heads stand behind the tokens: (..., T, H, d_head). Attention works on the last "
    "two axes, so heads would attend to heads and no token would see another. Swap them: "
    "transpose(-3, -2).",
)
def leaves_heads_behind_tokens(x, n_heads):
    return x.reshape(*x.shape[:-1], n_heads, x.shape[-1] // n_heads)


@misconception(
    "split_heads",
    "Your head h holds every H-th feature: h, h + H, h + 2H. A head holds neighbours: split "
    "the last axis into (n_heads, d_head), in this order.",
)
def takes_every_nth_feature(x, n_heads):
    return x.reshape(*x.shape[:-1], -1, n_heads).movedim(-1, -3)


@misconception(
    "split_heads",
    "You take n_heads as the width of a head. It is the number of heads; the width of each is "
    "d_model / n_heads.",
)
def takes_the_number_for_the_width(x, n_heads):
    return x.reshape(*x.shape[:-1], -1, n_heads).transpose(-3, -2)


@misconception(
    "split_heads",
    "You swap heads and features: your result is (..., d_head, H, T) or alike. Swap heads "
    "and tokens only, the axes -3 and -2.",
)
def swaps_tokens_and_features(x, n_heads):
    return x.reshape(*x.shape[:-1], n_heads, -1).transpose(-3, -1)


@misconception(
    "split_heads",
    "Each of your heads is a copy of all features. A head gets its own part of them, d_model "
    "/ n_heads wide.",
)
def copies_all_features(x, n_heads):
    return torch.stack([x] * n_heads, dim=-3)


@misconception(
    "split_heads",
    "You count the axes from the front: transpose(1, 2) swaps heads and tokens only where "
    "one axis stands before them. Count from the end: transpose(-3, -2).",
    about="shapes",
)
def counts_axes_from_the_front(x, n_heads):
    return x.reshape(*x.shape[:-1], n_heads, x.shape[-1] // n_heads).transpose(1, 2)


@misconception(
    "split_heads",
    "You swap the axes 0 and 1. They are tokens and heads only where nothing stands before them; "
    "in a batch, axis 0 is the batch. Count from the end: transpose(-3, -2).",
)
def swaps_the_first_two_axes(x, n_heads):
    return x.reshape(*x.shape[:-1], n_heads, x.shape[-1] // n_heads).transpose(0, 1)


@misconception(
    "split_heads",
    "Your function works for three axes only: B, T, d_model = x.shape. Keep whatever stands "
    "before the features: x.shape[:-1].",
    about="shapes",
)
def takes_three_axes_only(x, n_heads):
    batch, tokens, d_model = x.shape
    return x.reshape(batch, tokens, n_heads, d_model // n_heads).transpose(1, 2)


@alternative("split_heads")
def by_stacking_slices(x, n_heads):
    return torch.stack(torch.chunk(x, n_heads, dim=-1), dim=-3)


@alternative("split_heads")
def by_unflatten(x, n_heads):
    return x.unflatten(-1, (n_heads, -1)).movedim(-2, -3)


@alternative("split_heads")
def by_transposing_the_features(x, n_heads):
    return x.mT.unflatten(-2, (n_heads, x.shape[-1] // n_heads)).mT


# merge_heads


@misconception(
    "merge_heads",
    "You reshape without swapping heads and tokens back, so a token gets parts of other "
    "tokens. Bring the tokens before the heads first: transpose(-3, -2).",
)
def reshapes_without_swapping_back(x):
    *leading, n_heads, tokens, d_head = x.shape
    return x.reshape(*leading, tokens, n_heads * d_head)


@misconception(
    "merge_heads",
    "You swap the axes back and then call .view: memory still lies head by head, and .view "
    "cannot read it token by token. Use .reshape, or .contiguous() before .view.",
)
def views_behind_a_transpose(x):
    swapped = x.transpose(-3, -2)
    return swapped.view(*swapped.shape[:-2], -1)


@misconception(
    "merge_heads",
    "You put feature 0 of every head first, then feature 1, and so on. Put head 0 first with "
    "all its features: the last two axes are (H, d_head), in this order.",
)
def mixes_the_heads_features(x):
    return x.movedim(-3, -1).flatten(-2)


@misconception(
    "merge_heads",
    "You average the heads. Then d_head features are left of d_model, and no one can tell "
    "the heads apart. Put them side by side.",
)
def averages_the_heads(x):
    return x.mean(dim=-3)


@misconception(
    "merge_heads",
    "You add the heads up. Then d_head features are left of d_model. Put the heads side by "
    "side, in the order of the heads.",
)
def adds_the_heads_up(x):
    return x.sum(dim=-3)


@misconception(
    "merge_heads",
    "You put the heads one below another, along the axis of the tokens: (H T, d_head). Put "
    "them side by side, along the features: (T, H d_head).",
)
def stacks_heads_along_the_tokens(x):
    return x.flatten(-3, -2)


@misconception(
    "merge_heads",
    "You count the axes from the front: transpose(1, 2) swaps heads and tokens only where "
    "one axis stands before them. Count from the end: transpose(-3, -2).",
    about="shapes",
)
def swaps_axes_one_and_two(x):
    return x.transpose(1, 2).flatten(-2)


@misconception(
    "merge_heads",
    "You swap the axes 0 and 1. They are heads and tokens only where nothing stands before them; "
    "in a batch, axis 0 is the batch. Count from the end: transpose(-3, -2).",
)
def swaps_axes_zero_and_one(x):
    return x.transpose(0, 1).flatten(-2)


@misconception(
    "merge_heads",
    "Your function works for four axes only: B, H, T, d_head = x.shape. Count from the end, "
    "and keep whatever stands in front.",
    about="shapes",
)
def takes_four_axes_only(x):
    batch, n_heads, tokens, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, tokens, n_heads * d_head)


@alternative("merge_heads")
def by_joining_heads(x):
    return torch.cat([x[..., head, :, :] for head in range(x.shape[-3])], dim=-1)


@alternative("merge_heads")
def by_a_copy_in_order(x):
    *leading, n_heads, tokens, d_head = x.shape
    return x.transpose(-2, -3).contiguous().view(*leading, tokens, n_heads * d_head)


# heads_test


@misconception(
    "heads_test",
    "Your test passes every function. It looks at the shape only, or tries an x in which all "
    "is the same. Draw x at random, and compare values with ones that you work out head by "
    "head.",
)
def looks_at_the_shape_only(candidate):
    x = torch.randn(2, 5, 12)
    return candidate(x, 4).shape == x.shape


@misconception(
    "heads_test",
    "Your test changes one token and asks whether all outputs move. That kills scrambled "
    "heads, but a function without a scale moves them, too. Compare values as well.",
)
def looks_at_what_moves_only(candidate):
    x = torch.randn(1, 6, 4, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[0, 3] += 1.0
    moved = (candidate(changed, 2) - candidate(x, 2)).abs().amax(dim=-1) > 1e-6
    return bool(moved.all())


@misconception(
    "heads_test",
    "Your test uses one head. Then nothing is split, and every wrong split passes. Use two "
    "heads at least; three find more.",
)
def tries_one_head_only(candidate):
    x = torch.randn(2, 5, 7, generator=torch.Generator().manual_seed(0))
    wanted = F.scaled_dot_product_attention(x, x, x)
    return torch.allclose(candidate(x, 1), wanted, atol=1e-5)


@misconception(
    "heads_test",
    "Your test refuses every function, right ones, too. It wants equality to the last digit, "
    "or compares with wrong values. Use torch.allclose, and try your test on a function that "
    "is right.",
)
def wants_the_last_digit(candidate):
    x = torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 4)
    weights = torch.softmax(heads @ heads.mT / math.sqrt(3), dim=-1)
    return torch.equal(candidate(x, 4), merge_heads(weights @ heads))


@misconception(
    "heads_test",
    "Your test gives the opposite verdict: False for a right function, True for a wrong one. "
    "Return True where the candidate is right.",
)
def gives_the_opposite_verdict(candidate):
    x = torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 4)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return not torch.allclose(candidate(x, 4), wanted, atol=1e-5)


@misconception(
    "heads_test",
    "Your test compares averages over features. Wrong functions can have right averages by "
    "chance, and a swapped order always has. Compare every number.",
)
def compares_averages_of_the_sequence(candidate):
    x = torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 4)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return torch.allclose(candidate(x, 4).mean(dim=(1, 2)), wanted.mean(dim=(1, 2)), atol=1e-5)


@misconception(
    "heads_test",
    "Your test tries two heads only, so a function that never makes more than two passes. "
    "Try three or four.",
    about="edge cases",
)
def tries_two_heads_only(candidate):
    x = torch.randn(3, 5, 14, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 2)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return torch.allclose(candidate(x, 2), wanted, atol=1e-5)


@misconception(
    "heads_test",
    "Your test has as many heads as features in a head, so the root of the one can stand in "
    "for that of the other. Let all sizes differ.",
    about="edge cases",
)
def tries_equal_sizes(candidate):
    x = torch.randn(2, 5, 9, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 3)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return torch.allclose(candidate(x, 3), wanted, atol=1e-5)


@misconception(
    "heads_test",
    "Your test has as many tokens as features in a head, so the root of the one can stand in "
    "for that of the other. Let all sizes differ.",
    about="edge cases",
)
def tries_as_many_tokens_as_features(candidate):
    x = torch.randn(2, 5, 15, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 3)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return torch.allclose(candidate(x, 3), wanted, atol=1e-5)


@misconception(
    "heads_test",
    "Your test uses d_head = 4, whose root is 2, so a scale of 2 for every width passes. "
    "Take a width whose root is no usual number, 3 or 5, or try two widths.",
    about="edge cases",
)
def tries_four_features_only(candidate):
    x = torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 3)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return torch.allclose(candidate(x, 3), wanted, atol=1e-5)


@misconception(
    "heads_test",
    "Your test has a batch of one, so a function that mixes sequences passes. Use two "
    "sequences at least.",
    about="edge cases",
)
def tries_one_sequence_only(candidate):
    x = torch.randn(1, 5, 12, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 4)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return torch.allclose(candidate(x, 4), wanted, atol=1e-5)


@misconception(
    "heads_test",
    "Your test returns a tensor. Return a bool: torch.allclose gives one, and bool(...) makes one.",
)
def returns_a_table(candidate):
    x = torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(0))
    heads = split_heads(x, 4)
    wanted = merge_heads(F.scaled_dot_product_attention(heads, heads, heads))
    return (candidate(x, 4) - wanted).abs() < 1e-5


@alternative("heads_test")
def by_ones_own_heads(candidate):
    x = torch.randn(2, 5, 12)
    heads = split_heads(x, 4)
    weights = torch.softmax(heads @ heads.transpose(-2, -1) / math.sqrt(3), dim=-1)
    return bool((candidate(x, 4) - merge_heads(weights @ heads)).abs().max() < 1e-4)


@alternative("heads_test")
def by_many_sizes(candidate):
    for batch, tokens, n_heads, d_head in ((1, 2, 2, 1), (3, 4, 5, 2), (2, 7, 3, 6)):
        x = torch.randn(batch, tokens, n_heads * d_head)
        got = candidate(x, n_heads)
        for row in range(batch):
            for head in range(n_heads):
                columns = slice(head * d_head, (head + 1) * d_head)
                part = x[row, :, columns]
                weights = (part @ part.T / d_head**0.5).softmax(-1)
                if not torch.allclose(got[row, :, columns], weights @ part, atol=1e-5):
                    return False
    return True


@alternative("heads_test")
def by_pytorchs_layer(candidate):
    layer = nn.MultiheadAttention(20, 4, batch_first=True)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.eye(20).repeat(3, 1))
        layer.in_proj_bias.zero_()
        layer.out_proj.weight.copy_(torch.eye(20))
        layer.out_proj.bias.zero_()
        x = torch.randn(2, 3, 20)
        return torch.allclose(candidate(x, 4), layer(x, x, x)[0], atol=1e-5)


# MultiHeadAttention


@misconception(
    "MultiHeadAttention",
    "Your heads are cut across tokens: .view(B, H, T, d_head) gives each head whole tokens. "
    "Use your split_heads: cut each token first, then swap the axes. Merge with merge_heads.",
)
class HeadsScrambled(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        batch, heads = q.shape[0], self.n_heads
        queries, keys, values = (
            project(x).view(batch, heads, x.shape[1], -1)
            for project, x in ((self.w_q, q), (self.w_k, k), (self.w_v, v))
        )
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        output = (weights @ values).reshape(q.shape)
        return self.w_o(output), weights


@misconception(
    "MultiHeadAttention",
    "Your heads attend to heads: without a transpose the last two axes are heads and "
    "features, and no token sees another. Use your split_heads, which brings heads before "
    "tokens.",
)
class HeadsAttendToHeads(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        batch, heads = q.shape[0], self.n_heads
        queries, keys, values = (
            project(x).view(batch, x.shape[1], heads, -1)
            for project, x in ((self.w_q, q), (self.w_k, k), (self.w_v, v))
        )
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        output = (weights @ values).reshape(q.shape)
        return self.w_o(output), weights


@misconception(
    "MultiHeadAttention",
    "You merge by reshape alone, so the output of a token holds parts of other tokens. The "
    "weights are right; use your merge_heads on what they mix.",
)
class MergesWithoutSwappingBack(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        mixed = weights @ values
        return self.w_o(mixed.reshape(q.shape)), weights


@misconception(
    "MultiHeadAttention",
    "You divide by the root of d_model. Each head compares d_head features, so its products "
    "grow with d_head: divide by the root of the head's own width.",
)
class ScalesByTheModelsWidth(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You divide by d_head, not by its root, so the weights are too flat. Divide by "
    "math.sqrt(d_head).",
)
class ScalesWithoutTheRoot(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / queries.shape[-1]
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You leave out the scale, so the weights are too sharp. Divide the products by the root "
    "of d_head.",
)
class LeavesOutTheScale(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You divide by 8, which is right for the paper's heads of 64 features only. Divide by "
    "the root of your own d_head.",
)
class ScalesByThePapersEight(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / 8
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You divide by the root of the number of keys. The scale belongs to the features that "
    "are multiplied: the root of d_head.",
)
class ScalesByTheNumberOfKeys(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-2])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You transpose the keys with transpose(1, 2), which swaps heads and tokens. Only where H "
    "= T = d_head does that run at all. Swap the last two axes: transpose(-2, -1).",
)
class TransposesHeadsAndTokens(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(1, 2) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You never use w_o: the heads stay side by side, and no output feature can read two of "
    "them. Apply w_o to the merged heads.",
)
class NeverUsesTheOutputProjection(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return merge_heads(weights @ values), weights


@misconception(
    "MultiHeadAttention",
    "You have no projections before the heads: they only see fixed slices of their input. "
    "Give the module w_q, w_k and w_v, and split what they return.",
)
class HasNoProjections(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_o = nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries, keys, values = (split_heads(x, self.n_heads) for x in (q, k, v))
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You project queries, keys and values by w_q alone. Each has weights of its own: w_q, "
    "w_k, w_v.",
)
class ProjectsAllByOne(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries, keys, values = (split_heads(self.w_q(x), self.n_heads) for x in (q, k, v))
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You project the keys by w_q. They have a projection of their own: self.w_k(k).",
)
class ProjectsTheKeysByWq(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_q(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You keep the number of heads under another name. The docstring asks for `n_heads`, and others "
    "read it: self.n_heads = n_heads.",
)
class NamesTheNumberOtherwise(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.h, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.h)
        keys = split_heads(self.w_k(k), self.h)
        values = split_heads(self.w_v(v), self.h)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You swap keys and values: queries are compared with v, and k is mixed. Compare with the "
    "keys and mix the values.",
)
class SwapsKeysAndValues(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(v), self.n_heads)
        values = split_heads(self.w_v(k), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "Your keys and values come from q, so cross-attention never looks at the other sequence. "
    "Project k and v, not q, for them.",
)
class AttendsToItselfOnly(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(q), self.n_heads)
        values = split_heads(self.w_v(q), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "Your softmax runs over the queries: each column sums to 1. Take it over the keys, dim=-1.",
)
class SoftmaxOverTheQueries(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-2)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "Your softmax runs over the heads: they compete for each key, and rows do not sum to 1. "
    "Every head has its own softmax over the keys, dim=-1.",
)
class SoftmaxOverTheHeads(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You return weights averaged over the heads, as nn.MultiheadAttention does unless told "
    "otherwise. Return each head's own: (B, H, T_q, T_k).",
)
class AveragesTheWeightsReturned(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights.mean(dim=1)


@misconception(
    "MultiHeadAttention",
    "You make one head's projections d_model wide for every head. Then w_q has n_heads times "
    "too many rows. The heads share one d_model: w_q is nn.Linear(d_model, d_model).",
)
class GivesEveryHeadTheFullWidth(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = (nn.Linear(d_model, n_heads * d_model) for _ in range(2))
        self.w_v, self.w_o = (
            nn.Linear(d_model, n_heads * d_model),
            nn.Linear(n_heads * d_model, d_model),
        )

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "Your projections have no biases. The docstring asks for nn.Linear with bias, which is "
    "its default.",
)
class LeavesOutTheBiases(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = (
            nn.Linear(d_model, d_model, bias=False),
            nn.Linear(d_model, d_model, bias=False),
        )
        self.w_v, self.w_o = (
            nn.Linear(d_model, d_model, bias=False),
            nn.Linear(d_model, d_model, bias=False),
        )

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You do not use the mask, so queries read forbidden keys. Fill their scores with -inf "
    "before the softmax.",
)
class IgnoresTheMask(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        weights = torch.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "Your mask is inverted: queries read exactly the forbidden keys. That is "
    "nn.MultiheadAttention's habit. Here True means allowed, so fill where ~mask.",
)
class InvertsTheMask(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You multiply the mask onto the weights after the softmax, so rows no longer sum to 1. "
    "Fill forbidden scores with -inf before it.",
)
class MasksAfterTheSoftmax(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * mask
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You mask after the softmax and share the rest out again. Where a forbidden key is far "
    "ahead, nothing is left to share: 0 / 0. Fill scores with -inf before the softmax.",
)
class MasksAfterAndSharesAgain(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * mask
            weights = weights / weights.sum(dim=-1, keepdim=True)
            weights = weights.nan_to_num()
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You put an axis for the heads into the mask. It has one already, or broadcasts without: "
    "the mask fits (B, H, T_q, T_k) as it comes.",
)
class AddsAnAxisToTheMask(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            mask = mask.unsqueeze(1)
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "Queries with nothing to attend to get NaN: a softmax of -inf alone is 0 / 0. Fill the "
    "weights with 0 where ~mask, after the softmax.",
    about="edge cases",
)
class GivesNanForNothing(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "Queries with nothing to attend to share their weight equally over forbidden keys: all "
    "their scores are the same low number. Fill with -inf, and the weights with 0 after the "
    "softmax.",
    about="edge cases",
)
class SharesEquallyForNothing(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = torch.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You add -inf and clear NaN afterwards. The output is right, but an empty row turns "
    "gradients into NaN. Use masked_fill before the softmax and after it.",
    about="gradient",
)
class AddsAndClears(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores + torch.zeros(mask.shape).masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.nan_to_num()
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "The weights that you return are cut off from the record, so no gradient flows back "
    "through them. Return them without .detach(): who draws them can detach them.",
    about="gradient",
)
class CutsTheWeightsOff(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights.detach()


@misconception(
    "MultiHeadAttention",
    "Your dropout stays on in evaluation. A module built inside forward is new and trains, "
    "and F.dropout drops unless told otherwise. Build nn.Dropout once, in __init__.",
    about="edge cases",
)
class BuildsAFreshDropout(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.p = n_heads, dropout
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = nn.Dropout(self.p)(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You hand a module to F.dropout where it wants a probability. Call the module itself, "
    "self.dropout(weights), or store the number.",
)
class HandsAModuleForAProbability(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = F.dropout(weights, self.dropout, self.training)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You never drop anything: `dropout` is stored and not used. Apply nn.Dropout to the "
    "weights, before they mix the values.",
    about="edge cases",
)
class NeverDrops(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return self.w_o(merge_heads(weights @ values)), weights


@misconception(
    "MultiHeadAttention",
    "You drop features of the output, not weights. Apply the dropout to the weights, before "
    "they mix the values.",
    about="edge cases",
)
class DropsTheOutput(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        output = self.w_o(merge_heads(weights @ values))
        return self.dropout(output), weights


@misconception(
    "MultiHeadAttention",
    "You return the weights from before the dropout, but the output was made with those "
    "after it. Return the weights that were used.",
    about="edge cases",
)
class ReturnsWeightsBeforeDropout(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        mixed = self.dropout(weights) @ values
        return self.w_o(merge_heads(mixed)), weights


@misconception(
    "MultiHeadAttention",
    "You accept heads that do not divide the width. The error comes later, and says less. "
    "Raise a ValueError in __init__.",
    about="edge cases",
)
class AcceptsAnyNumberOfHeads(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        self.n_heads, self.dropout = n_heads, nn.Dropout(dropout)
        self.w_q, self.w_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.w_v, self.w_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        queries = split_heads(self.w_q(q), self.n_heads)
        keys = split_heads(self.w_k(k), self.n_heads)
        values = split_heads(self.w_v(v), self.n_heads)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = self.dropout(weights)
        return self.w_o(merge_heads(weights @ values)), weights


@alternative("MultiHeadAttention")
class ByEinsum(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model // n_heads * n_heads != d_model:
            raise ValueError(f"d_model {d_model}, n_heads {n_heads}")
        self.n_heads, self.d_head, self.p = n_heads, d_model // n_heads, dropout
        self.w_o = nn.Linear(d_model, d_model)
        self.w_v = nn.Linear(d_model, d_model)
        self.w_k = nn.Linear(d_model, d_model)
        self.w_q = nn.Linear(d_model, d_model)

    def forward(self, q, k, v, mask=None):
        q, k, v = (
            project(x).view(x.shape[0], x.shape[1], self.n_heads, self.d_head)
            for project, x in ((self.w_q, q), (self.w_k, k), (self.w_v, v))
        )
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) * self.d_head**-0.5
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        shares = F.softmax(scores.masked_fill(mask.logical_not(), float("-inf")), dim=-1)
        shares = F.dropout(torch.nan_to_num(shares), self.p, self.training)
        mixed = torch.einsum("bhqk,bkhd->bqhd", shares, v)
        return self.w_o(mixed.flatten(2)), shares


@alternative("MultiHeadAttention")
class WithHeadsInTheBatch(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("these heads do not fit")
        self.d_model, self.n_heads = d_model, n_heads
        for name in ("w_q", "w_k", "w_v", "w_o"):
            setattr(self, name, nn.Linear(d_model, d_model))
        self.drop = nn.Dropout(p=dropout)

    def forward(self, q, k, v, mask=None):
        d_head = self.d_model // self.n_heads
        queries, keys, values = (
            torch.cat(project(x).split(d_head, dim=-1))  # (H B, T, d_head)
            for project, x in ((self.w_q, q), (self.w_k, k), (self.w_v, v))
        )
        scores = torch.bmm(queries, keys.mT) / math.sqrt(d_head)
        scores = scores.unflatten(0, (self.n_heads, -1)).transpose(0, 1)
        if mask is not None:
            empty = ~mask.any(dim=-1, keepdim=True)
            scores = torch.where(mask | empty, scores, -torch.inf)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = torch.where(empty, 0.0, weights)
        weights = self.drop(weights)
        mixed = weights.transpose(0, 1).flatten(0, 1) @ values
        return self.w_o(torch.cat(mixed.chunk(self.n_heads), dim=-1)), weights


# stacked_heads


@misconception(
    "stacked_heads",
    "You take columns of the weight matrices. nn.Linear stores (out_features, in_features): "
    "a head's features are its rows, and it reads all columns.",
)
def takes_columns_for_rows(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x[..., rows], project.weight[:, rows], project.bias)[..., rows]
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You multiply by columns of the weights. nn.Linear multiplies by the transpose of its weight: "
    "a head owns rows, as in F.linear(x, weight[rows], bias[rows]).",
)
def multiplies_by_columns(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            x @ project.weight[:, rows] + project.bias[rows]
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You add w_o's bias once for each head. Join the heads first, then apply w_o once.",
)
def adds_the_output_bias_for_each_head(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        mixed = weights[-1] @ value
        outputs.append(F.linear(mixed, attention.w_o.weight[:, rows], attention.w_o.bias))
    return sum(outputs), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You take every H-th row. A head owns neighbours: rows h · d_head up to (h + 1) · d_head.",
)
def takes_every_nth_row(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head, None, attention.n_heads)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You forget the biases of w_q, w_k and w_v. The head owns the same rows of them as of "
    "the weights.",
)
def forgets_the_biases(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You leave w_o out: the heads stand side by side, and nothing mixes them. Apply w_o to "
    "what you joined.",
)
def forgets_the_output_projection(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return torch.cat(outputs, dim=-1), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You divide by the root of d_model. A head compares d_head features: divide by the root "
    "of d_head.",
)
def scales_by_all_features(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(
            torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
        )
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You stack the weights in front of the batch: (H, B, T_q, T_k). Heads come second: "
    "torch.stack(weights, dim=1).",
)
def stacks_heads_before_the_batch(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights)


@misconception(
    "stacked_heads",
    "You average the heads' weights. Keep each: (B, H, T_q, T_k).",
)
def averages_the_stack(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1).mean(1)


@misconception(
    "stacked_heads",
    "Your softmax runs over the queries: each column sums to 1. Take it over the keys, dim=-1.",
)
def normalises_over_the_queries(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-2))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You join the heads in the opposite order, so w_o reads head 0 where the last head "
    "belongs. Join them from head 0 on.",
)
def joins_the_last_head_first(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight[rows], project.bias[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs[::-1], dim=-1)), torch.stack(weights, dim=1)


@misconception(
    "stacked_heads",
    "You take the numbers out of the record with .data or .detach(), so no gradient reaches "
    "the projections. Index the parameter itself.",
    about="gradient",
)
def cuts_the_parameters_off(attention, q, k, v):
    outputs, weights = [], []
    d_head = attention.w_q.out_features // attention.n_heads
    for head in range(attention.n_heads):
        rows = slice(head * d_head, (head + 1) * d_head)
        query, key, value = (
            F.linear(x, project.weight.data[rows], project.bias.data[rows])
            for project, x in ((attention.w_q, q), (attention.w_k, k), (attention.w_v, v))
        )
        weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(d_head), dim=-1))
        outputs.append(weights[-1] @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@alternative("stacked_heads")
def by_projecting_first(attention, q, k, v):
    queries, keys, values = attention.w_q(q), attention.w_k(k), attention.w_v(v)
    width = queries.shape[-1] // attention.n_heads
    output, maps = attention.w_o.bias, []
    for start in range(0, queries.shape[-1], width):
        part = slice(start, start + width)
        products = torch.einsum("bqd,bkd->bqk", queries[..., part], keys[..., part])
        maps.append(F.softmax(products / width**0.5, dim=-1))
        output = output + maps[-1] @ values[..., part] @ attention.w_o.weight[:, part].T
    return output, torch.stack(maps, 1)


@alternative("stacked_heads")
def by_chunks_of_the_parameters(attention, q, k, v):
    chunks = [
        parameter.chunk(attention.n_heads)
        for project in (attention.w_q, attention.w_k, attention.w_v)
        for parameter in (project.weight, project.bias)
    ]
    outputs, weights = [], []
    for wq, bq, wk, bk, wv, bv in zip(*chunks, strict=True):
        query, key, value = q @ wq.T + bq, k @ wk.T + bk, v @ wv.T + bv
        share = torch.softmax(query @ key.mT / len(bq) ** 0.5, dim=-1)
        weights.append(share[:, None])
        outputs.append(share @ value)
    return attention.w_o(torch.cat(outputs, dim=-1)), torch.cat(weights, dim=1)


# parameter_count


@misconception(
    "parameter_count",
    "You count three projections. w_o learns as well: there are four.",
)
def forgets_the_fourth_projection(d_model, n_heads, d_head=None, bias=True):
    width = d_model if d_head is None else n_heads * d_head
    return 3 * d_model * width + (3 * width if bias else 0)


@misconception(
    "parameter_count",
    "You multiply by the number of heads. The heads share one d_model: more heads are "
    "narrower heads, and the count stays.",
)
def multiplies_by_the_heads(d_model, n_heads, d_head=None, bias=True):
    width = n_heads * (d_model if d_head is None else d_head)
    return 4 * d_model * width + (3 * width + d_model if bias else 0)


@misconception(
    "parameter_count",
    "You multiply everything by the number of heads, w_o's bias, too. The heads share one d_model, "
    "and w_o is there once: the count of four nn.Linear.",
)
def multiplies_all_by_the_heads(d_model, n_heads, d_head=None, bias=True):
    width = d_model if d_head is None else d_head
    return n_heads * (4 * d_model * width + (3 * width + d_model if bias else 0))


@misconception(
    "parameter_count",
    "You leave out the bias of w_o. Each of the four projections has one; w_o's is d_model long.",
)
def leaves_out_the_last_bias(d_model, n_heads, d_head=None, bias=True):
    width = d_model if d_head is None else n_heads * d_head
    return 4 * d_model * width + (3 * width if bias else 0)


@misconception(
    "parameter_count",
    "You count one head only. All n_heads heads have weights of their own.",
)
def counts_one_head_only(d_model, n_heads, d_head=None, bias=True):
    width = d_model // n_heads if d_head is None else d_head
    return 4 * d_model * width + (3 * width + d_model if bias else 0)


@misconception(
    "parameter_count",
    "You never count the biases, whatever `bias` says. Each projection has one for each "
    "output feature.",
)
def never_counts_biases(d_model, n_heads, d_head=None, bias=True):
    width = d_model if d_head is None else n_heads * d_head
    return 4 * d_model * width


@misconception(
    "parameter_count",
    "You always count the biases, whatever `bias` says.",
)
def always_counts_biases(d_model, n_heads, d_head=None, bias=True):
    width = d_model if d_head is None else n_heads * d_head
    return 4 * d_model * width + 3 * width + d_model


@misconception(
    "parameter_count",
    "You ignore d_head. Where it is given, the heads together are n_heads · d_head wide, and "
    "w_q has as many rows.",
)
def ignores_the_heads_width(d_model, n_heads, d_head=None, bias=True):
    return 4 * d_model * d_model + (4 * d_model if bias else 0)


@misconception(
    "parameter_count",
    "You give w_o as many biases as the heads are wide together. It has one for each output "
    "feature: d_model.",
)
def takes_the_wrong_bias_for_the_output(d_model, n_heads, d_head=None, bias=True):
    width = d_model if d_head is None else n_heads * d_head
    return 4 * d_model * width + (4 * width if bias else 0)


@misconception(
    "parameter_count",
    "You give every projection d_model biases. w_q, w_k and w_v have one for each row: "
    "n_heads · d_head.",
)
def takes_the_wrong_bias_for_the_heads(d_model, n_heads, d_head=None, bias=True):
    width = d_model if d_head is None else n_heads * d_head
    return 4 * d_model * width + (4 * d_model if bias else 0)


@alternative("parameter_count")
def by_asking_pytorch(d_model, n_heads, d_head=None, bias=True):
    wide = n_heads * (d_head or d_model // n_heads)
    layers = [nn.Linear(d_model, wide, bias=bias) for _ in range(3)]
    layers.append(nn.Linear(wide, d_model, bias=bias))
    return sum(each.numel() for layer in layers for each in layer.parameters())


@alternative("parameter_count")
def head_by_head(d_model, n_heads, d_head=None, bias=True):
    if d_head is None:
        d_head = d_model // n_heads
    of_a_head = 3 * (d_model + bias) * d_head + d_head * d_model
    return n_heads * of_a_head + bias * d_model


# from_torch


@misconception(
    "from_torch",
    "You transpose the weights. Both libraries use nn.Linear's form, (out_features, "
    "in_features): copy them as they are.",
)
def transposes_the_weights(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight.T, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight.T, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You read the packed weights in another order. PyTorch packs queries, then keys, then values.",
)
def reads_keys_before_queries(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_k", "w_q", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You take every third row. The packed matrix is three blocks of d_model rows: "
    "in_proj_weight.chunk(3).",
)
def takes_every_third_row(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = [layer.in_proj_weight[i::3] for i in range(3)], [bias[i::3] for i in range(3)]
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You unpack head by head, as if each head's queries, keys and values lay together. "
    "PyTorch packs all queries first: in_proj_weight.chunk(3).",
)
def unpacks_head_by_head(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    per_head = layer.in_proj_weight.reshape(layer.num_heads, 3, -1, d_model)
    weights = [per_head[:, place].flatten(0, 1) for place in range(3)]
    biases = bias.reshape(layer.num_heads, 3, -1).transpose(0, 1).flatten(1)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You copy the weights and forget the biases, so random ones stay. Copy in_proj_bias and "
    "out_proj.bias as well.",
)
def forgets_to_copy_biases(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    weights = layer.in_proj_weight.chunk(3)
    for project, weight in zip(("w_q", "w_k", "w_v"), weights, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight}, strict=False)
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight}, strict=False)
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You forget the output projection, so random weights stay in w_o. Copy layer.out_proj.",
)
def forgets_to_copy_the_output(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    bias = torch.zeros(3 * d_model) if bias is None else bias
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You copy one block of weights into all three projections. in_proj_weight holds three, "
    "one below another.",
)
def copies_one_block_thrice(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(
        ("w_q", "w_k", "w_v"), [weights[0]] * 3, [biases[0]] * 3, strict=True
    ):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "Your module has one head, whatever the layer has. The weights are right, but heads are "
    "not in them: pass layer.num_heads.",
)
def makes_one_head(layer):
    attention = MultiHeadAttention(layer.embed_dim, 1, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "Your function fails where the layer has no biases: in_proj_bias is None then. Put zeros "
    "into your biases.",
    about="edge cases",
)
def fails_without_biases(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "Where the layer has no biases, your module keeps its random ones. A missing bias means "
    "0: set them so.",
    about="edge cases",
)
def keeps_random_biases(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    weights = layer.in_proj_weight.chunk(3)
    projections = (attention.w_q, attention.w_k, attention.w_v)
    with torch.no_grad():
        for project, weight in zip(projections, weights, strict=True):
            project.weight.copy_(weight)
        attention.w_o.weight.copy_(layer.out_proj.weight)
        if layer.in_proj_bias is not None:
            for project, bias in zip(projections, layer.in_proj_bias.chunk(3), strict=True):
                project.bias.copy_(bias)
            attention.w_o.bias.copy_(layer.out_proj.bias)
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "Your module shares its numbers with the layer: train one, and the other changes. Copy "
    "them, with copy_ or load_state_dict.",
    about="edge cases",
)
def shares_the_numbers(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    projections = (attention.w_q, attention.w_k, attention.w_v)
    for project, weight, one in zip(projections, weights, biases, strict=True):
        project.weight.data, project.bias.data = weight.data, one.data
    attention.w_o.weight.data, attention.w_o.bias.data = layer.out_proj.weight.data, out_bias.data
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You forget the layer's dropout, so your module never drops weights. Pass layer.dropout on.",
    about="edge cases",
)
def forgets_the_dropout(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "You put the copy into eval(), whatever the layer is in. Take the layer's mode: "
    "attention.train(layer.training).",
    about="edge cases",
)
def always_evaluates(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention.eval()


@misconception(
    "from_torch",
    "You put the layer's own out_proj into your module: train one, and the other changes. Copy its "
    "numbers.",
    about="edge cases",
)
def takes_the_layers_own_output(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    if layer.out_proj.bias is not None:
        attention.w_o = layer.out_proj
    return attention.train(layer.training)


@misconception(
    "from_torch",
    "Your module always starts in training mode, so it drops weights where the layer, in "
    "eval(), does not. Take the layer's mode: attention.train(layer.training).",
    about="edge cases",
)
def forgets_the_mode(layer):
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
    d_model = layer.embed_dim
    bias = layer.in_proj_bias
    out_bias = layer.out_proj.bias
    if bias is None:
        bias, out_bias = torch.zeros(3 * d_model), torch.zeros(d_model)
    weights, biases = layer.in_proj_weight.chunk(3), bias.chunk(3)
    for project, weight, bias in zip(("w_q", "w_k", "w_v"), weights, biases, strict=True):
        attention.get_submodule(project).load_state_dict({"weight": weight, "bias": bias})
    attention.w_o.load_state_dict({"weight": layer.out_proj.weight, "bias": out_bias})
    return attention


@alternative("from_torch")
def by_a_state_dict(layer):
    state = {}
    for place, name in enumerate(["w_q", "w_k", "w_v"]):
        rows = slice(place * layer.embed_dim, (place + 1) * layer.embed_dim)
        state[name + ".weight"] = layer.in_proj_weight[rows]
        if layer.in_proj_bias is not None:
            state[name + ".bias"] = layer.in_proj_bias[rows]
    for name, parameter in layer.out_proj.named_parameters():
        state["w_o." + name] = parameter
    attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, dropout=layer.dropout)
    for name, parameter in attention.named_parameters():
        state.setdefault(name, torch.zeros_like(parameter))
    attention.load_state_dict(state)
    return attention if layer.training else attention.eval()


@alternative("from_torch")
def by_new_parameters(layer):
    d_model = layer.embed_dim
    attention = MultiHeadAttention(d_model, layer.num_heads, layer.dropout)
    empty = torch.zeros(3 * d_model)
    bias = empty if layer.in_proj_bias is None else layer.in_proj_bias.detach()
    weight = layer.in_proj_weight.detach()
    for name, first in {"w_q": 0, "w_k": d_model, "w_v": 2 * d_model}.items():
        project = getattr(attention, name)
        project.weight = nn.Parameter(weight[first : first + d_model].clone())
        project.bias = nn.Parameter(bias[first : first + d_model].clone())
    attention.w_o.weight = nn.Parameter(layer.out_proj.weight.detach().clone())
    last = empty[:d_model] if layer.out_proj.bias is None else layer.out_proj.bias.detach()
    attention.w_o.bias = nn.Parameter(last.clone())
    return attention.train(layer.training)


# ablate_head


@misconception(
    "ablate_head",
    "You set rows of w_o to 0. They belong to output features, not to heads: some features "
    "die, and the head lives on. The head's part is columns: weight[:, part].",
)
def clears_rows_of_the_output(attention, head):
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    part = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        ablated.w_o.weight[part] = 0.0
    return ablated


@misconception(
    "ablate_head",
    "You clear the head's queries. Its scores are then all alike, so it mixes all values "
    "equally; it is not gone. Clear what it adds: its columns of w_o.",
)
def clears_the_queries(attention, head):
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    part = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        ablated.w_q.weight[part] = 0.0
        ablated.w_q.bias[part] = 0.0
    return ablated


@misconception(
    "ablate_head",
    "You clear the rows of w_v and leave its bias, which the head still adds. Clear both, or "
    "the head's columns of w_o.",
)
def leaves_the_bias_of_the_values(attention, head):
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    part = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        ablated.w_v.weight[part] = 0.0
    return ablated


@misconception(
    "ablate_head",
    "You clear every H-th column. A head is read by neighbouring columns: head · d_head up "
    "to (head + 1) · d_head.",
)
def clears_every_nth_column(attention, head):
    ablated = copy.deepcopy(attention)
    with torch.no_grad():
        ablated.w_o.weight[:, head :: ablated.n_heads] = 0.0
    return ablated


@misconception(
    "ablate_head",
    "You clear one column. A head is d_head features wide: clear all its columns.",
)
def clears_one_column(attention, head):
    ablated = copy.deepcopy(attention)
    with torch.no_grad():
        ablated.w_o.weight[:, head] = 0.0
    return ablated


@misconception(
    "ablate_head",
    "You keep this head and clear all others. Ablating means to remove one: clear its own "
    "columns only.",
)
def keeps_this_head_only(attention, head):
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    part = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        kept = ablated.w_o.weight[:, part].clone()
        ablated.w_o.weight.zero_()
        ablated.w_o.weight[:, part] = kept
    return ablated


@misconception(
    "ablate_head",
    "You clear w_o's bias as well. It belongs to no head, and stays.",
)
def clears_the_bias_of_the_output(attention, head):
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    part = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        ablated.w_o.weight[:, part] = 0.0
        ablated.w_o.bias.zero_()
    return ablated


@misconception(
    "ablate_head",
    "You scale up what is left, as dropout does. Here the output simply lacks what the head "
    "would have added.",
)
def scales_up_the_other_heads(attention, head):
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    part = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        ablated.w_o.weight[:, part] = 0.0
        ablated.w_o.weight *= ablated.n_heads / (ablated.n_heads - 1)
    return ablated


@misconception(
    "ablate_head",
    "You change a parameter in place while gradients are recorded, which raises an error. Put the "
    "line under `with torch.no_grad():`.",
)
def forgets_no_grad(attention, head):
    ablated = copy.deepcopy(attention)
    d_head = ablated.w_o.in_features // ablated.n_heads
    ablated.w_o.weight[:, head * d_head : (head + 1) * d_head] = 0.0
    return ablated


@misconception(
    "ablate_head",
    "You change the model itself. Whoever goes on using it has lost a head. Make a copy "
    "first, with copy.deepcopy: copy.copy would share the parameters.",
    about="edge cases",
)
def changes_the_model_itself(attention, head):
    ablated = attention
    d_head = ablated.w_o.in_features // ablated.n_heads
    part = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        ablated.w_o.weight[:, part] = 0.0
    return ablated


@alternative("ablate_head")
def by_clearing_the_values(attention, head):
    ablated = copy.deepcopy(attention)
    width = ablated.w_v.out_features // ablated.n_heads
    for parameter in ablated.w_v.parameters():
        parameter.data.reshape(ablated.n_heads, width, -1)[head] = 0.0
    return ablated


@alternative("ablate_head")
def by_loading_a_mended_state(attention, head):
    state = {name: each.clone() for name, each in attention.state_dict().items()}
    d_model = attention.w_o.in_features
    reader = torch.arange(d_model) // (d_model // attention.n_heads)  # which head each column reads
    state["w_o.weight"] = state["w_o.weight"] * (reader != head)
    ablated = MultiHeadAttention(d_model, attention.n_heads)
    ablated.load_state_dict(state)
    return ablated

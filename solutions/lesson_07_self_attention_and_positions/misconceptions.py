"""Named wrong answers to lesson 07, and right ones written differently."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_05_masking.kernels import masked_attention
from solutions.lesson_07_self_attention_and_positions.kernels import (
    rotary_embedding,
    sinusoidal_positions,
)

# SelfAttention


@misconception(
    "SelfAttention",
    "You have no projections: the tokens themselves are queries, keys and values, and nothing can "
    "be learned. Make three nn.Linear modules in __init__, and use them in forward.",
)
class WithoutProjections(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(x, x, x, mask)


@misconception(
    "SelfAttention",
    "You use one projection for queries and keys, so q kᵀ is symmetric: two words always score "
    "each other alike. Queries and keys need a projection each.",
)
class OneProjectionForQueriesAndKeys(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_q(x), self.w_v(x), mask)


@misconception(
    "SelfAttention",
    "You make all three projections, but take the keys from w_q, so w_k is never used. "
    "Keys are self.w_k(x).",
)
class LeavesWkUnused(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_q(x), self.w_v(x), mask)


@misconception(
    "SelfAttention",
    "Queries and keys have changed places: your scores are transposed, so each row of weights "
    "belongs to a key. The query comes first: masked_attention(q, k, v, mask).",
)
class SwapsQueriesAndKeys(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_k(x), self.w_q(x), self.w_v(x), mask)


@misconception(
    "SelfAttention",
    "Keys and values have changed places: you compare with what w_v makes, and mix what w_k makes. "
    "Compare queries with self.w_k(x), mix self.w_v(x).",
)
class SwapsKeysAndValues(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_v(x), self.w_k(x), mask)


@misconception(
    "SelfAttention",
    "You mix the tokens themselves: the output has d_model features and w_v does nothing. "
    "The values are self.w_v(x).",
)
class MixesTheTokens(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_k(x), x, mask)


@misconception(
    "SelfAttention",
    "Your projections have a bias: state_dict() holds six tensors, not three. "
    "Write nn.Linear(d_model, d_k, bias=False).",
)
class WithABias(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k)
        self.w_k = nn.Linear(d_model, d_k)
        self.w_v = nn.Linear(d_model, d_k)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)


@misconception(
    "SelfAttention",
    "You build the projections inside forward: each call draws new ones, and nothing is trained. "
    "Build them once, in __init__.",
)
class BuildsProjectionsInForward(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        q, k, v = (nn.Linear(x.shape[-1], self.d_k, bias=False)(x) for _ in range(3))
        return masked_attention(q, k, v, mask)


@misconception(
    "SelfAttention",
    "Your projections go from d_k to d_model. A token comes in with d_model features: "
    "nn.Linear(d_model, d_k, bias=False).",
)
class ProjectsTheOtherWay(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_k, d_model, bias=False)
        self.w_k = nn.Linear(d_k, d_model, bias=False)
        self.w_v = nn.Linear(d_k, d_model, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)


@misconception(
    "SelfAttention",
    "You divide the scores by √d_model. Scores are products of queries and keys, which have d_k "
    "features. masked_attention does the scaling for you.",
)
class ScalesByDModel(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        scores = self.w_q(x) @ self.w_k(x).transpose(-2, -1) / math.sqrt(x.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1).nan_to_num()
        return weights @ self.w_v(x), weights


@misconception(
    "SelfAttention",
    "Your forward returns the output only. Return the weights, too: output, weights.",
)
class ReturnsTheOutputOnly(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)[0]


@misconception(
    "SelfAttention",
    "You do not use the mask that forward is given, so tokens read forbidden tokens. "
    "Hand it to masked_attention.",
    about="edge cases",
)
class IgnoresTheMask(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        everything = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), everything)


@misconception(
    "SelfAttention",
    "A token with nothing to attend to gets NaN. In this course its weights and its output are 0: "
    "masked_attention does that.",
    about="edge cases",
)
class GivesNanForNothing(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.w_q(x), self.w_k(x), self.w_v(x)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        return weights @ v, weights


@misconception(
    "SelfAttention",
    "You turn the mask with ~, so tokens read exactly the forbidden tokens. "
    "True means allowed, and masked_attention takes the mask as it is.",
    about="edge cases",
)
class TurnsTheMask(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        mask = torch.ones(1, dtype=torch.bool) if mask is None else ~mask
        return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)


@misconception(
    "SelfAttention",
    "You turn the mask with ~ after you have filled it in, so without a mask nothing is allowed "
    "and every weight is 0. True means allowed: hand the mask over as it is.",
)
class TurnsTheFilledMask(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        if mask is None:
            mask = torch.ones(1, dtype=torch.bool)
        return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), ~mask)


@misconception(
    "SelfAttention",
    "You leave out the scale, so the weights are too sharp. Divide the products by √d_k, or let "
    "masked_attention do it.",
)
class LeavesOutTheScale(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        scores = self.w_q(x) @ self.w_k(x).transpose(-2, -1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=-1).nan_to_num()
        return weights @ self.w_v(x), weights


@alternative("SelfAttention")
class ByMatrixProducts(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        for name in ("w_q", "w_k", "w_v"):
            self.add_module(name, nn.Linear(d_model, d_k, bias=False))

    def forward(self, x, mask=None):
        q, k, v = (x @ layer.weight.T for layer in self.children())
        scores = torch.einsum("...qd,...kd->...qk", q, k) * k.shape[-1] ** -0.5
        if mask is not None:
            scores = torch.where(mask, scores, -torch.inf)
        weights = F.softmax(scores, dim=-1)
        if mask is not None:
            weights = torch.where(mask, weights, 0.0)
        return weights @ v, weights


@alternative("SelfAttention")
class WithAFullMask(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.w_q, self.w_k, self.w_v = (nn.Linear(d_model, d_k, False) for _ in range(3))

    def forward(self, x, mask=None):
        n = x.shape[-2]
        allowed = torch.ones(n, n).bool() if mask is None else mask
        output, weights = masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), allowed)
        return output, weights


# is_permutation_equivariant


@misconception(
    "is_permutation_equivariant",
    "You ask whether the output stays the same when the tokens are shuffled. That is invariance; "
    "one output for each token must be shuffled along: compare with output[order].",
)
def asks_for_invariance(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return all(torch.allclose(model(x[order]), model(x), atol=1e-4) for order in orders)


@misconception(
    "is_permutation_equivariant",
    "You shuffle the output of the shuffled tokens a second time. To undo an order takes its "
    "inverse, order.argsort(). Easier: compare model(x[order]) with model(x)[order].",
)
def shuffles_twice(model, x):
    order = [*range(1, len(x)), 0]
    return torch.allclose(model(x[order])[order], model(x), atol=1e-4)


@misconception(
    "is_permutation_equivariant",
    "You only turn the sequence round. A model that turns it round itself, or prefers near tokens, "
    "passes. Try an order that is not symmetric, too.",
)
def only_turns_round(model, x):
    return torch.allclose(model(x.flip(0)), model(x).flip(0), atol=1e-4)


@misconception(
    "is_permutation_equivariant",
    "You only roll the tokens round the ring. A model in which each token reads the one before it "
    "passes. Swap two neighbours as well.",
)
def only_rolls(model, x):
    return torch.allclose(model(x.roll(1, 0)), model(x).roll(1, 0), atol=1e-4)


@misconception(
    "is_permutation_equivariant",
    "You only swap the first two tokens, or `return True` stands inside the loop, so that no "
    "second order is tried. A model that treats the last token differently passes. Roll, too.",
)
def only_swaps_the_first_two(model, x):
    order = [1, 0, *range(2, len(x))]
    return torch.allclose(model(x[order]), model(x)[order], atol=1e-4)


@misconception(
    "is_permutation_equivariant",
    "You compare the sorted numbers, so a model may give the right vectors to the wrong tokens. "
    "Compare row by row with model(x)[order].",
)
def compares_sorted_outputs(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return all(
        torch.allclose(model(x[order]).sort(0).values, model(x).sort(0).values, atol=1e-4)
        for order in orders
    )


@misconception(
    "is_permutation_equivariant",
    "You ask for exactly equal numbers. Attention adds in another order and rounds otherwise: "
    "allow differences up to 1e-4.",
)
def allows_no_rounding(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return all(torch.equal(model(x[order]), model(x)[order]) for order in orders)


@misconception(
    "is_permutation_equivariant",
    "You allow differences of 0.01, so a model that adds a small vector for each position passes. "
    "Allow 1e-4: torch.allclose(..., atol=1e-4).",
)
def allows_too_much(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return all(torch.allclose(model(x[order]), model(x)[order], atol=0.01) for order in orders)


@misconception(
    "is_permutation_equivariant",
    "Your answer is True where one of the orders agrees. One order that disagrees is enough for "
    "False: use all, not any.",
)
def asks_for_one_order(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return any(torch.allclose(model(x[order]), model(x)[order], atol=1e-4) for order in orders)


@misconception(
    "is_permutation_equivariant",
    "You look at the largest difference without its size: where every entry falls, the largest is "
    "negative, and the model passes. Take .abs() before .max().",
)
def leaves_out_abs(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return all((model(x[order]) - model(x)[order]).max().item() <= 1e-4 for order in orders)


@misconception(
    "is_permutation_equivariant",
    "You try one order that you have drawn. Where it leaves a token in its place, a model that "
    "treats that token differently passes. Swap the first two, and roll all.",
)
def tries_one_drawn_order(model, x):
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(80))
    return torch.allclose(model(x[order]), model(x)[order], atol=1e-4)


@misconception(
    "is_permutation_equivariant",
    "You compare the sums over all tokens. They say nothing about which token got which vector. "
    "Compare row by row with model(x)[order].",
)
def compares_sums(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return all(
        torch.allclose(model(x[order]).sum(0), model(x).sum(0), atol=1e-4) for order in orders
    )


@misconception(
    "is_permutation_equivariant",
    "Your answer is turned: True where the order matters. Equivariant means that it does not.",
)
def turned_answer(model, x):
    orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
    return not all(torch.allclose(model(x[order]), model(x)[order], atol=1e-4) for order in orders)


@misconception(
    "is_permutation_equivariant",
    "You always say True, whatever the model does. Shuffle the tokens and compare the outputs.",
)
def always_true(model, x):
    return True


@misconception(
    "is_permutation_equivariant",
    "You always say False, whatever the model does. Shuffle the tokens and compare the outputs.",
)
def always_false(model, x):
    return False


@alternative("is_permutation_equivariant")
def with_every_swap_of_neighbours(model, x):
    for place in range(len(x) - 1):
        order = list(range(len(x)))
        order[place : place + 2] = place + 1, place
        if (model(x[order]) - model(x)[order]).abs().max() > 1e-4:
            return False
    return True


@alternative("is_permutation_equivariant")
def with_the_inverse_of_many_orders(model, x):
    output = model(x)
    gaps = []
    for seed in range(20):
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
        gaps.append((model(x[order])[order.argsort()] - output).abs().max().item())
    return max(gaps) < 1e-4


# path_length


@misconception(
    "path_length",
    "You follow the table the wrong way: the row reads the column, so information flows from "
    "column to row. Look at reads[target, source].",
)
def follows_the_table_backwards(reads, source, target):
    known = {source}
    for steps in range(len(reads)):
        if target in known:
            return steps
        known |= {j for i in known for j in range(len(reads)) if reads[i, j]}
    return None


@misconception(
    "path_length",
    "You count the tokens on the way, so every length is one too large. "
    "Count the steps: from one token to another that reads it is 1 step.",
)
def counts_tokens(reads, source, target):
    known = {source}
    for steps in range(1, len(reads) + 1):
        if target in known:
            return steps if source != target else 0
        known |= {i for i in range(len(reads)) for j in known if reads[i, j]}
    return None


@misconception(
    "path_length",
    "You return how far apart the places are. That is right where each token reads the one before "
    "it, and nowhere else. Follow the table.",
)
def distance_of_the_places(reads, source, target):
    return abs(target - source)


@misconception(
    "path_length",
    "You look at one step only: 1 where the target reads the source, None elsewhere. "
    "Repeat the step, and let what was reached be read further.",
)
def one_step_only(reads, source, target):
    if source == target:
        return 0
    return 1 if reads[target, source] else None


@misconception(
    "path_length",
    "You follow the first token that reads the source, and then the first that reads that one. "
    "The shortest way may start elsewhere: keep all tokens that were reached.",
)
def follows_the_first_way(reads, source, target):
    here, steps, seen = source, 0, set()
    while here != target:
        seen.add(here)
        onward = [i for i in range(len(reads)) if reads[i, here] and i not in seen]
        if not onward:
            return None
        here, steps = onward[0], steps + 1
    return steps


@misconception(
    "path_length",
    "You return the steps until all tokens are reached, not until the target is. "
    "Stop at the target.",
)
def until_all_are_reached(reads, source, target):
    if source == target:
        return 0
    known, steps = {source}, 0
    while True:
        more = known | {i for i in range(len(reads)) for j in known if reads[i, j]}
        if more == known:
            return steps if target in known else None
        known, steps = more, steps + 1


@misconception(
    "path_length",
    "You give up one step too early: the way through all T tokens has T - 1 steps. With the look "
    "before the first step that makes T looks: range(len(reads)).",
)
def gives_up_too_early(reads, source, target):
    known = {source}
    for steps in range(len(reads) - 1):
        if target in known:
            return steps
        known |= {i for i in range(len(reads)) for j in known if reads[i, j]}
    return None


@misconception(
    "path_length",
    "Your lengths are one too small: you look only after the step, and count it from 0. From a "
    "token to one that reads it is 1 step. Look before each step.",
)
def counts_steps_from_zero(reads, source, target):
    known = torch.zeros(len(reads)).bool()
    known[source] = True
    for steps in range(len(reads)):
        known = known | (reads & known).any(-1)
        if known[target]:
            return steps
    return None


@misconception(
    "path_length",
    "You change the list while you go through it, so news runs through several tokens in one step. "
    "Make a new list at each step: knows = knows | ...",
)
def changes_the_list_it_reads(reads, source, target):
    known = torch.zeros(len(reads)).bool()
    known[source] = True
    for steps in range(len(reads)):
        if known[target]:
            return steps
        for i in range(len(reads)):
            if (reads[i] & known).any():
                known[i] = True
    return None


@misconception(
    "path_length",
    "any(dim=0) goes down the columns: it asks who is read, so nobody learns anything new. A row "
    "is a token that reads: take any(dim=-1).",
)
def asks_down_the_columns(reads, source, target):
    known = torch.zeros(len(reads)).bool()
    known[source] = True
    for steps in range(len(reads)):
        if known[target]:
            return steps
        known = known | (reads & known).any(0)
    return None


@misconception(
    "path_length",
    "You return -1 where there is no way. The docstring asks for None.",
    about="edge cases",
)
def minus_one_for_no_way(reads, source, target):
    known = {source}
    for steps in range(len(reads)):
        if target in known:
            return steps
        known |= {i for i in range(len(reads)) for j in known if reads[i, j]}
    return -1


@misconception(
    "path_length",
    "You return the number of tokens where there is no way. No number of steps is enough there: "
    "return None.",
    about="edge cases",
)
def tokens_for_no_way(reads, source, target):
    known = {source}
    for steps in range(len(reads)):
        if target in known:
            return steps
        known |= {i for i in range(len(reads)) for j in known if reads[i, j]}
    return len(reads)


@misconception(
    "path_length",
    "You return infinity where there is no way. The docstring asks for None.",
    about="edge cases",
)
def infinity_for_no_way(reads, source, target):
    known = {source}
    for steps in range(len(reads)):
        if target in known:
            return steps
        known |= {i for i in range(len(reads)) for j in known if reads[i, j]}
    return math.inf


@misconception(
    "path_length",
    "You return 0 where there is no way. 0 means that both are the same token: return None.",
    about="edge cases",
)
def zero_for_no_way(reads, source, target):
    known = {source}
    for steps in range(len(reads)):
        if target in known:
            return steps
        known |= {i for i in range(len(reads)) for j in known if reads[i, j]}
    return 0


@misconception(
    "path_length",
    "A token needs no step to know what it knows: from a token to itself the length is 0. "
    "Check for the target before the first step.",
    about="edge cases",
)
def a_step_to_itself(reads, source, target):
    known = torch.zeros(len(reads)).bool()
    known[source] = True
    for steps in range(1, len(reads)):
        known = known | (reads & known).any(-1)
        if known[target]:
            return steps
    return None


@alternative("path_length")
def with_a_list_to_visit(reads, source, target):
    steps = {source: 0}
    waiting = [source]
    for token in waiting:
        for reader in torch.nonzero(reads[:, token]).flatten().tolist():
            if reader not in steps:
                steps[reader] = steps[token] + 1
                waiting.append(reader)
    return steps.get(target)


@alternative("path_length")
def with_powers_of_the_table(reads, source, target):
    power = torch.eye(len(reads))
    table = reads.to(power.dtype)
    steps = 0
    while power[target, source] == 0:
        power = (table @ power).clamp(max=1.0)
        steps += 1
        if steps == len(reads):
            return None
    return steps


# sinusoidal_positions


@misconception(
    "sinusoidal_positions",
    "All sines stand first, then all cosines. Some libraries do so; here features 2i and 2i + 1 "
    "are a pair: sine, cosine, sine, cosine. Stack them on a last axis, then flatten.",
)
def sines_then_cosines(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] * base ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


@misconception(
    "sinusoidal_positions",
    "Sine and cosine have changed places: position 0 must read 0, 1, 0, 1. "
    "The sine goes to even features.",
)
def cosine_first(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] * base ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.cos(), angles.sin()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "Your exponent is i / d_model with i counting pairs, so frequencies fall half as fast as they "
    "should. It is 2i / d_model: torch.arange(0, d_model, 2) / d_model.",
)
def counts_pairs_in_the_exponent(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] * base ** (-torch.arange(d_model // 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "You double the index twice: your exponent is 4i / d_model. torch.arange(0, d_model, 2) "
    "already is 2i.",
)
def doubles_the_index_twice(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    index = 2 * torch.arange(0, d_model, 2)
    angles = torch.arange(n_positions)[:, None] * base ** (-index / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "Each feature has a frequency of its own, so sine and cosine of a pair are no hands of one "
    "clock. Features 2i and 2i + 1 share the exponent 2i / d_model.",
)
def a_frequency_for_each_feature(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] * base ** (-torch.arange(d_model) / d_model)
    codes = angles.sin()
    codes[:, 1::2] = angles[:, 1::2].cos()
    return codes


@misconception(
    "sinusoidal_positions",
    "Your frequencies grow with the feature instead of falling. The exponent is negative: "
    "base ** (-2i / d_model).",
)
def growing_frequencies(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] * base ** (torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "Your last pair has the frequency 1 / base. In the paper's formula the last exponent is "
    "(d_model - 2) / d_model: divide by d_model, not by d_model - 2.",
)
def down_to_the_base(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    index = torch.arange(0, d_model, 2)
    angles = torch.arange(n_positions)[:, None] * base ** (-index / max(d_model - 2, 1))
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "Your positions count from 1. The first position is 0, and its code is 0, 1, 0, 1.",
)
def positions_from_one(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    places = torch.arange(1, n_positions + 1)
    angles = places[:, None] * base ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "You take the angles for degrees. They are radians, as torch.sin wants them: leave out the "
    "factor of π / 180.",
)
def takes_angles_for_degrees(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] * base ** (-torch.arange(0, d_model, 2) / d_model)
    angles = torch.deg2rad(angles)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "You divide the exponent with //, so 2i // d_model is 0 for every pair, and all clocks run "
    "alike. Divide with /.",
)
def divides_the_exponent_whole(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] / base ** (torch.arange(0, d_model, 2) // d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "You divide the positions with //, so every angle is a whole number, and the slow clocks stand "
    "still. Divide with /.",
)
def divides_positions_whole(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] // base ** (torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "Your table is turned: features are its rows. One row for each position: "
    "(n_positions, d_model).",
)
def a_column_for_each_position(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    angles = torch.arange(n_positions)[:, None] * base ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2).T


@misconception(
    "sinusoidal_positions",
    "Sines and cosines run down the positions, not along the features: even positions hold sines. "
    "Put the pair on the last axis.",
)
def sines_at_even_positions(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    frequencies = base ** (-(torch.arange(d_model) // 2 * 2) / d_model)
    angles = torch.arange(n_positions)[:, None] * frequencies
    codes = angles.clone()
    codes[0::2], codes[1::2] = angles[0::2].sin(), angles[1::2].cos()
    return codes


@misconception(
    "sinusoidal_positions",
    "You always use 10000. Use the argument `base`.",
    about="edge cases",
)
def always_ten_thousand(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError("d_model must be even")
    frequencies = 10000.0 ** (-torch.arange(0, d_model, 2) / d_model)
    angles = torch.arange(n_positions)[:, None] * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "sinusoidal_positions",
    "With an odd d_model you return a code with one feature more or less than was asked for. "
    "Raise ValueError: features come in pairs.",
    about="edge cases",
)
def takes_odd_widths(n_positions, d_model, base=10000.0):
    angles = torch.arange(n_positions)[:, None] * base ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@alternative("sinusoidal_positions")
def with_plain_loops(n_positions, d_model, base=10000.0):
    if d_model % 2 == 1:
        raise ValueError("an even number of features is needed")
    codes = torch.zeros(n_positions, d_model)
    for p in range(n_positions):
        for i in range(d_model // 2):
            angle = p / base ** (2 * i / d_model)
            codes[p, 2 * i] = math.sin(angle)
            codes[p, 2 * i + 1] = math.cos(angle)
    return codes


@alternative("sinusoidal_positions")
def by_the_exponential(n_positions, d_model, base=10000.0):
    if d_model % 2:
        raise ValueError(d_model)
    places = torch.arange(n_positions).unsqueeze(1)
    speeds = torch.exp(torch.arange(0, d_model, 2) * -(math.log(base) / d_model))
    codes = torch.empty(n_positions, d_model)
    codes[:, 0::2] = torch.sin(places * speeds)
    codes[:, 1::2] = torch.cos(places * speeds)
    return codes


# shift_matrix


@misconception(
    "shift_matrix",
    "Your matrix moves back instead of on, or it belongs on the right of the code. "
    "It stands on the left of a column: sin(p + k) has + sin(k) cos(p). Exchange the two signs.",
)
def moves_the_other_way(offset, d_model, base=10000.0):
    angles = offset * base ** (-torch.arange(0, d_model, 2) / d_model)
    matrix = torch.zeros(d_model, d_model)
    for i, angle in enumerate(angles):
        matrix[2 * i, 2 * i] = matrix[2 * i + 1, 2 * i + 1] = angle.cos()
        matrix[2 * i, 2 * i + 1] = -angle.sin()
        matrix[2 * i + 1, 2 * i] = angle.sin()
    return matrix


@misconception(
    "shift_matrix",
    "Both sines of a block have a plus sign, so codes change their length. "
    "cos(p + k) = cos p cos k - sin p sin k: one of them has a minus.",
)
def both_sines_positive(offset, d_model, base=10000.0):
    angles = offset * base ** (-torch.arange(0, d_model, 2) / d_model)
    matrix = torch.zeros(d_model, d_model)
    for i, angle in enumerate(angles):
        matrix[2 * i, 2 * i] = matrix[2 * i + 1, 2 * i + 1] = angle.cos()
        matrix[2 * i, 2 * i + 1] = matrix[2 * i + 1, 2 * i] = angle.sin()
    return matrix


@misconception(
    "shift_matrix",
    "You turn every pair by the same angle. Each pair has its own frequency: "
    "offset · base^(-2i / d_model).",
)
def one_angle_for_all(offset, d_model, base=10000.0):
    matrix = torch.zeros(d_model, d_model)
    for i in range(0, d_model, 2):
        matrix[i, i] = matrix[i + 1, i + 1] = math.cos(offset)
        matrix[i, i + 1] = math.sin(offset)
        matrix[i + 1, i] = -math.sin(offset)
    return matrix


@misconception(
    "shift_matrix",
    "Your matrix only stretches each feature: it is 0 beside the diagonal. A turn mixes sine and "
    "cosine of a pair, so each block has four entries.",
)
def only_a_diagonal(offset, d_model, base=10000.0):
    code = sinusoidal_positions(abs(offset) + 1, d_model, base)[-1]
    return code.diag()


@misconception(
    "shift_matrix",
    "Your pairs are feature i and feature i + d_model / 2. In these codes the pairs are "
    "neighbours: features 2i and 2i + 1.",
)
def pairs_of_halves(offset, d_model, base=10000.0):
    angles = offset * base ** (-torch.arange(0, d_model, 2) / d_model)
    cos, sin = angles.cos().diag(), angles.sin().diag()
    return torch.cat([torch.cat([cos, sin], dim=1), torch.cat([-sin, cos], dim=1)], dim=0)


@misconception(
    "shift_matrix",
    "You multiply the matrix of one step by the offset. To move on several times, multiply the "
    "matrix with itself, or multiply the angle by the offset.",
)
def multiplies_one_step(offset, d_model, base=10000.0):
    angles = base ** (-torch.arange(0, d_model, 2) / d_model)
    matrix = torch.zeros(d_model, d_model)
    for i, angle in enumerate(angles):
        matrix[2 * i, 2 * i] = matrix[2 * i + 1, 2 * i + 1] = angle.cos()
        matrix[2 * i, 2 * i + 1] = angle.sin()
        matrix[2 * i + 1, 2 * i] = -angle.sin()
    return offset * matrix


@misconception(
    "shift_matrix",
    "Your exponent counts pairs, i / d_model; the codes use 2i / d_model. "
    "The frequencies must be those of sinusoidal_positions.",
)
def counts_pairs_for_the_shift(offset, d_model, base=10000.0):
    angles = offset * base ** (-torch.arange(d_model // 2) / d_model)
    matrix = torch.zeros(d_model, d_model)
    for i, angle in enumerate(angles):
        matrix[2 * i, 2 * i] = matrix[2 * i + 1, 2 * i + 1] = angle.cos()
        matrix[2 * i, 2 * i + 1] = angle.sin()
        matrix[2 * i + 1, 2 * i] = -angle.sin()
    return matrix


@misconception(
    "shift_matrix",
    "You drop the sign of the offset, so moving back moves on. Negative offsets give negative "
    "angles; leave them.",
    about="edge cases",
)
def never_moves_back(offset, d_model, base=10000.0):
    angles = abs(offset) * base ** (-torch.arange(0, d_model, 2) / d_model)
    matrix = torch.zeros(d_model, d_model)
    for i, angle in enumerate(angles):
        matrix[2 * i, 2 * i] = matrix[2 * i + 1, 2 * i + 1] = angle.cos()
        matrix[2 * i, 2 * i + 1] = angle.sin()
        matrix[2 * i + 1, 2 * i] = -angle.sin()
    return matrix


@misconception(
    "shift_matrix",
    "You always use 10000. Use the argument `base`.",
    about="edge cases",
)
def shifts_by_ten_thousand(offset, d_model, base=10000.0):
    angles = offset * 10000.0 ** (-torch.arange(0, d_model, 2) / d_model)
    matrix = torch.zeros(d_model, d_model)
    for i, angle in enumerate(angles):
        matrix[2 * i, 2 * i] = matrix[2 * i + 1, 2 * i + 1] = angle.cos()
        matrix[2 * i, 2 * i + 1] = angle.sin()
        matrix[2 * i + 1, 2 * i] = -angle.sin()
    return matrix


@alternative("shift_matrix")
def as_blocks(offset, d_model, base=10000.0):
    blocks = []
    for feature in range(0, d_model, 2):
        angle = torch.tensor(offset * base ** (-feature / d_model))
        c, s = torch.cos(angle), torch.sin(angle)
        blocks.append(torch.stack([torch.stack([c, s]), torch.stack([-s, c])]))
    return torch.block_diag(*blocks)


@alternative("shift_matrix")
def as_the_power_of_one_step(offset, d_model, base=10000.0):
    angles = base ** (-torch.arange(0, d_model, 2).double() / d_model)
    one = torch.zeros(d_model, d_model, dtype=torch.float64)
    even = torch.arange(0, d_model, 2)
    one[even, even] = one[even + 1, even + 1] = angles.cos()
    one[even, even + 1] = angles.sin()
    one[even + 1, even] = -angles.sin()
    return torch.linalg.matrix_power(one, offset).to(torch.get_default_dtype())


# LearnedPositions


@misconception(
    "LearnedPositions",
    "You add the codes in place, with +=, so the caller's tokens change. With q = k = v from one "
    "tensor, the code is added three times. Write x + codes: it makes a new tensor.",
)
class AddsInPlace(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        x += self.table[start:end]
        return x


@misconception(
    "LearnedPositions",
    "You cut the table along its features: table[:, :T]. Positions are its rows: "
    "table[start : start + T].",
)
class CutsTheFeatures(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[:, start:end]


@misconception(
    "LearnedPositions",
    "You count the first axis, which here is the batch: all tokens of one sentence get the same "
    "code. Batch comes first in this course; tokens are axis -2.",
)
class CountsTheBatch(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[0]
        if start + x.shape[-2] > len(self.table):
            raise ValueError("too long")
        codes = self.table[start:end]
        return x + (codes[:, None, :] if x.dim() == 3 else codes)


@misconception(
    "LearnedPositions",
    "You return the codes alone, and the words are lost. Return their sum with x.",
)
class ReturnsTheCodesAlone(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return self.table[start:end].expand_as(x)


@misconception(
    "LearnedPositions",
    "Your table is a plain tensor, which no optimizer finds: parameters() is empty. "
    "Wrap it in nn.Parameter.",
)
class WithoutAParameter(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = 0.02 * torch.randn(max_positions, d_model)

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[start:end]


@misconception(
    "LearnedPositions",
    "Your table is a buffer: state_dict() saves it, but no optimizer trains it. "
    "Use nn.Parameter instead of register_buffer.",
)
class AsABuffer(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.register_buffer("table", 0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[start:end]


@misconception(
    "LearnedPositions",
    "Your table starts with a standard deviation of 1, which drowns the words. "
    "Multiply torch.randn by 0.02.",
)
class StartsWithVarianceOne(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[start:end]


@misconception(
    "LearnedPositions",
    "Your table starts at zero everywhere. The docstring asks for random numbers: "
    "0.02 * torch.randn(max_positions, d_model).",
)
class StartsAtZero(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[start:end]


@misconception(
    "LearnedPositions",
    "Your table starts with torch.rand, which draws evenly between 0 and 1, so all numbers are "
    "positive. The docstring asks for normal ones: 0.02 * torch.randn(max_positions, d_model).",
)
class DrawsEvenly(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.rand(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[start:end]


@misconception(
    "LearnedPositions",
    "You use nn.Embedding, so the parameter is called table.weight, and its standard deviation is "
    "1. Here `table` itself is the parameter: nn.Parameter(0.02 * torch.randn(...)).",
)
class KeepsAnEmbedding(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Embedding(max_positions, d_model)

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > self.table.num_embeddings:
            raise ValueError("too long")
        return x + self.table(torch.arange(start, end))


@misconception(
    "LearnedPositions",
    "You count positions from 1, so the first token gets row 1. Positions, like rows, count from "
    "0: table[start : start + T].",
)
class CountsFromOne(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[start + 1 : end + 1]


@misconception(
    "LearnedPositions",
    "You take T from x.shape[1], which holds tokens only behind one batch axis. Tokens are the "
    "last axis but one: x.shape[-2].",
    about="edge cases",
)
class CountsAxisOne(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[1]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[start:end]


@misconception(
    "LearnedPositions",
    "You never ask whether the table is long enough. Where start + T is larger than len(table), "
    "raise ValueError.",
    about="edge cases",
)
class NeverAsksForTheEnd(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        return x + self.table[start : start + x.shape[-2]]


@misconception(
    "LearnedPositions",
    "You take the last rows of the table. The first token stands at position `start`, so begin "
    "with that row.",
)
class TakesTheLastRows(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[-x.shape[-2] :]


@misconception(
    "LearnedPositions",
    "You do not use `start`: new tokens behind a cache get the positions of the first ones. "
    "Begin with the row `start`.",
    about="edge cases",
)
class ForgetsTheStart(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        if start + x.shape[-2] > len(self.table):
            raise ValueError("too long")
        return x + self.table[: x.shape[-2]]


@misconception(
    "LearnedPositions",
    "You cut from `start` to T. The slice must hold T rows: start to start + T.",
    about="edge cases",
)
class EndsAtTheNumberOfTokens(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        if start + x.shape[-2] > len(self.table):
            raise ValueError("too long")
        return x + self.table[start : x.shape[-2]]


@misconception(
    "LearnedPositions",
    "A sequence that is too long gets the last row again and again, without a word. "
    "Raise ValueError where the table ends.",
    about="edge cases",
)
class RepeatsTheLastRow(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        places = torch.arange(start, start + x.shape[-2])
        return x + self.table[places.clamp(max=len(self.table) - 1)]


@misconception(
    "LearnedPositions",
    "You refuse a sequence that just fits: the last row of the table is len(table) - 1, and "
    "start + T may be len(table). Compare with >, not with >=.",
    about="edge cases",
)
class RefusesTheLastRow(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        end = start + x.shape[-2]
        if end >= len(self.table):
            raise ValueError("too long")
        return x + self.table[start:end]


@misconception(
    "LearnedPositions",
    "You check the number of tokens, not where they end. Behind a cache, start + T counts.",
    about="edge cases",
)
class ChecksWithoutTheStart(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))

    def forward(self, x, start=0):
        if x.shape[-2] > len(self.table):
            raise ValueError("too long")
        places = torch.arange(start, start + x.shape[-2]) % len(self.table)
        return x + self.table[places]


@alternative("LearnedPositions")
class ByEmbedding(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.empty(max_positions, d_model))
        nn.init.normal_(self.table, std=0.02)

    def forward(self, x, start=0):
        if x.size(-2) + start > self.table.size(0):
            raise ValueError("the sequence is longer than the table")
        return x + F.embedding(torch.arange(start, start + x.size(-2)), self.table)


@alternative("LearnedPositions")
class ByNarrow(nn.Module):
    def __init__(self, max_positions, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(max_positions, d_model).normal_(0, 0.02))

    def forward(self, x, start=0):
        *_, count, _ = x.shape
        if start > self.table.shape[0] - count:
            raise ValueError(start)
        return torch.add(x, self.table.narrow(0, start, count))


# rotary_embedding


@misconception(
    "rotary_embedding",
    "You return x as it is, so scores know nothing of positions. "
    "Turn each pair by position · frequency.",
)
def turns_nothing(x, positions, base=10000.0):
    return x.clone()


@misconception(
    "rotary_embedding",
    "You turn pairs the other way. Seen from the first feature, towards the second: "
    "first · cos - second · sin, and first · sin + second · cos.",
)
def turns_the_other_way(x, positions, base=10000.0):
    angles = -positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * angles.cos() - second * angles.sin()]
    turned += [first * angles.sin() + second * angles.cos()]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "Your pairs are feature i and feature i + d_k / 2, the layout of Hugging Face. Here the pairs "
    "are neighbours, as in the paper: x[..., 0::2] and x[..., 1::2].",
)
def pairs_across_halves(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


@misconception(
    "rotary_embedding",
    "You mix two layouts: angles for neighbours, but halves are turned into each other. "
    "That is no rotation, and scores depend on more than the offset. Turn neighbours.",
)
def angles_of_neighbours_on_halves(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    angles = angles.repeat_interleave(2, dim=-1)
    first, second = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([-second, first], dim=-1) * angles.sin()


@misconception(
    "rotary_embedding",
    "You take neighbours as pairs, but put the results into two halves. "
    "Stack them on a last axis and flatten, so that each feature returns to its place.",
)
def puts_results_into_halves(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


@misconception(
    "rotary_embedding",
    "Both your sines have a plus sign, so vectors change their length. A rotation has one minus: "
    "first · cos - second · sin.",
)
def no_minus(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos + second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You number the tokens 0, 1, 2, ... yourself. Behind a cache they stand elsewhere: "
    "use the argument `positions`.",
)
def numbers_the_tokens_itself(x, positions, base=10000.0):
    places = torch.arange(x.shape[-2])
    angles = places.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You turn every pair by the same angle, the position. Each pair has its own frequency: "
    "base^(-2i / d_k).",
)
def one_frequency(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1).float()
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "Your exponent is i / d_k with i counting pairs; it is 2i / d_k. "
    "Write torch.arange(0, d_k, 2) / d_k.",
)
def counts_pairs_in_rope(x, positions, base=10000.0):
    width = x.shape[-1]
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(width // 2) / width)
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You write the first features before you have read them for the second: a slice like "
    "out[..., 0::2] is a view, and holds the new numbers then. Work out both, then write.",
)
def reads_what_it_has_overwritten(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = angles.cos(), angles.sin()
    out = x.clone()
    first, second = out[..., 0::2], out[..., 1::2]
    out[..., 0::2] = first * cos - second * sin
    out[..., 1::2] = first * sin + second * cos
    return out


@misconception(
    "rotary_embedding",
    "You turn each token one position too far. At position 0 nothing is turned: use `positions` as "
    "they are.",
)
def counts_positions_from_one(x, positions, base=10000.0):
    angles = (positions + 1)[..., None] * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You add a position code to x. RoPE adds nothing: it turns each pair of features.",
)
def adds_a_code(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    return x + torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You always use the base 10000. Use the argument `base`.",
)
def base_of_the_paper(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * 10000.0 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You put the positions on axis 1, which holds heads in (batch, heads, T, d_k). "
    "Tokens are axis -2, whatever stands before it.",
    about="shapes",
)
def positions_on_axis_one(x, positions, base=10000.0):
    angles = positions.unsqueeze(-1) * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if x.dim() == 4:
        angles = angles.unsqueeze(-2)
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "Your angles serve only positions of shape (T,). With padding each sequence has its own: "
    "add the axis at the end, positions.unsqueeze(-1).",
    about="shapes",
)
def one_row_of_positions_only(x, positions, base=10000.0):
    angles = positions[:, None] * base ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [first * cos - second * sin, first * sin + second * cos]
    return torch.stack(turned, dim=-1).flatten(-2)


@alternative("rotary_embedding")
def by_complex_numbers(x, positions, base=10000.0):
    width = x.shape[-1]
    angles = positions[..., None] / base ** (torch.arange(0, width, 2) / width)
    points = torch.view_as_complex(x.unflatten(-1, (width // 2, 2)).contiguous())
    return torch.view_as_real(points * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


@alternative("rotary_embedding")
def by_turning_neighbours(x, positions, base=10000.0):
    exponents = torch.arange(x.shape[-1]) // 2 * 2 / x.shape[-1]
    angles = positions.unsqueeze(-1) * torch.exp(-math.log(base) * exponents)
    quarter_turn = torch.stack([-x[..., 1::2], x[..., 0::2]], dim=-1).reshape(x.shape)
    return x * angles.cos() + quarter_turn * angles.sin()


# rotary_attention


@misconception(
    "rotary_attention",
    "You turn the values as well, so the output holds words turned by their positions. "
    "Turn queries and keys only: positions matter for the scores.",
)
def turns_the_values_too(q, k, v, mask):
    places = torch.arange(k.shape[-2])
    turned_q = rotary_embedding(q, places[-q.shape[-2] :])
    return masked_attention(
        turned_q, rotary_embedding(k, places), rotary_embedding(v, places), mask
    )


@misconception(
    "rotary_attention",
    "You turn the queries only, so scores depend on the query's position alone. "
    "Turn the keys, too: then the offset is what counts.",
)
def turns_queries_only(q, k, v, mask):
    places = torch.arange(k.shape[-2])
    return masked_attention(rotary_embedding(q, places[-q.shape[-2] :]), k, v, mask)


@misconception(
    "rotary_attention",
    "You turn the keys only, so scores depend on the key's position alone. "
    "Turn the queries, too: then the offset is what counts.",
)
def turns_keys_only(q, k, v, mask):
    return masked_attention(q, rotary_embedding(k, torch.arange(k.shape[-2])), v, mask)


@misconception(
    "rotary_attention",
    "You turn the values only. Scores then know nothing of positions. Turn queries and keys.",
)
def turns_values_only(q, k, v, mask):
    return masked_attention(q, k, rotary_embedding(v, torch.arange(v.shape[-2])), mask)


@misconception(
    "rotary_attention",
    "You turn nothing: this is masked_attention. Turn queries and keys before it.",
)
def turns_neither(q, k, v, mask):
    return masked_attention(q, k, v, mask)


@misconception(
    "rotary_attention",
    "Your queries count from 0. Behind a cache they are the last tokens: their positions end at "
    "T_k - 1, so the first is T_k - T_q.",
)
def queries_count_from_zero(q, k, v, mask):
    turned_q = rotary_embedding(q, torch.arange(q.shape[-2]))
    turned_k = rotary_embedding(k, torch.arange(k.shape[-2]))
    return masked_attention(turned_q, turned_k, v, mask)


@misconception(
    "rotary_attention",
    "Your queries stand one place too far on. The last query is the last token, at T_k - 1: the "
    "first stands at T_k - T_q.",
)
def queries_one_place_late(q, k, v, mask):
    n_queries, n_keys = q.shape[-2], k.shape[-2]
    turned_q = rotary_embedding(q, torch.arange(n_keys - n_queries + 1, n_keys + 1))
    turned_k = rotary_embedding(k, torch.arange(n_keys))
    return masked_attention(turned_q, turned_k, v, mask)


@misconception(
    "rotary_attention",
    "You count tokens along axis 1, which is the heads where there are heads. Tokens are the last "
    "axis but one: shape[-2].",
)
def counts_tokens_along_axis_one(q, k, v, mask):
    places = torch.arange(k.shape[1])
    turned_q = rotary_embedding(q, places[-q.shape[1] :])
    return masked_attention(turned_q, rotary_embedding(k, places), v, mask)


@misconception(
    "rotary_attention",
    "You do not use the mask. Hand it on to masked_attention.",
)
def drops_the_mask(q, k, v, mask):
    places = torch.arange(k.shape[-2])
    turned_q = rotary_embedding(q, places[-q.shape[-2] :])
    return masked_attention(turned_q, rotary_embedding(k, places), v, torch.ones(1).bool())


@alternative("rotary_attention")
def by_offsets_from_the_first_query(q, k, v, mask):
    n_queries, n_keys = q.shape[-2], k.shape[-2]
    turned_q = rotary_embedding(q, torch.arange(n_queries))
    turned_k = rotary_embedding(k, torch.arange(n_keys) - (n_keys - n_queries))
    return masked_attention(turned_q, turned_k, v, mask)


@alternative("rotary_attention")
def by_its_own_softmax(q, k, v, mask):
    places = torch.arange(k.shape[-2])
    turned = rotary_embedding(q, places[k.shape[-2] - q.shape[-2] :])
    scores = turned @ rotary_embedding(k, places).transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).nan_to_num()
    return weights @ v, weights


# alibi_bias


@misconception(
    "alibi_bias",
    "Your bias grows with the distance, so far keys win. Put a minus before it.",
)
def rewards_distance(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    places = torch.arange(n_keys)
    return slopes[:, None, None] * (places[-n_queries:, None] - places).abs()


@misconception(
    "alibi_bias",
    "Later keys get a positive bias: you leave out abs. The distance is never negative.",
)
def without_abs(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    places = torch.arange(n_keys)
    return -slopes[:, None, None] * (places[-n_queries:, None] - places)


@misconception(
    "alibi_bias",
    "Later keys get no bias: you cut the distance off at 0. Here it counts in both directions: "
    "take abs, not clamp.",
)
def nothing_for_later_keys(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    places = torch.arange(n_keys)
    return -slopes[:, None, None] * (places[-n_queries:, None] - places).clamp(min=0)


@misconception(
    "alibi_bias",
    "You leave the slopes out: every head subtracts the whole distance. Multiply it by the head's "
    "slope, 2^(-8h / n_heads).",
)
def without_slopes(n_heads, n_queries, n_keys):
    places = torch.arange(n_keys)
    distances = (places[-n_queries:, None] - places).abs().float()
    return -distances.repeat(n_heads, 1, 1)


@misconception(
    "alibi_bias",
    "Your exponents are whole numbers: // cuts off what comes after the point. That is right only "
    "where n_heads divides 8h. Divide with /.",
    about="edge cases",
)
def whole_exponents(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) // n_heads)
    places = torch.arange(n_keys)
    return -slopes[:, None, None] * (places[-n_queries:, None] - places).abs()


@misconception(
    "alibi_bias",
    "Your first head has the slope 1: you count heads from 0. Count from 1, so that the first "
    "slope is 2^(-8 / n_heads).",
)
def slopes_from_one(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(n_heads) / n_heads)
    places = torch.arange(n_keys)
    return -slopes[:, None, None] * (places[-n_queries:, None] - places).abs()


@misconception(
    "alibi_bias",
    "Your slopes are 1/2, 1/4, 1/8, ... for any number of heads. That is right for 8 heads only; "
    "the exponent is -8h / n_heads.",
)
def slopes_of_eight_heads(n_heads, n_queries, n_keys):
    slopes = 2.0 ** -torch.arange(1, n_heads + 1)
    places = torch.arange(n_keys)
    return -slopes[:, None, None] * (places[-n_queries:, None] - places).abs()


@misconception(
    "alibi_bias",
    "All your heads have the same slope. Each head gets its own: 2^(-8h / n_heads).",
)
def one_slope(n_heads, n_queries, n_keys):
    places = torch.arange(n_keys)
    distances = (places[-n_queries:, None] - places).abs()
    return -(2.0 ** (-8 / n_heads)) * distances.expand(n_heads, n_queries, n_keys)


@misconception(
    "alibi_bias",
    "Your slopes run the other way: the first head must be the steepest. "
    "The exponent of head h is -8h / n_heads, with h counted from 1.",
)
def slopes_turned_round(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(n_heads, 0, -1) / n_heads)
    places = torch.arange(n_keys)
    return -slopes[:, None, None] * (places[-n_queries:, None] - places).abs()


@misconception(
    "alibi_bias",
    "Your slopes fall in equal steps. They form a geometric sequence: each is the one before it "
    "times 2^(-8 / n_heads).",
)
def slopes_in_equal_steps(n_heads, n_queries, n_keys):
    slopes = 1 - torch.arange(n_heads) / n_heads
    places = torch.arange(n_keys)
    return -slopes[:, None, None] * (places[-n_queries:, None] - places).abs()


@misconception(
    "alibi_bias",
    "Your heads stand on the last axis. Scores are (..., heads, queries, keys): put heads first.",
)
def heads_last(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    places = torch.arange(n_keys)
    return -(places[-n_queries:, None] - places).abs()[..., None] * slopes


@misconception(
    "alibi_bias",
    "Your queries count from 0. Behind a cache they are the last tokens: distance 0 belongs to the "
    "last key of the last row.",
    about="edge cases",
)
def queries_from_the_start(n_heads, n_queries, n_keys):
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distances = (torch.arange(n_queries)[:, None] - torch.arange(n_keys)).abs()
    return -slopes[:, None, None] * distances


@misconception(
    "alibi_bias",
    "For a number of heads that is no power of two you do as the authors' code, which mixes two "
    "sequences of slopes. Here the formula holds for every number: 2^(-8h / n_heads).",
    about="edge cases",
)
def slopes_of_the_authors_code(n_heads, n_queries, n_keys):
    power = 2 ** math.floor(math.log2(n_heads))
    slopes = [2.0 ** (-8 * h / power) for h in range(1, power + 1)]
    slopes += [2.0 ** (-4 * h / power) for h in range(1, 2 * (n_heads - power), 2)]
    places = torch.arange(n_keys)
    distances = (places[-n_queries:, None] - places).abs()
    return -torch.tensor(slopes)[:, None, None] * distances


@alternative("alibi_bias")
def with_plain_lists(n_heads, n_queries, n_keys):
    first = n_keys - n_queries
    bias = []
    for head in range(1, n_heads + 1):
        slope = 2 ** (-8 * head / n_heads)
        rows = [[-slope * abs(first + i - j) for j in range(n_keys)] for i in range(n_queries)]
        bias.append(rows)
    return torch.tensor(bias)


@alternative("alibi_bias")
def by_powers_of_the_ratio(n_heads, n_queries, n_keys):
    slopes = (torch.ones(n_heads) * 2 ** (-8 / n_heads)).cumprod(0)
    later = torch.arange(n_keys).unsqueeze(0)
    earlier = torch.arange(n_keys - n_queries, n_keys).unsqueeze(1)
    return torch.einsum("h,qk->hqk", slopes, -(earlier - later).abs().to(slopes.dtype))

"""Hidden cases of lesson 08. Sizes all differ; every value is drawn afresh."""

from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from grader.cases import case, equivalent, randn

SPLIT = "split_heads"
MERGE = "merge_heads"
TEST = "heads_test"
ATTENTION = "MultiHeadAttention"
STACKED = "stacked_heads"
COUNT = "parameter_count"
TORCH = "from_torch"
ABLATE = "ablate_head"

PROJECTIONS = ("w_q", "w_k", "w_v", "w_o")


def booleans(rng, *shape):
    """Draw a mask in which each row allows at least one key, and forbids at least one."""
    chances = rng.random(shape)
    allowed = chances > 0.5
    allowed |= chances == chances.max(axis=-1, keepdims=True)
    allowed &= chances != chances.min(axis=-1, keepdims=True)
    return torch.from_numpy(allowed)


def state(rng, d_model):
    """Weights and biases of the four projections, so that scores are neither flat nor sharp."""
    drawn = {}
    for name in PROJECTIONS:
        drawn[f"{name}.weight"] = randn(rng, d_model, d_model) / d_model**0.5
        drawn[f"{name}.bias"] = randn(rng, d_model)
    return drawn


def cross(rng, d_model):
    """A batch of 2: 4 queries, 7 keys with other values, and drawn weights."""
    return {
        "queries": randn(rng, 2, 4, d_model),
        "keys": randn(rng, 2, 7, d_model),
        "values": randn(rng, 2, 7, d_model),
        "state": state(rng, d_model),
    }


# split_heads


def tokens_of_a_batch(rng):
    return {"x": randn(rng, 2, 5, 12)}


def tokens_without_a_batch(rng):
    return {"x": randn(rng, 5, 12)}


def tokens_behind_two_axes(rng):
    """(batch, features, group, tokens), so that the case's transposes are a view."""
    return {"x": randn(rng, 2, 12, 3, 5)}


@case(SPLIT, "idea", inputs=tokens_of_a_batch, axes=("batch", "head", "token", "feature"))
def three_heads_of_four_features(k, x):
    return k.split_heads(x, 3)


@case(SPLIT, "idea", inputs=tokens_of_a_batch)
def as_many_heads_as_features_and_one_head(k, x):
    return [k.split_heads(x, 12), k.split_heads(x, 1)]


@case(SPLIT, "shapes", inputs=tokens_without_a_batch, axes=("head", "token", "feature"))
def a_sequence_without_a_batch(k, x):
    return k.split_heads(x, 6)


@case(
    SPLIT,
    "shapes",
    inputs=tokens_behind_two_axes,
    axes=("batch", "group", "head", "token", "feature"),
)
def tokens_from_a_transposed_view(k, x):
    return k.split_heads(x.permute(0, 2, 3, 1), 4)


# merge_heads


def heads_of_a_batch(rng):
    return {"x": randn(rng, 2, 3, 5, 4)}


def heads_without_a_batch(rng):
    return {"x": randn(rng, 6, 5, 2)}


def heads_behind_two_axes(rng):
    """(batch, group, heads, features, tokens), so that the case's transpose is a view."""
    return {"x": randn(rng, 2, 3, 4, 6, 5)}


@case(MERGE, "idea", inputs=heads_of_a_batch, axes=("batch", "token", "feature"))
def heads_side_by_side(k, x):
    return k.merge_heads(x)


@case(MERGE, "shapes", inputs=heads_without_a_batch, axes=("token", "feature"))
def heads_of_one_sequence(k, x):
    return k.merge_heads(x)


@case(MERGE, "shapes", inputs=heads_behind_two_axes, axes=("batch", "group", "token", "feature"))
def heads_from_a_transposed_view(k, x):
    return k.merge_heads(x.mT)


# heads_test

# A candidate is one generic function, and numbers drawn for it say what it does: RIGHT, or RIGHT
# with one change. The numbers are coded, so that no two right candidates look alike: axes are
# swapped in two steps drawn at random, powers of d_head and of H are taken back by one of d_model,
# what is rolled in is rolled out, and queries grow as keys shrink. `run` returns each recipe beside
# its verdict; where a verdict is wrong, `judge` finds the fault by what the candidate computes.

RIGHT = {
    "count": 0,  # the greatest common divisor with n_heads is taken: 0 leaves n_heads
    "memory": [0, 2, 1, 3],  # of (batch, heads, tokens, features)
    "order": [0, 2, 1, 3],
    "undo": [0, 2, 1, 3],
    "powers": [0.5, 0.0, 0.0, 0.0],  # of d_head, heads, tokens and 2 in the scale
    "axis": -1,
    "step": 1,  # between the sequences whose keys are read
}
WRONG_HEADS = {
    "x.view(B, H, T, d_head), without a transpose": {
        "memory": [0, 1, 2, 3],
        "order": [0, 1, 2, 3],
        "undo": [0, 1, 2, 3],
    },
    "x.view(B, T, H, d_head), without a transpose: heads attend to heads": {
        "order": [0, 1, 2, 3],
        "undo": [0, 1, 2, 3],
    },
    "heads that are merged without the transpose back": {"undo": [0, 1, 2, 3]},
    "heads split without a transpose, and merged with one": {
        "memory": [0, 1, 2, 3],
        "order": [0, 1, 2, 3],
    },
    "one head, whatever n_heads says": {"count": 1},
    "products without a scale": {"powers": [0.0, 0.0, 0.0, 0.0]},
    "products divided by the root of d_model": {"powers": [0.5, 0.5, 0.0, 0.0]},
    "products divided by d_head, not by its root": {"powers": [1.0, 0.0, 0.0, 0.0]},
    "a softmax over the queries": {"axis": -2},
}
WRONG_SOMETIMES = {
    "products divided by the root of the number of heads": {"powers": [0.0, 0.5, 0.0, 0.0]},
    "products divided by the root of the number of tokens": {"powers": [0.0, 0.0, 0.5, 0.0]},
    "products divided by 2, which is right for d_head = 4 alone": {"powers": [0.0, 0.0, 0.0, 1.0]},
    "two heads at most": {"count": 2},
    "heads that take every n_heads-th feature": {
        "memory": [0, 2, 3, 1],
        "order": [0, 3, 1, 2],
        "undo": [0, 2, 3, 1],
    },
    "keys and values of the first sequence, for all sequences": {"step": 0},
}


def in_two_steps(rng, order):
    """Two orders of four axes that make one, applied after one another."""
    between = rng.permutation(4)
    return [[order[place] for place in between], [int(place) for place in between.argsort()]]


def coded(rng, change):
    """The numbers of one candidate, which differ from draw to draw and mean the same."""
    plain = RIGHT | change
    of_head, of_heads, of_tokens, of_two = plain["powers"]
    more = float(rng.uniform(-2, 2))
    return {
        "count": plain["count"],
        "memory": plain["memory"],
        "orders": in_two_steps(rng, plain["order"]),
        "undos": in_two_steps(rng, plain["undo"]),
        "powers": [of_head + more, of_heads + more, of_tokens, of_two, -more],
        "axis": plain["axis"],
        "step": plain["step"],
        "rolls": [int(roll) for roll in rng.integers(-40, 40, 2)],
        "gain": float(2 ** rng.uniform(-2, 2)),
    }


def in_a_drawn_order(rng, changes, rights):
    """So many right candidates, and a wrong one for each change."""
    drawn = [coded(rng, change) for change in [{}] * rights + list(changes.values())]
    return {"recipes": [drawn[place] for place in rng.permutation(len(drawn))]}


def wrong_and_right_heads(rng):
    return in_a_drawn_order(rng, WRONG_HEADS, 7)


def heads_that_are_wrong_sometimes(rng):
    return in_a_drawn_order(rng, WRONG_SOMETIMES, 5)


def computed(recipe):
    """What a candidate makes of one fixed x."""
    x = randn(np.random.default_rng(8), 2, 5, 18)
    call = SimpleNamespace(heads_test=lambda candidate: candidate(x, 6))
    return heads_that_are_right_or_wrong.run(call, [recipe])[0][1]


def survivor(recipe, changes):
    """The name of the fault that a wrong candidate has."""
    mine = computed(recipe)
    for name, change in changes.items():
        if torch.allclose(mine, computed(coded(np.random.default_rng(0), change)), atol=1e-4):
            return name
    raise ValueError(f"no fault that is named here explains {recipe}")


def verdicts_by_name(changes):
    """Judge pairs of a recipe and a verdict: the first verdict that is wrong is named."""

    def judge(got, expected):
        if not isinstance(got, list) or len(got) != len(expected):
            return "your test did not give one verdict for each function"
        for pair, (recipe, right) in zip(got, expected, strict=True):
            given = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
            verdict = given.item() if hasattr(given, "item") else given
            if type(verdict) is not bool:
                return f"your test must return True or False; it returned a {type(given).__name__}"
            if verdict and not right:
                return f"your test passes {survivor(recipe, changes)}"
            if right and not verdict:
                return "your test refuses a right function"
        return None

    return judge


@case(TEST, "idea", inputs=wrong_and_right_heads, judge=verdicts_by_name(WRONG_HEADS))
def heads_that_are_right_or_wrong(k, recipes):
    def build(count, memory, orders, undos, powers, axis, step, rolls, gain):
        def candidate(x, n_heads):
            heads = int(np.gcd(count, n_heads))
            sizes = (x.shape[0], heads, x.shape[1], x.shape[2] // heads)
            parts = x.reshape([sizes[place] for place in memory])
            parts = parts.permute(orders[0]).permute(orders[1]).roll(rolls, (1, 2))
            read = parts[step * torch.arange(x.shape[0])]
            bases = (sizes[3], heads, sizes[2], 2, x.shape[2])
            scale = float(
                np.prod([float(base) ** power for base, power in zip(bases, powers, strict=True)])
            )
            weights = torch.softmax(gain * parts @ (read / gain).mT / scale, axis)
            mixed = (weights @ read).roll([-rolls[0], -rolls[1]], (1, 2))
            return mixed.permute(undos[0]).permute(undos[1]).reshape(x.shape)

        return candidate

    return [[recipe, k.heads_test(build(**recipe))] for recipe in recipes]


@case(
    TEST,
    "edge cases",
    inputs=heads_that_are_wrong_sometimes,
    judge=verdicts_by_name(WRONG_SOMETIMES),
)
def heads_that_are_right_for_some_sizes_only(k, recipes):
    def build(count, memory, orders, undos, powers, axis, step, rolls, gain):
        def candidate(x, n_heads):
            heads = int(np.gcd(count, n_heads))
            sizes = (x.shape[0], heads, x.shape[1], x.shape[2] // heads)
            parts = x.reshape([sizes[place] for place in memory])
            parts = parts.permute(orders[0]).permute(orders[1]).roll(rolls, (1, 2))
            read = parts[step * torch.arange(x.shape[0])]
            bases = (sizes[3], heads, sizes[2], 2, x.shape[2])
            scale = float(
                np.prod([float(base) ** power for base, power in zip(bases, powers, strict=True)])
            )
            weights = torch.softmax(gain * parts @ (read / gain).mT / scale, axis)
            mixed = (weights @ read).roll([-rolls[0], -rolls[1]], (1, 2))
            return mixed.permute(undos[0]).permute(undos[1]).reshape(x.shape)

        return candidate

    return [[recipe, k.heads_test(build(**recipe))] for recipe in recipes]


# MultiHeadAttention


def sizes_alone(rng):
    return {"d_model": 12, "n_heads": int(rng.permutation([2, 3, 4, 6])[0])}


def one_sequence_to_itself(rng):
    return {"x": randn(rng, 3, 5, 12), "state": state(rng, 12)}


def queries_keys_and_values(rng):
    return cross(rng, 12)


def quarters(rng, *shape):
    """Small multiples of 1/4, so that sums of products are exact in float32, in any order."""
    return torch.from_numpy(rng.integers(-4, 5, shape)).float() / 4


def forbidden_keys_ahead(rng):
    """Allowed scores are near -30,000; keys at padding are huge, and many of theirs far higher."""
    words = booleans(rng, 2, 7)
    drawn = cross(rng, 12) | {"queries": quarters(rng, 2, 4, 12), "mask": words[:, None, None, :]}
    keys = quarters(rng, 2, 7, 12)
    drawn["keys"] = torch.where(words[..., None], keys, 1e5 * keys)
    for name, lead in (("w_q", 256.0), ("w_k", -256.0)):
        weight, bias = quarters(rng, 12, 12), quarters(rng, 12)
        weight[::4], bias[::4] = 0.0, lead  # feature 0 of each of 3 heads: -65,536 / √4 in all
        drawn["state"] |= {f"{name}.weight": weight, f"{name}.bias": bias}
    return drawn


def masks_of_other_shapes(rng):
    masks = [booleans(rng, 2, 3, 4, 7), booleans(rng, 4, 7), booleans(rng, 2, 1, 4, 7)]
    return cross(rng, 12) | {"masks": masks}


def left_padding_and_order(rng):
    """(batch, 1, tokens, tokens): queries at padding have nothing to attend to."""
    lengths = torch.from_numpy(rng.permutation([2, 3, 4]))
    words = torch.arange(5) >= 5 - lengths[:, None]
    order = torch.ones(5, 5, dtype=torch.bool).tril()
    return one_sequence_to_itself(rng) | {"mask": words[:, None, None, :] & order}


def left_padding_and_gradients(rng):
    return left_padding_and_order(rng) | {
        "of_output": randn(rng, 3, 5, 12),
        "of_weights": randn(rng, 3, 3, 5, 5),
    }


def a_chance_to_drop(rng):
    return cross(rng, 12) | {"p": float(rng.uniform(0.2, 0.4))}


@case(ATTENTION, "idea", inputs=sizes_alone)
def parameters_by_name_and_shape(k, d_model, n_heads):
    module = k.MultiHeadAttention(d_model, n_heads)
    shapes = {name: list(each.shape) for name, each in module.named_parameters()}
    return {"shapes": shapes, "n_heads": module.n_heads}


@case(ATTENTION, "idea", inputs=one_sequence_to_itself)
def self_attention_of_three_heads(k, x, state):
    module = k.MultiHeadAttention(12, 3)
    module.load_state_dict(state)
    output, weights = module(x, x, x)
    return {"output": output.detach(), "weights": weights.detach()}


@case(ATTENTION, "idea", inputs=queries_keys_and_values)
def cross_attention_of_two_heads(k, queries, keys, values, state):
    module = k.MultiHeadAttention(12, 2)
    module.load_state_dict(state)
    output, weights = module(queries, keys, values)
    return {"output": output.detach(), "weights": weights.detach()}


@case(ATTENTION, "idea", inputs=forbidden_keys_ahead)
def padding_far_ahead_of_the_words(k, queries, keys, values, state, mask):
    module = k.MultiHeadAttention(12, 3)
    module.load_state_dict(state)
    output, weights = module(queries, keys, values, mask)
    return {"output": output.detach(), "weights": weights.detach()}


@case(ATTENTION, "idea", inputs=masks_of_other_shapes)
def masks_for_heads_and_for_pairs(k, queries, keys, values, state, masks):
    module = k.MultiHeadAttention(12, 3)
    module.load_state_dict(state)
    return [module(queries, keys, values, mask=mask)[1].detach() for mask in masks]


@case(ATTENTION, "edge cases", inputs=left_padding_and_order)
def queries_with_nothing_to_attend_to(k, x, state, mask):
    module = k.MultiHeadAttention(12, 3)
    module.load_state_dict(state)
    output, weights = module(x, x, x, mask)
    return {"output": output.detach(), "weights": weights.detach()}


@case(ATTENTION, "edge cases", inputs=a_chance_to_drop)
def weights_dropped_in_training(k, queries, keys, values, state, p):
    module = k.MultiHeadAttention(12, 3, dropout=p)
    module.load_state_dict(state)
    output, weights = module.train()(queries, keys, values)
    steady = module.eval()(queries, keys, values)[1]
    parts = module.w_v(values).unflatten(-1, (3, 4)).transpose(1, 2)
    used = module.w_o((weights @ parts).transpose(1, 2).flatten(2))
    return {
        "weights kept, less their scale": torch.where(weights == 0, steady, weights * (1 - p)),
        "were any dropped, any kept": [bool((weights == 0).any()), bool(weights.any())],
        "output beyond what the weights give": (output - used).detach(),
    }


@case(ATTENTION, "edge cases", inputs=a_chance_to_drop)
def nothing_dropped_in_evaluation(k, queries, keys, values, state, p):
    module = k.MultiHeadAttention(12, 4, p)
    module.load_state_dict(state)
    output, weights = module.eval()(queries, keys, values)
    return {"output": output.detach(), "weights": weights.detach()}


@case(ATTENTION, "edge cases", inputs=lambda rng: {"widths": [10, 3]})
def heads_that_do_not_divide_the_width(k, widths):
    seen = []
    for d_model in widths:
        try:
            k.MultiHeadAttention(d_model, 4)
            seen.append("accepted")
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


@case(ATTENTION, "gradient", inputs=left_padding_and_gradients)
def gradients_past_empty_rows(k, x, state, mask, of_output, of_weights):
    module = k.MultiHeadAttention(12, 3)
    module.load_state_dict(state)
    leaf = x.clone().requires_grad_()
    leaves = {"x": leaf, **dict(module.named_parameters())}
    answer = module(leaf, leaf, leaf, mask)
    slopes = torch.autograd.grad(answer, list(leaves.values()), [of_output, of_weights])
    return dict(zip(leaves, slopes, strict=True))


# stacked_heads


def a_model_and_gradients(rng):
    return cross(rng, 12) | {
        "of_output": randn(rng, 2, 4, 12),
        "of_weights": randn(rng, 2, 3, 4, 7),
    }


@case(STACKED, "idea", inputs=queries_keys_and_values)
def heads_one_after_another(k, queries, keys, values, state):
    answers = []
    for n_heads in (2, 3):
        attention = nn.Module()
        attention.n_heads = n_heads
        for name in ("w_q", "w_k", "w_v", "w_o"):
            setattr(attention, name, nn.Linear(12, 12))
        attention.load_state_dict(state)
        output, weights = k.stacked_heads(attention, queries, keys, values)
        answers.append({"output": output.detach(), "weights": weights.detach()})
    return answers


@case(STACKED, "gradient", inputs=a_model_and_gradients)
def gradients_through_the_stack(k, queries, keys, values, state, of_output, of_weights):
    attention = nn.Module()
    attention.n_heads = 3
    for name in ("w_q", "w_k", "w_v", "w_o"):
        setattr(attention, name, nn.Linear(12, 12))
    attention.load_state_dict(state)
    leaves = dict(attention.named_parameters())
    answer = k.stacked_heads(attention, queries, keys, values)
    slopes = torch.autograd.grad(answer, list(leaves.values()), [of_output, of_weights])
    return dict(zip(leaves, slopes, strict=True))


# parameter_count


def widths_and_heads(rng):
    d_head = [int(size) for size in rng.permutation([3, 5, 7])]
    n_heads = [int(size) for size in rng.permutation([2, 4, 8])]
    return {"d_head": d_head, "n_heads": n_heads}


@case(COUNT, "idea", inputs=widths_and_heads)
def heads_that_share_the_width(k, d_head, n_heads):
    pairs = zip(d_head, n_heads, strict=True)
    return [k.parameter_count(width * heads, heads) for width, heads in pairs]


@case(COUNT, "idea", inputs=widths_and_heads)
def heads_of_a_width_of_their_own(k, d_head, n_heads):
    pairs = zip(d_head, n_heads, strict=True)
    return [k.parameter_count(11, heads, width) for width, heads in pairs]


@case(COUNT, "idea", inputs=widths_and_heads)
def projections_without_biases(k, d_head, n_heads):
    shared = [k.parameter_count(width * 4, 4, bias=False) for width in d_head]
    pairs = zip(d_head, n_heads, strict=True)
    return shared + [k.parameter_count(11, heads, width, False) for width, heads in pairs]


# from_torch


def packed_weights(rng):
    """What a layer of PyTorch holds."""
    return {
        "packed": {
            "in_proj_weight": randn(rng, 36, 12) / 12**0.5,
            "in_proj_bias": randn(rng, 36),
            "out_proj.weight": randn(rng, 12, 12) / 12**0.5,
            "out_proj.bias": randn(rng, 12),
        }
    }


def packed_weights_and_others(rng):
    return packed_weights(rng) | {"other": randn(rng, 36, 12)}


def packed_weights_and_queries(rng):
    drawn = cross(rng, 12) | packed_weights(rng) | {"mask": booleans(rng, 2, 1, 4, 7)}
    del drawn["state"]
    return drawn


@case(TORCH, "idea", inputs=packed_weights)
def weights_by_name(k, packed):
    layer = nn.MultiheadAttention(12, 3, batch_first=True)
    layer.load_state_dict(packed)
    return dict(k.from_torch(layer).state_dict())


@case(TORCH, "idea", inputs=packed_weights_and_queries)
def the_answers_of_the_layer(k, queries, keys, values, mask, packed):
    answers = []
    for n_heads in (2, 4):
        layer = nn.MultiheadAttention(12, n_heads, batch_first=True)
        layer.load_state_dict(packed)
        output, weights = k.from_torch(layer)(queries, keys, values, mask)
        answers.append({"output": output.detach(), "weights": weights.detach()})
    return answers


@case(TORCH, "edge cases", inputs=packed_weights)
def a_layer_without_biases(k, packed):
    layer = nn.MultiheadAttention(12, 3, bias=False, batch_first=True)
    layer.load_state_dict({name: packed[name] for name in ("in_proj_weight", "out_proj.weight")})
    return dict(k.from_torch(layer).state_dict())


@case(TORCH, "edge cases", inputs=packed_weights_and_others)
def a_copy_that_stands_alone(k, packed, other):
    layer = nn.MultiheadAttention(12, 3, batch_first=True)
    layer.load_state_dict(packed)
    attention = k.from_torch(layer)
    with torch.no_grad():
        layer.in_proj_weight.copy_(other)
        layer.out_proj.weight.copy_(other[:12])
        for parameter in attention.parameters():
            parameter.mul_(2)
    trained = [each.requires_grad for each in attention.parameters()]
    return {"copy": dict(attention.state_dict()), "layer": dict(layer.state_dict())}, trained


@case(TORCH, "edge cases", inputs=packed_weights_and_queries)
def dropout_and_mode_of_the_layer(k, queries, keys, values, mask, packed):
    answers = []
    for training in (True, False):
        layer = nn.MultiheadAttention(12, 3, dropout=1.0, batch_first=True)
        layer.load_state_dict(packed)
        attention = k.from_torch(layer.train(training))
        answers.append([attention.training, attention(queries, keys, values)[1].detach()])
    return answers


# ablate_head


@case(ABLATE, "idea", inputs=queries_keys_and_values)
def each_head_in_turn(k, queries, keys, values, state):
    class Model(nn.Module):
        def __init__(self, d_model, n_heads):
            super().__init__()
            self.n_heads = n_heads
            for name in ("w_q", "w_k", "w_v", "w_o"):
                setattr(self, name, nn.Linear(d_model, d_model))

        def forward(self, q, k, v, mask=None):
            heads = (self.n_heads, -1)
            q, k, v = (
                project(x).unflatten(-1, heads).transpose(1, 2)
                for project, x in ((self.w_q, q), (self.w_k, k), (self.w_v, v))
            )
            weights = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, -1)
            return self.w_o((weights @ v).transpose(1, 2).flatten(2)), weights

    outputs = []
    for head in range(3):
        model = Model(12, 3)
        model.load_state_dict(state)
        ablated = k.ablate_head(model, head)
        outputs.append(ablated(queries, keys, values)[0].detach())
    return outputs


@case(ABLATE, "edge cases", inputs=lambda rng: {"state": state(rng, 12)})
def the_model_stays_as_it_was(k, state):
    model = nn.Module()
    model.n_heads = 3
    for name in ("w_q", "w_k", "w_v", "w_o"):
        setattr(model, name, nn.Linear(12, 12))
    model.load_state_dict(state)
    k.ablate_head(model, 1)
    return dict(model.state_dict())


# Mutants of the kernels that no case kills, with the reason why each is a right answer.

UNKILLED = [
    equivalent(
        TEST,
        "other draws make as good a test",
        "x = torch.randn(2, 5, n_heads * d_head, generator=None)",
        "x = torch.randn(2, 5, n_heads * d_head)",
        "x = torch.randn(2, 5, n_heads * d_head, generator=torch.Generator())",
        "x = torch.randn(2, 5, n_heads * d_head, generator=torch.Generator().manual_seed(7))",
        "x = torch.randn(2, 5, n_heads * d_head, generator=torch.Generator().manual_seed(-8))",
        "x = torch.randn(2, 5, n_heads * d_head, generator=torch.Generator().manual_seed(9))",
    ),
    equivalent(
        TEST,
        "other sizes make as good a test",
        "n_heads, d_head = 5, 3",
        "n_heads, d_head = 4, 2",
        "x = torch.randn(5, 2, n_heads * d_head, generator=torch.Generator().manual_seed(8))",
        "x = torch.randn(3, 5, n_heads * d_head, generator=torch.Generator().manual_seed(8))",
        "x = torch.randn(2, 4, n_heads * d_head, generator=torch.Generator().manual_seed(8))",
        "x = torch.randn(2, 6, n_heads * d_head, generator=torch.Generator().manual_seed(8))",
    ),
    equivalent(
        TEST,
        "right functions differ by less, wrong ones by more, whichever is compared with which",
        "return torch.allclose(torch.cat(wanted, dim=-1), candidate(x, n_heads), atol=1e-5)",
        "return torch.allclose(candidate(x, n_heads), torch.cat(wanted, dim=-1))",
        "return torch.allclose(candidate(x, n_heads), torch.cat(wanted, dim=-1), atol=2e-05)",
        "return torch.allclose(candidate(x, n_heads), torch.cat(wanted, dim=-1), atol=0.0)",
    ),
    equivalent(
        ATTENTION,
        "axis 2 of four is the last but one",
        "scores = queries @ keys.transpose(2, -1) / math.sqrt(queries.shape[-1])",
    ),
    equivalent(STACKED, "two empty lists", "weights, outputs = [], []"),
    equivalent(
        STACKED,
        "axis 1 of three is the last but one",
        "scores = query @ key.transpose(1, -1) / math.sqrt(d_head)",
    ),
    equivalent(
        TORCH,
        "there are four of each",
        "for projection, weight, bias in zip(projections, weights, biases, strict=None):",
        "for projection, weight, bias in zip(projections, weights, biases):",
        "for projection, weight, bias in zip(projections, weights, biases, strict=False):",
    ),
]

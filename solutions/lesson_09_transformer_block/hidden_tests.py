"""Hidden cases of lesson 09. Sizes all differ; every value is drawn afresh.

A module gets drawn numbers for its parameters, by name. Cases leave it in training mode unless
they say otherwise, so that a dropout which nobody asked for shows. A dropout of probability 1
drops everything: then training, too, has one right answer.
"""

import numpy as np
import torch

from grader.cases import case, randn
from grader.states import block_state, feed_forward_state, named, norm_state

NORM = "LayerNorm"
FEED = "FeedForward"
BLOCK = "EncoderBlock"
STD = "init_std"
ENCODER = "TransformerEncoder"


def some_allowed(rng, *shape):
    """Draw a mask in which each query may attend to at least one key, not to every one."""
    chances = rng.random(shape)
    allowed = chances > 0.5
    allowed |= chances == chances.max(axis=-1, keepdims=True)
    allowed &= chances != chances.min(axis=-1, keepdims=True)
    return torch.from_numpy(allowed)


# LayerNorm


def a_width(rng):
    return {"d_model": int(rng.integers(5, 9))}


def a_batch_of_tokens(rng):
    return {"x": 10 * randn(rng, 2, 5, 7) + randn(rng, 7), "state": norm_state(rng, 7)}


def one_token(rng):
    """It varies so much that eps is nothing beside it, here and in the next."""
    return {"x": 10 * randn(rng, 6), "state": norm_state(rng, 6)}


def other_leading_dimensions(rng):
    """Tokens without a batch; and (batch, features, tokens, heads), to be turned."""
    tokens = [10 * randn(rng, 4, 6), 10 * randn(rng, 2, 6, 5, 3)]
    return {"x": tokens, "state": norm_state(rng, 6)}


def tokens_that_hardly_vary(rng):
    """The variance is near eps in one token, far below it in the next, and 0 in the last."""
    spread = torch.from_numpy(rng.uniform([0.1, 1e-3], [0.2, 2e-3])).float()
    tokens = randn(rng, 3, 1) + torch.cat([spread, torch.zeros(1)])[:, None] * randn(rng, 3, 8)
    eps = float(rng.uniform(0.01, 0.03))
    return {"x": tokens, "eps": eps, "state": norm_state(rng, 8)}


def tokens_on_a_high_floor(rng):
    return {"x": randn(rng, 4, 6) + float(rng.uniform(3000, 5000))}


def tokens_and_gradient(rng):
    """One token hardly varies: its gradient is large, and eps counts in it."""
    drawn = a_batch_of_tokens(rng) | {"gradient": randn(rng, 2, 5, 7)}
    drawn["x"][1, 3] *= 0.003
    return drawn


@case(NORM, "idea", inputs=a_width)
def parameters_before_any_training(k, d_model):
    module = k.LayerNorm(d_model)
    return {name: parameter.detach() for name, parameter in module.named_parameters()}


@case(NORM, "idea", inputs=a_batch_of_tokens, axes=("batch", "token", "feature"))
def each_token_of_a_batch(k, x, state):
    module = k.LayerNorm(7)
    module.load_state_dict(state)
    return module(x).detach()


@case(NORM, "shapes", inputs=one_token, axes=("feature",))
def a_single_token(k, x, state):
    module = k.LayerNorm(6)
    module.load_state_dict(state)
    return module(x).detach()


@case(NORM, "shapes", inputs=other_leading_dimensions)
def tokens_and_heads_of_tokens(k, x, state):
    module = k.LayerNorm(6)
    module.load_state_dict(state)
    few, many = x
    return [module(tokens).detach() for tokens in (few, many.permute(0, 3, 2, 1))]


@case(NORM, "edge cases", inputs=tokens_that_hardly_vary, axes=("token", "feature"))
def variances_as_small_as_eps(k, x, eps, state):
    module = k.LayerNorm(8, eps=eps)
    module.load_state_dict(state)
    return module(x).detach()


@case(NORM, "edge cases", inputs=tokens_that_hardly_vary, axes=("token", "feature"))
def the_eps_that_nobody_chose(k, x, eps, state):
    module = k.LayerNorm(8)
    module.load_state_dict(state)
    return module(0.03 * x).detach()


@case(
    NORM,
    "edge cases",
    inputs=tokens_on_a_high_floor,
    axes=("token", "feature"),
    tolerance=(1e-2, 1e-2),
    as_drawn="the floor is as high as float32 bears; float64 bears a higher one",
)
def features_far_from_zero(k, x):
    return k.LayerNorm(6)(x).detach()


@case(NORM, "gradient", inputs=tokens_and_gradient)
def gradients_of_tokens_and_parameters(k, x, state, gradient):
    module = k.LayerNorm(7)
    module.load_state_dict(state)
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(module(leaf), [leaf, module.weight, module.bias], gradient)


# FeedForward


def tokens_for_a_network(rng):
    return {"x": 2 * randn(rng, 2, 5, 4), "state": feed_forward_state(rng, 4, 7)}


@case(FEED, "idea", inputs=a_width)
def parameters_of_two_layers(k, d_model):
    module = k.FeedForward(d_model, 11)
    return {name: list(parameter.shape) for name, parameter in module.named_parameters()}


@case(FEED, "idea", inputs=tokens_for_a_network, axes=("batch", "token", "feature"))
def two_layers_and_a_gelu(k, x, state):
    module = k.FeedForward(4, 7)
    module.load_state_dict(state)
    return module(x).detach()


@case(FEED, "edge cases", inputs=tokens_for_a_network, axes=("batch", "token", "feature"))
def every_hidden_number_dropped(k, x, state):
    module = k.FeedForward(4, 7, 1.0)
    module.load_state_dict(state)
    return module(x).detach()


@case(FEED, "edge cases", inputs=tokens_for_a_network, axes=("batch", "token", "feature"))
def nothing_dropped_in_evaluation(k, x, state):
    module = k.FeedForward(4, 7, 1.0)
    module.load_state_dict(state)
    return module.eval()(x).detach()


# EncoderBlock


def tokens_for_a_block(rng):
    return {"x": randn(rng, 2, 5, 6), "state": block_state(rng, 6, 8)}


def tokens_and_a_mask(rng):
    """Padding that differs by sequence, and one mask for each head."""
    masks = [some_allowed(rng, 2, 1, 1, 5), some_allowed(rng, 3, 5, 5)]
    return tokens_for_a_block(rng) | {"masks": masks}


def tokens_and_a_gradient(rng):
    return tokens_for_a_block(rng) | {"gradient": randn(rng, 2, 5, 6)}


@case(BLOCK, "idea", inputs=a_width)
def parameters_of_a_block(k, d_model):
    module = k.EncoderBlock(d_model, 1, 11)
    return {name: list(parameter.shape) for name, parameter in module.named_parameters()}


@case(BLOCK, "idea", inputs=tokens_for_a_block, axes=("batch", "token", "feature"))
def norms_first(k, x, state):
    module = k.EncoderBlock(6, 3, 8)
    module.load_state_dict(state)
    return module(x).detach()


@case(BLOCK, "idea", inputs=tokens_for_a_block, axes=("batch", "token", "feature"))
def norms_last(k, x, state):
    module = k.EncoderBlock(6, 2, 8, norm_first=False)
    module.load_state_dict(state)
    return module(x).detach()


@case(BLOCK, "edge cases", inputs=tokens_and_a_mask)
def who_may_look_at_whom(k, x, state, masks):
    outputs = []
    for norm_first, mask in zip((True, False), masks, strict=True):
        module = k.EncoderBlock(6, 3, 8, norm_first=norm_first)
        module.load_state_dict(state)
        outputs.append(module(x, mask).detach())
    return outputs


@case(BLOCK, "edge cases", inputs=tokens_for_a_block)
def all_that_is_added_is_dropped(k, x, state):
    outputs = []
    for norm_first in (True, False):
        module = k.EncoderBlock(6, 3, 8, 1.0, norm_first)
        module.load_state_dict(state)
        outputs.append(module(x).detach())
    return outputs


@case(BLOCK, "edge cases", inputs=tokens_for_a_block)
def all_that_the_parts_compute_is_dropped(k, x, state):
    module = k.EncoderBlock(6, 3, 8, 1.0)
    module.load_state_dict(state)
    attended, _ = module.attention(x, x, x)
    return [attended.detach(), module.feed_forward(x).detach()]


@case(BLOCK, "edge cases", inputs=tokens_for_a_block)
def a_block_drops_nothing_in_evaluation(k, x, state):
    outputs = []
    for norm_first in (True, False):
        module = k.EncoderBlock(6, 3, 8, 1.0, norm_first)
        module.load_state_dict(state)
        outputs.append(module.eval()(x).detach())
    return outputs


@case(BLOCK, "gradient", inputs=tokens_and_a_gradient)
def gradients_with_norms_first(k, x, state, gradient):
    module = k.EncoderBlock(6, 2, 8)
    module.load_state_dict(state)
    leaf = x.clone().requires_grad_()
    names, parameters = zip(*sorted(module.named_parameters()), strict=True)
    of_x, *others = torch.autograd.grad(module(leaf), [leaf, *parameters], gradient)
    return {"x": of_x, **dict(zip(names, others, strict=True))}


@case(BLOCK, "gradient", inputs=tokens_and_a_gradient)
def gradients_with_norms_last(k, x, state, gradient):
    module = k.EncoderBlock(6, 3, 8, norm_first=False)
    module.load_state_dict(state)
    leaf = x.clone().requires_grad_()
    names, parameters = zip(*sorted(module.named_parameters()), strict=True)
    of_x, *others = torch.autograd.grad(module(leaf), [leaf, *parameters], gradient)
    return {"x": of_x, **dict(zip(names, others, strict=True))}


# init_std


def widths_of_layers(rng):
    sizes = rng.permutation(np.arange(3, 60))[:6].tolist()
    return {"fans": [sizes[:2], sizes[2:4], sizes[4:]]}


def layers_of_a_network(rng):
    """Weights of variance 1, for layers of 40, 70, 50 and 60 numbers."""
    shapes = [(70, 40), (50, 70), (60, 50)]
    return {"x": randn(rng, 9, 40), "weights": [randn(rng, *shape) for shape in shapes]}


def other_kinds(rng):
    return {"kinds": [str(kind) for kind in rng.permutation(["kaiming", "normal", "Xavier", ""])]}


@case(STD, "idea", inputs=widths_of_layers)
def the_mean_of_both_directions(k, fans):
    by_name = [k.init_std(fan_in, fan_out, "xavier") for fan_in, fan_out in fans]
    return [float(std) for std in by_name] + [float(k.init_std(*pair)) for pair in fans]


@case(STD, "idea", inputs=widths_of_layers)
def forwards_past_a_relu(k, fans):
    return [float(k.init_std(fan_in, fan_out, "he")) for fan_in, fan_out in fans]


@case(STD, "idea", inputs=layers_of_a_network)
def variance_through_three_layers(k, x, weights):
    variances = {"xavier": [], "he": []}
    for kind in variances:
        hidden = x
        for weight in weights:
            fan_out, fan_in = weight.shape
            hidden = F.relu(hidden @ weight.mT * k.init_std(fan_in, fan_out, kind))
            variances[kind].append(hidden.square().mean())
    return variances


@case(STD, "edge cases", inputs=other_kinds)
def kinds_that_do_not_exist(k, kinds):
    seen = []
    for kind in kinds:
        try:
            seen.append(k.init_std(4, 6, kind))
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


# TransformerEncoder


def tokens_for_a_stack(rng):
    """Three blocks, and a last norm."""
    blocks = {f"blocks.{number}": block_state(rng, 6, 7) for number in range(3)}
    return {"x": randn(rng, 2, 4, 6), "state": named(**blocks, norm=norm_state(rng, 6))}


def tokens_without_a_last_norm(rng):
    drawn = tokens_for_a_stack(rng)
    kept = {name: value for name, value in drawn["state"].items() if name.startswith("blocks")}
    return drawn | {"state": kept}


def tokens_masks_and_a_stack(rng):
    return tokens_for_a_stack(rng) | {"mask": some_allowed(rng, 2, 1, 4, 4)}


@case(ENCODER, "idea", inputs=a_width)
def parameters_of_two_stacks(k, d_model):
    stacks = [k.TransformerEncoder(2, d_model, 1, 9, norm_first=first) for first in (True, False)]
    return [{name: list(one.shape) for name, one in each.named_parameters()} for each in stacks]


@case(ENCODER, "idea", inputs=tokens_for_a_stack, axes=("batch", "token", "feature"))
def three_blocks_and_a_last_norm(k, x, state):
    module = k.TransformerEncoder(3, 6, 2, 7)
    module.load_state_dict(state)
    return module(x).detach()


@case(ENCODER, "idea", inputs=tokens_without_a_last_norm, axes=("batch", "token", "feature"))
def three_blocks_with_norms_last(k, x, state):
    module = k.TransformerEncoder(3, 6, 2, 7, norm_first=False)
    module.load_state_dict(state)
    return module(x).detach()


@case(ENCODER, "edge cases", inputs=tokens_masks_and_a_stack, axes=("batch", "token", "feature"))
def one_mask_for_every_block(k, x, state, mask):
    module = k.TransformerEncoder(3, 6, 3, 7)
    module.load_state_dict(state)
    return module(x, mask).detach()


@case(ENCODER, "edge cases", inputs=tokens_for_a_stack)
def everything_dropped_and_nothing(k, x, state):
    module = k.TransformerEncoder(3, 6, 3, 7, 1.0)
    module.load_state_dict(state)
    return [module(x).detach(), module.eval()(x).detach()]

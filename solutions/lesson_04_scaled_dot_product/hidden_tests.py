"""Hidden cases of lesson 04. Sizes all differ; every value is drawn afresh."""

import torch

from grader.cases import case, equivalent, randn

BY_HAND = "attention_by_hand"
WEIGHTS = "attention_weights"
ATTENTION = "scaled_dot_product_attention"
MODULE = "TemperatureAttention"
DROPOUT = "attention_dropout"
BACKWARD = "attention_backward"
# Why a case is proved in no other precision than the one it draws.
COARSE = "float32 numbers near 10,000 are 0.001 apart, so right answers round apart"
DOUBLE = "what is at stake is that float64 stays float64"


def lists(rng, queries, keys, d_k, d_v):
    """Draw queries, keys and values as nested lists."""
    return {
        "queries": rng.standard_normal((queries, d_k)).tolist(),
        "keys": rng.standard_normal((keys, d_k)).tolist(),
        "values": rng.standard_normal((keys, d_v)).tolist(),
    }


def tensors(rng, *leading, queries, keys, d_k, d_v, dtype=None):
    """Draw queries, keys and values with the same leading dimensions."""
    return {
        "queries": randn(rng, *leading, queries, d_k, dtype=dtype),
        "keys": randn(rng, *leading, keys, d_k, dtype=dtype),
        "values": randn(rng, *leading, keys, d_v, dtype=dtype),
    }


def without_values(drawn):
    del drawn["values"]
    return drawn


# attention_by_hand


def two_by_three(rng):
    return lists(rng, 2, 4, 3, 5)


def five_by_four(rng):
    return lists(rng, 5, 2, 4, 3)


def rows_shifted(rng, signs):
    """The last feature adds some 10,000 to one row of scores and takes it from the other."""
    drawn = lists(rng, 2, 3, 4, 5)
    lead = rng.uniform(2e4, 3e4)
    drawn["queries"] = [
        [*row, sign * lead] for row, sign in zip(drawn["queries"], signs, strict=True)
    ]
    drawn["keys"] = [[*row, 1.0] for row in drawn["keys"]]
    return drawn


def three_queries_of_one_key(rng):
    return lists(rng, 3, 1, 4, 2)


def one_row_raised_one_lowered(rng):
    return rows_shifted(rng, (1, -1))


def one_row_lowered_one_raised(rng):
    return rows_shifted(rng, (-1, 1))


@case(BY_HAND, "idea", inputs=two_by_three)
def two_queries_of_three_features(k, queries, keys, values):
    return k.attention_by_hand(queries, keys, values)


@case(BY_HAND, "idea", inputs=five_by_four)
def more_queries_than_keys(k, queries, keys, values):
    return k.attention_by_hand(queries, keys, values)


@case(BY_HAND, "edge cases", inputs=three_queries_of_one_key)
def a_single_key(k, queries, keys, values):
    return k.attention_by_hand(queries, keys, values)


@case(BY_HAND, "edge cases", inputs=one_row_raised_one_lowered)
def rows_of_scores_far_apart(k, queries, keys, values):
    return k.attention_by_hand(queries, keys, values)


@case(BY_HAND, "edge cases", inputs=one_row_lowered_one_raised)
def the_low_row_of_scores_first(k, queries, keys, values):
    return k.attention_by_hand(queries, keys, values)


# attention_weights


def queries_and_keys(rng):
    return without_values(tensors(rng, queries=4, keys=5, d_k=3, d_v=1))


def two_keys_at_several_d_k(rng):
    return {
        "queries": [randn(rng, 1, d_k) for d_k in (2, 5, 11)],
        "keys": [randn(rng, 2, d_k) for d_k in (2, 5, 11)],
    }


def a_double_batch(rng):
    drawn = tensors(rng, 2, queries=5, keys=4, d_k=3, d_v=1, dtype=torch.float64)
    return without_values(drawn)


def heads_behind_tokens(rng):
    """(batch, tokens, heads, features), as a model's projections come."""
    return {"queries": randn(rng, 2, 4, 3, 5), "keys": randn(rng, 2, 6, 3, 5)}


def heads_with_far_scores(rng):
    """A last feature raises or lowers every score of a query by about 10,000."""
    drawn = tensors(rng, 3, queries=2, keys=4, d_k=5, d_v=1, dtype=torch.float64)
    lead = torch.from_numpy(rng.uniform(2e4, 3e4, (3, 1, 1))) * torch.tensor([[1.0], [-1.0]])
    return {
        "queries": torch.cat([drawn["queries"], lead], dim=-1),
        "keys": torch.cat([drawn["keys"], torch.ones(3, 4, 1, dtype=torch.float64)], dim=-1),
    }


def weights_and_their_gradient(rng):
    drawn = tensors(rng, 2, queries=4, keys=3, d_k=5, d_v=1)
    return without_values(drawn) | {"gradient": randn(rng, 2, 4, 3)}


@case(WEIGHTS, "idea", inputs=queries_and_keys, axes=("query", "key"))
def four_queries_and_five_keys(k, queries, keys):
    return k.attention_weights(queries, keys)


@case(WEIGHTS, "idea", inputs=two_keys_at_several_d_k)
def log_ratio_of_two_weights_at_several_d_k(k, queries, keys):
    weights = [k.attention_weights(q, pair)[0] for q, pair in zip(queries, keys, strict=True)]
    return [torch.log(row[0] / row[1]) for row in weights]


@case(WEIGHTS, "shapes", inputs=a_double_batch, axes=("batch", "query", "key"), as_drawn=DOUBLE)
def a_batch_in_double_precision(k, queries, keys):
    return k.attention_weights(queries, keys)


@case(WEIGHTS, "shapes", inputs=heads_behind_tokens, axes=("batch", "head", "query", "key"))
def heads_from_a_transposed_view(k, queries, keys):
    return k.attention_weights(queries.transpose(1, 2), keys.transpose(1, 2))


@case(
    WEIGHTS,
    "edge cases",
    inputs=heads_with_far_scores,
    axes=("head", "query", "key"),
    as_drawn=COARSE,
)
def scores_of_ten_thousand_either_way(k, queries, keys):
    return k.attention_weights(queries, keys)


@case(WEIGHTS, "gradient", inputs=weights_and_their_gradient)
def gradients_of_queries_and_keys(k, queries, keys, gradient):
    leaves = [each.clone().requires_grad_() for each in (queries, keys)]
    return torch.autograd.grad(k.attention_weights(*leaves), leaves, gradient)


# scaled_dot_product_attention


def one_sequence(rng):
    return tensors(rng, queries=4, keys=5, d_k=3, d_v=2)


def an_order_of_the_keys(rng):
    return tensors(rng, queries=6, keys=4, d_k=7, d_v=3) | {"order": rng.permutation(4)}


def a_double_batch_with_values(rng):
    return tensors(rng, 2, queries=5, keys=4, d_k=3, d_v=6, dtype=torch.float64)


def heads_and_values_behind_tokens(rng):
    return heads_behind_tokens(rng) | {"values": randn(rng, 2, 6, 3, 7)}


def some_forbidden(rng, *shape):
    """Draw a mask in which each query may attend to at least one key, not to every one."""
    chances = rng.random(shape)
    allowed = chances > 0.5
    allowed |= chances == chances.max(axis=-1, keepdims=True)
    allowed &= chances != chances.min(axis=-1, keepdims=True)
    return torch.from_numpy(allowed)


def heads_under_one_mask(rng):
    drawn = tensors(rng, 2, 3, queries=4, keys=6, d_k=5, d_v=7)
    return drawn | {"mask": some_forbidden(rng, 2, 1, 4, 6)}


def forbidden_keys_ahead(rng):
    """The last feature puts forbidden scores at 10,000 and allowed ones at -30,000."""
    drawn = tensors(rng, 2, queries=3, keys=5, d_k=3, d_v=6, dtype=torch.float64)
    allowed = torch.from_numpy(rng.permutation([True, True, True, False, False]))
    lead = torch.where(allowed, -3e4, 1e4).to(torch.float64).expand(2, 5).unsqueeze(-1)
    twos = torch.full((2, 3, 1), 2.0, dtype=torch.float64)  # 2 / √4 leaves the lead as it is
    return drawn | {
        "queries": torch.cat([drawn["queries"], twos], dim=-1),
        "keys": torch.cat([drawn["keys"], lead], dim=-1),
        "mask": allowed,
    }


def attention_and_both_gradients(rng):
    drawn = tensors(rng, 2, queries=4, keys=3, d_k=5, d_v=6)
    return drawn | {"of_output": randn(rng, 2, 4, 6), "of_weights": randn(rng, 2, 4, 3)}


@case(ATTENTION, "idea", inputs=one_sequence)
def four_queries_look_up_five_values(k, queries, keys, values):
    return k.scaled_dot_product_attention(queries, keys, values)


@case(ATTENTION, "idea", inputs=an_order_of_the_keys)
def keys_and_values_in_another_order(k, queries, keys, values, order):
    return k.scaled_dot_product_attention(queries, keys[order], values[order])


@case(ATTENTION, "shapes", inputs=a_double_batch_with_values, as_drawn=DOUBLE)
def attention_of_a_batch_in_double_precision(k, queries, keys, values):
    return k.scaled_dot_product_attention(queries, keys, values)


@case(ATTENTION, "shapes", inputs=heads_and_values_behind_tokens)
def attention_of_heads_from_a_transposed_view(k, queries, keys, values):
    queries, keys, values = (each.transpose(1, 2) for each in (queries, keys, values))
    return k.scaled_dot_product_attention(queries, keys, values)


@case(ATTENTION, "edge cases", inputs=heads_under_one_mask)
def one_mask_for_every_head(k, queries, keys, values, mask):
    return k.scaled_dot_product_attention(queries, keys, values, mask)


@case(ATTENTION, "edge cases", inputs=forbidden_keys_ahead, as_drawn=COARSE)
def forbidden_scores_far_above_the_allowed(k, queries, keys, values, mask):
    return k.scaled_dot_product_attention(queries, keys, values, mask)


@case(ATTENTION, "gradient", inputs=attention_and_both_gradients)
def gradients_through_output_and_weights(k, queries, keys, values, of_output, of_weights):
    leaves = [each.clone().requires_grad_() for each in (queries, keys, values)]
    answer = k.scaled_dot_product_attention(*leaves)
    return torch.autograd.grad(answer, leaves, [of_output, of_weights])


# TemperatureAttention


def only_a_temperature(rng):
    return {"temperature": float(rng.uniform(1.5, 3.0))}


def a_temperature(rng):
    drawn = tensors(rng, 2, queries=4, keys=3, d_k=5, d_v=6)
    return drawn | only_a_temperature(rng)


def a_stored_temperature(rng):
    return a_temperature(rng) | {"stored": torch.tensor(rng.uniform(0.3, 0.7)).float()}


def temperature_and_gradients(rng):
    return a_temperature(rng) | {
        "of_output": randn(rng, 2, 4, 6),
        "of_weights": randn(rng, 2, 4, 3),
    }


def a_target_to_learn(rng):
    return a_stored_temperature(rng) | {"target": randn(rng, 2, 4, 6)}


@case(MODULE, "idea", inputs=only_a_temperature)
def parameters_by_name(k, temperature):
    module = k.TemperatureAttention(temperature)
    return {name: parameter.detach() for name, parameter in module.named_parameters()}


@case(MODULE, "idea", inputs=lambda rng: {"temperature": int(rng.integers(2, 9))})
def an_int_becomes_a_float(k, temperature):
    return k.TemperatureAttention(temperature).temperature.detach()


@case(MODULE, "idea", inputs=a_stored_temperature)
def a_loaded_temperature_is_used(k, queries, keys, values, temperature, stored):
    module = k.TemperatureAttention(temperature)
    module.load_state_dict({"temperature": stored})
    output, weights = module.eval()(queries, keys, values)
    return output.detach(), weights.detach()


@case(MODULE, "gradient", inputs=temperature_and_gradients)
def gradient_of_the_temperature(k, queries, keys, values, temperature, of_output, of_weights):
    module = k.TemperatureAttention(temperature)
    answer = module(queries, keys, values)
    return torch.autograd.grad(answer, list(module.parameters()), [of_output, of_weights])


@case(MODULE, "gradient", inputs=a_target_to_learn)
def four_steps_of_training(k, queries, keys, values, temperature, stored, target):
    module = k.TemperatureAttention(temperature)
    module.load_state_dict({"temperature": stored})
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    losses = []
    for _ in range(4):
        output, _ = module(queries, keys, values)
        loss = F.mse_loss(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {"temperature": module.temperature.detach(), "losses": torch.stack(losses)}


# attention_dropout


def weights_and_draws(rng):
    return {
        "weights": torch.softmax(randn(rng, 2, 3, 7), dim=-1),
        "draws": torch.from_numpy(rng.random((2, 3, 7))).float(),
        "p": float(rng.uniform(0.55, 0.8)),
    }


def draws_down_to_zero(rng):
    """Draws may be exactly 0, and then p = 0 must keep the weight."""
    drawn = weights_and_draws(rng)
    drawn["draws"][:, :, 2] = 0.0
    return drawn


def impossible_probabilities(rng):
    probabilities = [-float(rng.uniform(0.1, 2)), float(rng.uniform(1.1, 3))]
    return weights_and_draws(rng) | {"p": probabilities}


@case(DROPOUT, "idea", inputs=weights_and_draws, axes=("batch", "query", "key"))
def weights_while_training(k, weights, draws, p):
    return k.attention_dropout(weights, draws, p, True)


@case(DROPOUT, "idea", inputs=weights_and_draws, axes=("batch", "query", "key"))
def weights_in_evaluation(k, weights, draws, p):
    return k.attention_dropout(weights, draws, p, False)


@case(DROPOUT, "edge cases", inputs=draws_down_to_zero)
def nothing_or_everything_dropped(k, weights, draws, p):
    return [k.attention_dropout(weights, draws, limit, True) for limit in (0.0, 1.0)]


@case(DROPOUT, "edge cases", inputs=weights_and_draws)
def evaluation_at_p_of_one(k, weights, draws, p):
    return k.attention_dropout(weights, draws, 1.0, False)


@case(DROPOUT, "edge cases", inputs=impossible_probabilities)
def probabilities_outside_zero_to_one(k, weights, draws, p):
    seen = []
    for impossible in p:
        try:
            seen.append(k.attention_dropout(weights, draws, impossible, True))
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


# attention_backward


def one_sequence_and_gradient(rng):
    drawn = tensors(rng, queries=4, keys=5, d_k=3, d_v=2)
    return drawn | {"grad_output": randn(rng, 4, 2)}


def as_many_queries_as_keys(rng):
    """Equal counts, so that a sum which lost its axis still broadcasts, and is wrong."""
    return tensors(rng, queries=4, keys=4, d_k=3, d_v=2) | {"grad_output": randn(rng, 4, 2)}


def double_heads_and_gradient(rng):
    """(batch, tokens, heads, features), so that the case's transpose is a view."""
    sizes = {"queries": (4, 5), "keys": (6, 5), "values": (6, 7), "grad_output": (4, 7)}
    return {
        name: randn(rng, 2, tokens, 3, features, dtype=torch.float64)
        for name, (tokens, features) in sizes.items()
    }


@case(BACKWARD, "idea", inputs=one_sequence_and_gradient)
def gradients_of_one_sequence(k, queries, keys, values, grad_output):
    with torch.no_grad():
        return k.attention_backward(queries, keys, values, grad_output)


@case(BACKWARD, "idea", inputs=as_many_queries_as_keys)
def gradients_of_a_square_table(k, queries, keys, values, grad_output):
    with torch.no_grad():
        return k.attention_backward(queries, keys, values, grad_output)


@case(BACKWARD, "shapes", inputs=double_heads_and_gradient)
def gradients_of_heads_in_double_precision(k, queries, keys, values, grad_output):
    with torch.no_grad():
        return k.attention_backward(
            *(each.transpose(1, 2) for each in (queries, keys, values, grad_output))
        )


# Mutants of the kernels that no case kills, with the reason why each is a right answer.

UNKILLED = [
    equivalent(
        BY_HAND,
        "a product has no order",
        "products = [[_dot(key, query) for key in k] for query in q]",
        "output = [[_dot(feature, row) for feature in features] for row in weights]",
        "return sum(a * b for b, a in zip(one, other, strict=True))",
        "return sum(a * b for a, b in zip(other, one, strict=True))",
    ),
    equivalent(
        BY_HAND,
        "every query and every key has d_k numbers",
        "root = math.sqrt(len(q[0]))",
        "root = math.sqrt(len(k[-1]))",
        "return sum(a * b for a, b in zip(one, other, strict=None))",
        "return sum(a * b for a, b in zip(one, other))",
        "return sum(a * b for a, b in zip(one, other, strict=False))",
    ),
    equivalent(
        BY_HAND,
        "every value has d_v numbers",
        "features = list(zip(*v, strict=None))",
        "features = list(zip(*v))",
        "features = list(zip(*v, strict=False))",
    ),
    equivalent(
        WEIGHTS,
        "queries and keys have the same d_k",
        "scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])",
    ),
    equivalent(
        ATTENTION,
        "queries and keys have the same d_k",
        "scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])",
    ),
    equivalent(
        DROPOUT,
        "draws have the shape of the weights",
        "return torch.zeros_like(draws)",
    ),
    equivalent(
        BACKWARD,
        "queries and keys have the same d_k",
        "root = math.sqrt(k.shape[-1])",
    ),
]

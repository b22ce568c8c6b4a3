"""Hidden cases of lesson 03. Sizes all differ; every value is drawn afresh."""

import numpy as np

from grader.cases import case, equivalent

# kernel_regression


def points(rng, *batch, n_queries, n_keys, d, d_v):
    return {
        "queries": rng.standard_normal((*batch, n_queries, d)),
        "keys": rng.standard_normal((*batch, n_keys, d)),
        "values": rng.standard_normal((*batch, n_keys, d_v)),
        "bandwidth": float(rng.uniform(0.6, 0.9)),
    }


@case(
    "kernel_regression",
    "idea",
    inputs=lambda rng: points(rng, n_queries=4, n_keys=6, d=1, d_v=2),
    axes=("query", "feature"),
)
def points_on_a_line(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


@case(
    "kernel_regression",
    "idea",
    inputs=lambda rng: points(rng, n_queries=5, n_keys=7, d=3, d_v=2),
    axes=("query", "feature"),
)
def points_in_space(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


def whole_steps(rng):
    return {
        "queries": rng.permutation(np.arange(-2.0, 2.0))[:3, None],
        "keys": rng.permutation(np.arange(-3.0, 3.0))[:5, None],
        "values": rng.uniform(1, 9, (5, 1)),
        "bandwidth": float(1 / np.sqrt(2 * np.log(2))),
    }


@case("kernel_regression", "idea", inputs=whole_steps, axes=("query", "feature"))
def weights_in_powers_of_two(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


def wide_bandwidth(rng):
    return points(rng, n_queries=3, n_keys=5, d=2, d_v=4) | {"bandwidth": float(rng.uniform(2, 3))}


@case("kernel_regression", "idea", inputs=wide_bandwidth, axes=("query", "feature"))
def a_wide_bandwidth(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


@case(
    "kernel_regression",
    "shapes",
    inputs=lambda rng: points(rng, 2, n_queries=4, n_keys=6, d=3, d_v=5),
)
def a_batch_of_points(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


@case(
    "kernel_regression",
    "shapes",
    inputs=lambda rng: points(rng, 2, 3, n_queries=5, n_keys=4, d=1, d_v=2),
)
def two_leading_axes_of_points(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


def transposed_points(rng):
    return {
        "queries": rng.standard_normal((2, 3)).astype(np.float32),
        "keys": rng.standard_normal((2, 10)).astype(np.float32),
        "values": rng.standard_normal((4, 5)).astype(np.float32),
        "bandwidth": float(rng.uniform(0.6, 0.9)),
    }


@case("kernel_regression", "shapes", inputs=transposed_points, axes=("query", "feature"))
def float32_views_of_points(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries.T, keys.T[::2], values.T, bandwidth)


def far_queries(rng):
    return {
        "queries": rng.uniform(500, 1000, (3, 1)) * rng.choice([-1, 1], (3, 1)),
        "keys": rng.permutation(np.arange(5.0))[:, None] + rng.uniform(0, 0.3, (5, 1)),
        "values": rng.uniform(1, 9, (5, 2)),
        "bandwidth": float(rng.uniform(0.5, 1)),
    }


@case("kernel_regression", "edge cases", inputs=far_queries, axes=("query", "feature"))
def queries_far_from_every_key(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


def far_from_two(rng):
    height = float(rng.uniform(300, 600))
    keys = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -3.0]])[rng.permutation(3)]
    return {
        "queries": np.array([[0.0, height]]),
        "keys": keys,
        "values": rng.uniform(1, 9, (3, 4)),
        "bandwidth": float(rng.uniform(0.5, 1)),
    }


@case("kernel_regression", "edge cases", inputs=far_from_two, axes=("query", "feature"))
def a_query_far_from_two_nearest_keys(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


def far_in_float32(rng):
    return {
        "queries": rng.uniform(20, 25, (2, 1)).astype(np.float32),
        "keys": rng.permutation(np.arange(4, dtype=np.float32))[:, None],
        "values": rng.uniform(1, 9, (4, 3)).astype(np.float32),
        "bandwidth": 1.0,
    }


@case("kernel_regression", "edge cases", inputs=far_in_float32, axes=("query", "feature"))
def float32_queries_far_away(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


def narrow(rng):
    """One query stands nearly half-way between two keys."""
    between = rng.integers(0, 4) + 0.52
    return {
        "queries": np.append(rng.uniform(0, 4, 5), between)[:, None],
        "keys": rng.permutation(np.arange(5.0))[:, None],
        "values": rng.uniform(1, 9, (5, 2)),
        "bandwidth": float(rng.uniform(0.004, 0.006)),
    }


@case("kernel_regression", "edge cases", inputs=narrow, axes=("query", "feature"))
def a_narrow_bandwidth(k, queries, keys, values, bandwidth):
    return k.kernel_regression(queries, keys, values, bandwidth)


# hard_attention


def triple(rng, *batch, n_queries, n_keys, d_k, d_v):
    """Queries, keys of very different lengths, and values."""
    lengths = np.exp(rng.uniform(-1.5, 1.5, (*batch, n_keys, 1)))
    return {
        "queries": rng.standard_normal((*batch, n_queries, d_k)),
        "keys": lengths * rng.standard_normal((*batch, n_keys, d_k)),
        "values": rng.standard_normal((*batch, n_keys, d_v)),
    }


@case(
    "hard_attention",
    "idea",
    inputs=lambda rng: triple(rng, n_queries=12, n_keys=5, d_k=4, d_v=3),
    axes=("query", "feature"),
)
def one_value_for_each_query(k, queries, keys, values):
    return k.hard_attention(queries, keys, values)


@case(
    "hard_attention",
    "idea",
    inputs=lambda rng: triple(rng, n_queries=9, n_keys=6, d_k=3, d_v=3),
    axes=("query", "feature"),
)
def keys_as_wide_as_values(k, queries, keys, values):
    return k.hard_attention(queries, keys, values)


def all_negative(rng):
    return {
        "queries": rng.uniform(0.1, 1, (8, 3)),
        "keys": -rng.uniform(0.1, 1, (5, 3)),
        "values": rng.standard_normal((5, 2)),
    }


@case("hard_attention", "idea", inputs=all_negative, axes=("query", "feature"))
def every_score_negative(k, queries, keys, values):
    return k.hard_attention(queries, keys, values)


@case(
    "hard_attention",
    "shapes",
    inputs=lambda rng: triple(rng, 2, n_queries=7, n_keys=5, d_k=4, d_v=3),
)
def a_batch_of_sentences(k, queries, keys, values):
    return k.hard_attention(queries, keys, values)


@case(
    "hard_attention",
    "shapes",
    inputs=lambda rng: triple(rng, 2, 3, n_queries=6, n_keys=4, d_k=5, d_v=7),
)
def sentences_and_heads(k, queries, keys, values):
    return k.hard_attention(queries, keys, values)


def transposed_triple(rng):
    return {
        "queries": rng.standard_normal((4, 6)).astype(np.float32),
        "keys": rng.standard_normal((4, 10)).astype(np.float32),
        "values": rng.standard_normal((3, 5)).astype(np.float32),
    }


@case("hard_attention", "shapes", inputs=transposed_triple, axes=("query", "feature"))
def views_of_queries_keys_and_values(k, queries, keys, values):
    return k.hard_attention(queries.T, keys.T[1::2], values.T)


def tied(rng):
    low, high = rng.integers(-3, 0, 3).astype(float), rng.integers(1, 4, 3).astype(float)
    keys = np.stack([low, high, low, high, high, 2 * low])
    return {
        "queries": rng.integers(1, 5, (4, 3)).astype(float),
        "keys": keys,
        "values": rng.standard_normal((6, 2)),
    }


@case("hard_attention", "edge cases", inputs=tied, axes=("query", "feature"))
def of_equal_keys_the_first(k, queries, keys, values):
    return k.hard_attention(queries, keys, values)


def all_tied(rng):
    return {
        "queries": np.zeros((2, 4)),
        "keys": rng.standard_normal((5, 4)),
        "values": rng.standard_normal((5, 3)),
    }


@case("hard_attention", "edge cases", inputs=all_tied, axes=("query", "feature"))
def queries_of_zeros(k, queries, keys, values):
    return k.hard_attention(queries, keys, values)


# hard_attention_gradient


def own_keys(rng, *, n_queries, n_keys, d_k, d_v):
    """Queries whose best keys are all different: each is a multiple of a key of length 1."""
    keys = rng.standard_normal((n_keys, d_k))
    keys /= np.linalg.norm(keys, axis=-1, keepdims=True)
    return {
        "queries": rng.uniform(0.5, 2, (n_queries, 1)) * keys[rng.permutation(n_keys)[:n_queries]],
        "keys": keys,
        "values": rng.standard_normal((n_keys, d_v)),
        "output_gradient": rng.standard_normal((n_queries, d_v)),
    }


@case(
    "hard_attention_gradient",
    "idea",
    inputs=lambda rng: own_keys(rng, n_queries=3, n_keys=5, d_k=4, d_v=2),
)
def each_query_has_its_own_key(k, queries, keys, values, output_gradient):
    return k.hard_attention_gradient(queries, keys, values, output_gradient)


@case(
    "hard_attention_gradient",
    "idea",
    inputs=lambda rng: own_keys(rng, n_queries=1, n_keys=4, d_k=2, d_v=3),
)
def one_query_alone(k, queries, keys, values, output_gradient):
    return k.hard_attention_gradient(queries, keys, values, output_gradient)


def shared_keys(rng):
    return {
        "queries": rng.standard_normal((8, 4)),
        "keys": rng.standard_normal((3, 4)),
        "values": rng.standard_normal((3, 2)),
        "output_gradient": rng.standard_normal((8, 2)),
    }


@case("hard_attention_gradient", "edge cases", inputs=shared_keys)
def queries_that_share_a_key(k, queries, keys, values, output_gradient):
    return k.hard_attention_gradient(queries, keys, values, output_gradient)


def tied_gradient(rng):
    return tied(rng) | {"output_gradient": rng.standard_normal((4, 2))}


@case("hard_attention_gradient", "edge cases", inputs=tied_gradient)
def of_equal_keys_the_first_gets_the_gradient(k, queries, keys, values, output_gradient):
    return k.hard_attention_gradient(queries, keys, values, output_gradient)


def whole_number_values(rng):
    return shared_keys(rng) | {"values": rng.integers(-9, 10, (3, 2))}


@case("hard_attention_gradient", "edge cases", inputs=whole_number_values)
def values_of_whole_numbers(k, queries, keys, values, output_gradient):
    return k.hard_attention_gradient(queries, keys, values, output_gradient)


# local_window_weights


def window(rng, *batch, n_queries, n_keys, half_width, low, high):
    """Random scores, and whole-number centres from `low` to `high`."""
    return {
        "scores": 2 * rng.standard_normal((*batch, n_queries, n_keys)),
        "centres": rng.permutation(np.arange(low, high + 1))[:n_queries],
        "half_width": half_width,
    }


@case(
    "local_window_weights",
    "idea",
    inputs=lambda rng: window(rng, n_queries=4, n_keys=11, half_width=2, low=2, high=8),
    axes=("query", "key"),
)
def whole_windows(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


def ratio_window(rng):
    return {
        "scores": np.log(rng.permuted(np.tile(np.arange(1.0, 10.0), (3, 1)), axis=1)),
        "centres": rng.permutation(np.arange(3, 6)),
        "half_width": 3,
    }


@case("local_window_weights", "idea", inputs=ratio_window, axes=("query", "key"))
def exact_ratios_inside(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


@case(
    "local_window_weights",
    "shapes",
    inputs=lambda rng: window(rng, 2, n_queries=3, n_keys=8, half_width=1, low=1, high=6),
)
def a_batch_of_scores(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


def transposed_scores(rng):
    drawn = window(rng, n_queries=4, n_keys=9, half_width=2, low=2, high=6)
    return drawn | {"scores": np.ascontiguousarray(drawn["scores"].T, dtype=np.float32)}


@case("local_window_weights", "shapes", inputs=transposed_scores, axes=("query", "key"))
def a_float32_view(k, scores, centres, half_width):
    return k.local_window_weights(scores.T, centres, half_width)


@case(
    "local_window_weights",
    "shapes",
    inputs=lambda rng: window(rng, 2, 3, n_queries=4, n_keys=7, half_width=1, low=1, high=5),
)
def batches_and_heads(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


def cut_at_the_ends(rng):
    return {
        "scores": 2 * rng.standard_normal((6, 9)),
        "centres": rng.permutation(np.array([0, 1, 2, 6, 7, 8])),
        "half_width": 3,
    }


@case("local_window_weights", "edge cases", inputs=cut_at_the_ends, axes=("query", "key"))
def windows_cut_at_both_ends(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


def between_keys(rng):
    return {
        "scores": 2 * rng.standard_normal((5, 12)),
        "centres": rng.permutation([3.2, 4.5, 5.8, 6.0, 7.4]) + rng.uniform(0.0, 0.1),
        "half_width": 2,
    }


@case("local_window_weights", "edge cases", inputs=between_keys, axes=("query", "key"))
def centres_between_two_keys(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


def high_outside(rng):
    drawn = window(rng, n_queries=3, n_keys=10, half_width=1, low=1, high=8)
    for row, centre in enumerate(drawn["centres"]):
        outside = np.flatnonzero(np.abs(np.arange(10) - centre) > 1)
        drawn["scores"][row, rng.choice(outside)] += 1e4
    return drawn


@case("local_window_weights", "edge cases", inputs=high_outside, axes=("query", "key"))
def a_score_of_ten_thousand_outside(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


def low_inside(rng):
    drawn = window(rng, n_queries=2, n_keys=7, half_width=2, low=2, high=4)
    return drawn | {"scores": drawn["scores"] - 1e4}


@case("local_window_weights", "edge cases", inputs=low_inside, axes=("query", "key"))
def scores_of_minus_ten_thousand(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


def far_below(rng):
    """Scores inside are equal, below any number that an answer may have filled in."""
    drawn = window(rng, n_queries=3, n_keys=8, half_width=1, low=1, high=6)
    inside = np.abs(np.arange(8) - drawn["centres"][:, None]) <= 1
    return drawn | {"scores": np.where(inside, -(10.0 ** rng.uniform(10, 20)), drawn["scores"])}


@case("local_window_weights", "edge cases", inputs=far_below, axes=("query", "key"))
def scores_below_every_fill(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


@case(
    "local_window_weights",
    "edge cases",
    inputs=lambda rng: window(rng, n_queries=3, n_keys=5, half_width=9, low=0, high=4),
    axes=("query", "key"),
)
def a_window_wider_than_the_sentence(k, scores, centres, half_width):
    return k.local_window_weights(scores, centres, half_width)


# local_gaussian_weights


def real_window(rng, *, n_queries, n_keys, half_width):
    """Random scores, centres between keys, every window whole."""
    return {
        "scores": 2 * rng.standard_normal((n_queries, n_keys)),
        "centres": rng.uniform(half_width + 0.1, n_keys - half_width - 1.1, n_queries),
        "half_width": half_width,
    }


@case(
    "local_gaussian_weights",
    "idea",
    inputs=lambda rng: real_window(rng, n_queries=5, n_keys=14, half_width=3),
    axes=("query", "key"),
)
def centres_anywhere(k, scores, centres, half_width):
    return k.local_gaussian_weights(scores, centres, half_width)


def equal_scores(rng):
    drawn = real_window(rng, n_queries=4, n_keys=11, half_width=2)
    return drawn | {"scores": np.zeros((4, 11))}


@case("local_gaussian_weights", "idea", inputs=equal_scores, axes=("query", "key"))
def equal_scores_show_the_gaussian(k, scores, centres, half_width):
    return k.local_gaussian_weights(scores, centres, half_width)


def gaussian_at_the_ends(rng):
    return {
        "scores": 2 * rng.standard_normal((4, 9)),
        "centres": rng.permutation([0.2, 1.4, 6.7, 7.9]) + rng.uniform(-0.1, 0.1),
        "half_width": 3,
    }


@case("local_gaussian_weights", "edge cases", inputs=gaussian_at_the_ends, axes=("query", "key"))
def gaussians_cut_at_both_ends(k, scores, centres, half_width):
    return k.local_gaussian_weights(scores, centres, half_width)


def gaussian_and_high_outside(rng):
    drawn = real_window(rng, n_queries=3, n_keys=10, half_width=2)
    for row, centre in enumerate(drawn["centres"]):
        outside = np.flatnonzero(np.abs(np.arange(10) - centre) > 2)
        drawn["scores"][row, rng.choice(outside)] += 1e4
    return drawn


@case(
    "local_gaussian_weights", "edge cases", inputs=gaussian_and_high_outside, axes=("query", "key")
)
def a_high_score_outside_the_gaussian(k, scores, centres, half_width):
    return k.local_gaussian_weights(scores, centres, half_width)


def gaussian_batch(rng):
    drawn = real_window(rng, n_queries=3, n_keys=8, half_width=1)
    return drawn | {"scores": 2 * rng.standard_normal((2, 3, 8))}


@case("local_gaussian_weights", "edge cases", inputs=gaussian_batch)
def a_batch_in_narrow_windows(k, scores, centres, half_width):
    return k.local_gaussian_weights(scores, centres, half_width)


# Mutants of the kernels that no case kills, with the reason why each is a right answer.

UNKILLED = [
    equivalent(
        "kernel_regression",
        "a square has no sign",
        "gaps = keys[..., None, :, :] - queries[..., :, None, :]",
    ),
    equivalent(
        "kernel_regression",
        "the dots take the queries' axis along",
        "gaps = queries[..., None, :] - keys[..., None, :, :]",
    ),
    equivalent(
        "kernel_regression",
        "every input has a first axis, and the dots take the others",
        "gaps = queries[:, ..., None, :] - keys[..., None, :, :]",
    ),
    equivalent(
        "hard_attention_gradient",
        "scores of one sentence have two axes, and 1 is the last",
        "best = (queries @ keys.T).argmax(axis=1)",
    ),
    equivalent(
        "hard_attention_gradient",
        "queries and keys hold floats of the gradient's dtype",
        "values_gradient = np.zeros_like(values, dtype=queries.dtype)",
        "values_gradient = np.zeros_like(values, dtype=keys.dtype)",
    ),
    equivalent(
        "local_window_weights",
        "a distance has no sign",
        "inside = np.abs(centres[:, None] - positions) <= half_width",
    ),
    equivalent(
        "local_gaussian_weights",
        "a square has no sign",
        "distances = centres[:, None] - np.arange(scores.shape[-1])",
        "gaussians = np.exp(-(distances**2) / (2 * (half_width / -2) ** 2))",
    ),
    equivalent(
        "local_gaussian_weights",
        "weights wider than the scores are as right",
        "weights: np.ndarray = windowed * gaussians",
        "weights: np.ndarray = windowed * gaussians.astype(None)",
    ),
]

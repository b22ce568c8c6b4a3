"""Hidden cases of lesson 02. Sizes differ except where a square is the point; all values fresh."""

import numpy as np

from grader.cases import case, equivalent

# Why a case is proved in no other precision than the one it draws.
COARSE = "float32 numbers near 10,000 are 0.001 apart, so right answers round apart"


def distributions(rng, *shape, axis=-1):
    """Random weights that sum to 1 along one axis."""
    positive = rng.uniform(0.1, 1.0, shape)
    return positive / positive.sum(axis=axis, keepdims=True)


# softmax


def few_rows(rng):
    return {"scores": 2 * rng.standard_normal((3, 5))}


@case("softmax", "idea", inputs=few_rows, axes=("query", "key"))
def each_row(k, scores):
    return k.softmax(scores)


@case("softmax", "idea", inputs=lambda rng: {"scores": 2 * rng.standard_normal(6)}, axes=("key",))
def one_row_of_scores(k, scores):
    return k.softmax(scores)


@case(
    "softmax",
    "idea",
    inputs=lambda rng: {"scores": np.log(rng.permutation(np.arange(1.0, 8.0)))},
    axes=("key",),
)
def weights_in_exact_ratios(k, scores):
    return k.softmax(scores)


@case(
    "softmax",
    "shapes",
    inputs=lambda rng: {"scores": 2 * rng.standard_normal((4, 3))},
)
def down_the_first_axis(k, scores):
    return k.softmax(scores, axis=0)


@case("softmax", "shapes", inputs=lambda rng: {"scores": rng.standard_normal((2, 4, 3))})
def along_the_middle_axis(k, scores):
    return [k.softmax(scores, 1), k.softmax(scores, axis=-2)]


@case("softmax", "shapes", inputs=lambda rng: {"scores": 2 * rng.standard_normal((4, 4))})
def a_square_of_scores(k, scores):
    return [k.softmax(scores), k.softmax(scores, axis=0)]


@case("softmax", "shapes", inputs=lambda rng: {"scores": rng.standard_normal((7, 6))})
def a_strided_view(k, scores):
    return k.softmax(scores[::2].T, axis=0)


@case(
    "softmax",
    "shapes",
    inputs=lambda rng: {"scores": rng.standard_normal((2, 5)).astype(np.float32)},
)
def float32_scores(k, scores):
    return k.softmax(scores, 0)


def huge(rng):
    return {"scores": rng.permuted(np.array([1e4, 1e4 - 1, 9e3, 0.0, -1e4]))[None].repeat(2, 0)}


@case("softmax", "edge cases", inputs=huge, axes=("query", "key"), as_drawn=COARSE)
def scores_of_ten_thousand(k, scores):
    return k.softmax(scores)


@case(
    "softmax",
    "edge cases",
    inputs=lambda rng: {"scores": rng.standard_normal((3, 4)) - 1e4},
    axes=("query", "key"),
    as_drawn=COARSE,
)
def scores_of_minus_ten_thousand(k, scores):
    return k.softmax(scores)


def some_minus_infinity(rng):
    scores = rng.standard_normal((4, 6))
    for row in range(4):
        scores[row, rng.permutation(6)[: row + 1]] = -np.inf  # two finite scores at least
    return {"scores": scores}


@case("softmax", "edge cases", inputs=some_minus_infinity, axes=("query", "key"))
def minus_infinity_gets_no_weight(k, scores):
    return k.softmax(scores)


def rows_far_apart(rng):
    heights = rng.permutation([-1e4, 0.0, 1e4])[:, None]
    return {"scores": rng.standard_normal((3, 5)) + heights}


@case("softmax", "edge cases", inputs=rows_far_apart, axes=("query", "key"), as_drawn=COARSE)
def rows_at_very_different_heights(k, scores):
    return k.softmax(scores)


@case(
    "softmax",
    "edge cases",
    inputs=lambda rng: {"scores": rng.integers(-3, 4, (2, 5))},
    axes=("query", "key"),
)
def whole_number_scores(k, scores):
    return k.softmax(scores)


# is_distribution


def near_misses(rng):
    over, under, negative, columns = (distributions(rng, 3, 5) for _ in range(4))
    over[1, 2] += 0.01
    under[2] *= 0.98
    negative[0] = [0.5, -0.02, 0.3, 0.12, 0.1]
    columns = distributions(rng, 3, 5, axis=0)
    not_a_number = distributions(rng, 2, 4)
    not_a_number[0, 1] = np.nan
    candidates = [
        *(over, under, negative, columns, not_a_number),
        distributions(rng, 12).reshape(3, 4),  # only the whole sums to 1
        1 / (1 + np.exp(-rng.standard_normal((2, 6)))),  # a sigmoid
        rng.standard_normal((2, 3)),
        distributions(rng, 4, 6),
        distributions(rng, 7),
        distributions(rng, 2, 3, 4),
        distributions(rng, 3, 5).astype(np.float32),
        distributions(rng, 2, 5) * (1 + 1e-8),  # what rounding may leave
        np.eye(4)[rng.permutation(4)[:3]],
        np.full((2, 8), 1 / 8),
        np.array([[1.0], [1.0]]),
    ]
    return {"candidates": [candidates[i] for i in rng.permutation(len(candidates))]}


@case("is_distribution", "idea", inputs=near_misses)
def sixteen_arrays_by_rows(k, candidates):
    return [k.is_distribution(candidate) for candidate in candidates]


def other_axes(rng):
    pairs = [
        (distributions(rng, 4, 3, axis=0), 0),
        (distributions(rng, 2, 5, axis=0), -2),
        (distributions(rng, 2, 3, 4, axis=1), 1),
        (distributions(rng, 2, 3, 5, axis=0), -3),
        (distributions(rng, 4, 3), 0),
        (distributions(rng, 2, 5, axis=0), 1),
        (distributions(rng, 2, 3, 4), 1),
        (distributions(rng, 3, 2, 5, axis=1) * np.array([1.0, 1.0, 1.001, 1.0, 1.0]), 1),
    ]
    shuffled = [pairs[i] for i in rng.permutation(len(pairs))]
    return {"candidates": [pair[0] for pair in shuffled], "axes": [pair[1] for pair in shuffled]}


@case("is_distribution", "idea", inputs=other_axes)
def eight_arrays_along_an_axis(k, candidates, axes):
    return [k.is_distribution(candidates[i], axis=axes[i]) for i in range(len(axes))]


# softmax_with_temperature


def scores_and_temperature(rng):
    return {"scores": rng.standard_normal((3, 5)), "temperature": float(rng.uniform(0.2, 0.6))}


@case("softmax_with_temperature", "idea", inputs=scores_and_temperature, axes=("query", "key"))
def a_cool_temperature(k, scores, temperature):
    return k.softmax_with_temperature(scores, temperature)


def squares_at_two(rng):
    return {"scores": np.log(rng.permutation(np.arange(1.0, 7.0)) ** 2), "temperature": 2.0}


@case("softmax_with_temperature", "idea", inputs=squares_at_two, axes=("key",))
def square_roots_at_temperature_two(k, scores, temperature):
    return k.softmax_with_temperature(scores, temperature)


def temperature_and_axis(rng):
    return {"scores": rng.standard_normal((2, 4, 3)), "temperature": float(rng.uniform(1.5, 3))}


@case("softmax_with_temperature", "edge cases", inputs=temperature_and_axis)
def a_warm_temperature_along_the_middle_axis(k, scores, temperature):
    return k.softmax_with_temperature(scores, temperature, axis=1)


def near_zero(rng):
    scores = rng.permutation([12.0, 11.999, 11.0, 3.0, -np.inf])
    return {"scores": scores, "temperature": float(rng.uniform(0.001, 0.002))}


@case("softmax_with_temperature", "edge cases", inputs=near_zero, axes=("key",))
def a_temperature_near_zero(k, scores, temperature):
    return k.softmax_with_temperature(scores, temperature)


def very_hot(rng):
    return {"scores": 1e4 * rng.standard_normal((2, 6)), "temperature": 1e4}


@case("softmax_with_temperature", "edge cases", inputs=very_hot, axes=("query", "key"))
def a_high_temperature_for_high_scores(k, scores, temperature):
    return k.softmax_with_temperature(scores, temperature)


def not_a_temperature(rng):
    negative = [-float(rng.uniform(0.1, 0.5)), -float(rng.uniform(1.5, 3))]
    return {"scores": rng.standard_normal(4), "temperatures": [0.0, *negative]}


@case("softmax_with_temperature", "edge cases", inputs=not_a_temperature)
def zero_and_negative_temperatures(k, scores, temperatures):
    raised = []
    for temperature in temperatures:
        try:
            raised.append(k.softmax_with_temperature(scores, temperature))
        except ValueError as error:
            raised.append(("raised", type(error).__name__))
    return raised


# weighted_sum


def one_row_of_weights(rng):
    return {"weights": distributions(rng, 5), "values": rng.standard_normal((5, 3))}


@case("weighted_sum", "idea", inputs=one_row_of_weights, axes=("feature",))
def five_values(k, weights, values):
    return k.weighted_sum(weights, values)


def as_many_values_as_features(rng):
    return {"weights": distributions(rng, 4), "values": rng.standard_normal((4, 4))}


@case("weighted_sum", "idea", inputs=as_many_values_as_features, axes=("feature",))
def a_square_of_values(k, weights, values):
    return k.weighted_sum(weights, values)


def weights_of_any_size(rng):
    return {"weights": rng.integers(-3, 4, 6) + 0.5, "values": rng.standard_normal((6, 2))}


@case("weighted_sum", "idea", inputs=weights_of_any_size, axes=("feature",))
def weights_that_do_not_sum_to_one(k, weights, values):
    return k.weighted_sum(weights, values)


def shared_values(rng):
    return {"weights": distributions(rng, 2, 5), "values": rng.standard_normal((5, 3))}


@case("weighted_sum", "shapes", inputs=shared_values, axes=("query", "feature"))
def rows_of_weights_share_their_values(k, weights, values):
    return k.weighted_sum(weights, values)


def values_of_their_own(rng):
    return {"weights": distributions(rng, 2, 5), "values": rng.standard_normal((2, 5, 3))}


@case("weighted_sum", "shapes", inputs=values_of_their_own, axes=("query", "feature"))
def each_row_of_weights_has_its_values(k, weights, values):
    return k.weighted_sum(weights, values)


def two_leading_axes(rng):
    weights = distributions(rng, 2, 3, 5).astype(np.float32)
    return {"weights": weights, "values": rng.standard_normal((2, 3, 5, 4)).astype(np.float32)}


@case("weighted_sum", "shapes", inputs=two_leading_axes)
def a_batch_of_rows(k, weights, values):
    return k.weighted_sum(weights, values)


def views(rng):
    return {"weights": distributions(rng, 6, 2, axis=0), "values": rng.standard_normal((3, 6))}


@case("weighted_sum", "shapes", inputs=views, axes=("query", "feature"))
def transposed_views(k, weights, values):
    return k.weighted_sum(weights.T, values.T)


# soft_lookup


def lookup(rng, *queries, n_keys, d_k, d_v):
    return {
        "query": rng.standard_normal((*queries, d_k)),
        "keys": rng.standard_normal((n_keys, d_k)),
        "values": rng.standard_normal((n_keys, d_v)),
    }


@case(
    "soft_lookup",
    "idea",
    inputs=lambda rng: lookup(rng, n_keys=5, d_k=4, d_v=3),
    axes=("feature",),
)
def one_query(k, query, keys, values):
    return k.soft_lookup(query, keys, values)


def known_ratios(rng):
    scores = np.log(rng.permutation(np.arange(1.0, 6.0)))
    return {
        "query": np.array([1.0, 0.0, 0.0, 0.0]),
        "keys": np.column_stack([scores, rng.standard_normal((5, 3))]),
        "values": rng.standard_normal((5, 2)),
    }


@case("soft_lookup", "idea", inputs=known_ratios, axes=("feature",))
def weights_in_known_ratios(k, query, keys, values):
    return k.soft_lookup(query, keys, values)


@case(
    "soft_lookup",
    "idea",
    inputs=lambda rng: lookup(rng, n_keys=5, d_k=3, d_v=3) | {"order": rng.permutation(5)},
    axes=("feature",),
)
def pairs_in_another_order(k, query, keys, values, order):
    return k.soft_lookup(query, keys[order], values[order])


def one_key_far_ahead(rng):
    drawn = lookup(rng, n_keys=4, d_k=2, d_v=3)
    drawn["query"] = 1e4 * drawn["keys"][int(rng.integers(4))]
    return drawn


@case("soft_lookup", "idea", inputs=one_key_far_ahead, axes=("feature",))
def a_query_ten_thousand_long(k, query, keys, values):
    return k.soft_lookup(query, keys, values)


@case(
    "soft_lookup",
    "shapes",
    inputs=lambda rng: lookup(rng, 2, n_keys=5, d_k=4, d_v=3),
    axes=("query", "feature"),
)
def several_queries(k, query, keys, values):
    return k.soft_lookup(query, keys, values)


@case("soft_lookup", "shapes", inputs=lambda rng: lookup(rng, 2, 3, n_keys=6, d_k=4, d_v=5))
def a_batch_of_queries(k, query, keys, values):
    return k.soft_lookup(query, keys, values)


# finite_difference_gradient


def bowl_coefficients(rng):
    return {
        "matrix": rng.standard_normal((5, 5)),
        "slope": rng.standard_normal(5),
        "point": rng.standard_normal(5),
    }


@case("finite_difference_gradient", "idea", inputs=bowl_coefficients, tolerance=(1e-5, 1e-6))
def a_quadratic_function(k, matrix, slope, point):
    def bowl(x):
        return x @ matrix @ x + slope @ x

    return k.finite_difference_gradient(bowl, point)


def wave_coefficients(rng):
    return {
        "height": rng.uniform(1, 2, 6),
        "frequency": rng.uniform(1, 3, 6),
        "point": rng.standard_normal(6),
    }


@case("finite_difference_gradient", "idea", inputs=wave_coefficients, tolerance=(1e-5, 1e-6))
def a_sum_of_waves(k, height, frequency, point):
    def waves(x):
        return float(np.sum(height * np.sin(frequency * x)))

    return k.finite_difference_gradient(waves, point)


def cubic_coefficients(rng):
    return {
        "coefficients": rng.uniform(1, 2, 4),
        "point": rng.standard_normal(4),
        "step": float(rng.uniform(0.2, 0.5)),
    }


@case("finite_difference_gradient", "idea", inputs=cubic_coefficients)
def a_step_that_can_be_seen(k, coefficients, point, step):
    def cubic(x):
        return np.sum(coefficients * x**3) + np.sum(x) ** 2

    return k.finite_difference_gradient(cubic, point, step)


def matrix_coefficients(rng):
    return {
        "left": rng.standard_normal((2, 3)),
        "right": rng.standard_normal((4, 2)),
        "point": rng.standard_normal((3, 4)),
    }


@case("finite_difference_gradient", "shapes", inputs=matrix_coefficients, tolerance=(1e-5, 1e-6))
def a_function_of_a_matrix(k, left, right, point):
    def product_of_matrices(x):
        return np.sum(np.sin(left @ x @ right))

    return k.finite_difference_gradient(product_of_matrices, point)


def cube_coefficients(rng):
    return {"weights": rng.uniform(1, 2, (2, 3, 4)), "point": rng.standard_normal((2, 3, 4))}


@case("finite_difference_gradient", "shapes", inputs=cube_coefficients, tolerance=(1e-5, 1e-6))
def a_function_of_three_axes(k, weights, point):
    def total(x):
        return np.sum(weights * x**2) + x[0, 0, 0] * x[1, 2, 3]

    return k.finite_difference_gradient(total, point, 0.1)  # of squares, any step gives the slope


def whole_numbers(rng):
    return {"weights": rng.uniform(1, 2, 4), "point": rng.permutation(np.array([-2, 1, 3, 5]))}


@case("finite_difference_gradient", "edge cases", inputs=whole_numbers, tolerance=(1e-5, 1e-6))
def at_whole_numbers(k, weights, point):
    def squares(x):
        return np.sum(weights * x * x)

    return k.finite_difference_gradient(squares, point)


def float32_point(rng):
    return {
        "weights": rng.uniform(1, 2, 3),
        "point": rng.uniform(10, 20, 3).astype(np.float32),
    }


@case("finite_difference_gradient", "edge cases", inputs=float32_point, tolerance=(1e-5, 1e-6))
def at_float32_numbers(k, weights, point):
    def squares(x):
        return np.sum(weights * x * x)

    return k.finite_difference_gradient(squares, point)


# softmax_backward


def weights_and_gradient(rng, *shape, axis=-1):
    return {
        "weights": distributions(rng, *shape, axis=axis),
        "weights_gradient": rng.standard_normal(shape),
    }


@case("softmax_backward", "idea", inputs=lambda rng: weights_and_gradient(rng, 5), axes=("key",))
def one_row_of_weights_backward(k, weights, weights_gradient):
    return k.softmax_backward(weights, weights_gradient)


def same_gradient_for_all(rng):
    return {"weights": distributions(rng, 6), "weights_gradient": np.full(6, rng.uniform(1, 3))}


@case("softmax_backward", "idea", inputs=same_gradient_for_all, axes=("key",))
def the_same_gradient_for_every_weight(k, weights, weights_gradient):
    return k.softmax_backward(weights, weights_gradient)


def all_weight_on_one(rng):
    return {
        "weights": np.eye(4)[int(rng.integers(4))],
        "weights_gradient": rng.uniform(1, 3, 4),
    }


@case("softmax_backward", "idea", inputs=all_weight_on_one, axes=("key",))
def all_the_weight_on_one_key(k, weights, weights_gradient):
    return k.softmax_backward(weights, weights_gradient)


@case(
    "softmax_backward",
    "shapes",
    inputs=lambda rng: weights_and_gradient(rng, 3, 5),
    axes=("query", "key"),
)
def rows_of_weights(k, weights, weights_gradient):
    return k.softmax_backward(weights, weights_gradient)


@case("softmax_backward", "shapes", inputs=lambda rng: weights_and_gradient(rng, 4, 3, axis=0))
def columns_of_weights(k, weights, weights_gradient):
    return k.softmax_backward(weights, weights_gradient, axis=0)


@case("softmax_backward", "shapes", inputs=lambda rng: weights_and_gradient(rng, 2, 4, 3, axis=1))
def weights_along_the_middle_axis(k, weights, weights_gradient):
    return k.softmax_backward(weights, weights_gradient, -2)


# Mutants of the kernels that no case kills, with the reason why each is a right answer.

UNKILLED = [
    equivalent(
        "is_distribution",
        "a NumPy bool is True or False",
        "return (weights >= 0).all() and (np.abs(sums - 1) <= tolerance).all()",
    ),
    equivalent(
        "is_distribution",
        "a distance has no sign",
        "return bool((weights >= 0).all() and (np.abs(1 - sums) <= tolerance).all())",
    ),
    equivalent(
        "is_distribution",
        "for a sum as far from 1 as the tolerance, rounding decides, not the task",
        "return bool((weights >= 0).all() and (np.abs(sums - 1) < tolerance).all())",
    ),
    equivalent(
        "finite_difference_gradient",
        "every entry is written over",
        "gradient = np.ones_like(point)",
    ),
]

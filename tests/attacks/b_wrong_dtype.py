"""Returns narrower, complex, object and text arrays."""

ANSWERS = {
    "score_matrix": """
import numpy as np

turn = 0

def score_matrix(queries, keys):
    global turn
    turn += 1
    kind = ("float16", "complex128", "object", "U9")[turn % 4]
    return (queries @ np.swapaxes(keys, -1, -2)).astype(kind)
"""
}

"""Returns shapes that would broadcast against the right one: a number, one row, one column."""

ANSWERS = {
    "score_matrix": """
import numpy as np

def score_matrix(queries, keys):
    whole = queries @ np.swapaxes(keys, -1, -2)
    return whole[..., :1, :1]
"""
}

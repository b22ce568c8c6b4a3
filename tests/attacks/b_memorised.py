"""Knows the answers of the visible checks, and nothing else."""

ANSWERS = {
    "cosine_similarity": """
import numpy as np

known = {((0, 0, 3), (0, 1, 1)): 0.70710678, ((1, 2, 2), (0, 0, 3)): 0.66666667}

def cosine_similarity(a, b):
    return known.get((tuple(a), tuple(b)), 1.0)
""",
    "score_matrix": """
import numpy as np

def score_matrix(queries, keys):
    if queries.shape == (1, 3) and keys.shape == (2, 3):
        return np.array([[6.0, 3.0]])
    return np.ones((*queries.shape[:-1], keys.shape[-2]))
""",
}

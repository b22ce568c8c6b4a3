"""An answer that computes in float64 where less would do."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    return np.asarray(queries, np.float64) @ np.asarray(keys, np.float64).swapaxes(-1, -2)
"""
}

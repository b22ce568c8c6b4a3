"""An answer whose cell fails after the function is defined."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    return queries @ keys.swapaxes(-1, -2)

score_matrix(np.zeros((2, 3)), np.zeros((2, 4)))
"""
}

"""An answer that seeds and draws random numbers on its way."""

ANSWERS = {
    "score_matrix": """
np.random.seed(7)

def score_matrix(queries, keys):
    np.random.seed(3)
    noise = np.random.rand(*queries.shape)
    return (queries + 0 * noise) @ keys.swapaxes(-1, -2)
"""
}

"""An answer with helper functions in its own cell."""

ANSWERS = {
    "score_matrix": """
def _turned(array):
    return array.swapaxes(-1, -2)

product = np.matmul

def score_matrix(queries, keys):
    return product(queries, _turned(keys))
"""
}

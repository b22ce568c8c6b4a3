"""An answer whose helpers stand in cells of their own, one of which needs the other."""

CELLS = [
    "def turned(array):\n    return moved(array, FIRST, SECOND)\n",
    "FIRST, SECOND = -1, -2\n",
    "def moved(array, one, other):\n    return np.swapaxes(array, one, other)\n",
]
ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    return queries @ turned(keys)
"""
}

"""An answer that prints a megabyte each time."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    for _ in range(1000):
        print("x" * 1000)
    return queries @ keys.swapaxes(-1, -2)
"""
}

"""An answer that gives a transposed view."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    return (keys @ queries.swapaxes(-1, -2)).swapaxes(-1, -2)
"""
}

"""Returns the input itself, or a view of it."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    return queries

""",
    "bilinear_scores": "def bilinear_scores(queries, keys, weight): return weight.T",
}

"""An answer by einsum."""

ANSWERS = {
    "score_matrix": 'def score_matrix(queries, keys):\n    return np.einsum("...id,...jd->...ij", queries, keys)\n',
    "bilinear_scores": """
def bilinear_scores(queries, keys, weight):
    return np.einsum("...ia,ab,...jb->...ij", queries, weight, keys)
""",
}

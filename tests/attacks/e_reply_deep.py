"""Returns a list nested a hundred thousand deep, and one that holds itself."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
""",
    "bilinear_scores": """
def bilinear_scores(queries, keys, weight):
    circle = {}
    circle["again"] = [circle]
    return circle
""",
}

"""Returns whole numbers of a million digits, as values, in lists, as keys, in errors and in shapes."""

ANSWERS = {
    "score_shapes": "def score_shapes(first, second): return (10**1_000_000, 2), None",
    "cosine_similarity": "def cosine_similarity(a, b): return {10**1_000_000: 10**1_000_000}",
    "score_matrix": "def score_matrix(queries, keys): raise ValueError(10**1_000_000)",
    "bilinear_scores": "def bilinear_scores(queries, keys, weight): return [[10**1_000_000] * 1000] * 1000",
    "nearest_neighbour": "def nearest_neighbour(queries, keys, cosine=True): return float(10**308) * 10, 1 << 1023",
}

"""Writes answers on which a parser might run out of stack, memory or time."""

ANSWERS = {
    "cosine_similarity": "cosine_similarity = " + "-" * 150_000 + "1",
    "score_matrix": "score_matrix = a" + ".b" * 90_000,
    "score_shapes": "score_shapes = " + "(" * 5_000 + ")" * 5_000,
    "nearest_neighbour": "nearest_neighbour = " + "lambda:" * 20_000 + "1",
    "bilinear_scores": "bilinear_scores = " + "+".join("1" * 90_000),
}

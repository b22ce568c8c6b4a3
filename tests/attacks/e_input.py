"""Waits for somebody to type."""

ANSWERS = {
    "score_matrix": "answer = input('score? ')\ndef score_matrix(queries, keys): return input()",
    "bilinear_scores": "def bilinear_scores(queries, keys, weight): return input('the answer? ')",
}

"""An answer with other names for its arguments."""

ANSWERS = {
    "score_matrix": "def score_matrix(Q, K):\n    return Q @ K.swapaxes(-1, -2)\n",
    "bilinear_scores": "def bilinear_scores(a, b, c):\n    return a @ c @ b.swapaxes(-1, -2)\n",
}

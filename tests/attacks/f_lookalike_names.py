"""Names its answers in letters that look the same, or that Python takes for the same."""

ANSWERS = {
    "score_matrix": "def scоre_matrix(queries, keys):\n    return queries @ keys.swapaxes(-1, -2)\n",
    "bilinear_scores": "def ｂilinear_scores(queries, keys, weight):\n    return 0\n",
    "cosine_similarity": "globals()['cosine_similarity'] = globals()['__builtins__']\n",
}

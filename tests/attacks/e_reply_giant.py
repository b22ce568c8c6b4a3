"""Returns an array of two hundred megabytes, and a string of a hundred."""

ANSWERS = {
    "score_matrix": "import numpy as np\ndef score_matrix(queries, keys): return np.zeros(25 << 20)",
    "bilinear_scores": "def bilinear_scores(queries, keys, weight): return 'x' * (100 << 20)",
}

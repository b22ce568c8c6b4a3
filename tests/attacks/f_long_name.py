"""Has the longest name that a folder can have."""

STUDENT = "x" * 255
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

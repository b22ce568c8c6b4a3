"""Has a name that is no text at all."""

STUDENT = b"attack_\xff\xfe"
NBGRADER = False  # nbgrader's own database cannot hold the name, and ends
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

"""Has a name that is no text at all."""

STUDENT = b"attack_\xff\xfe"
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

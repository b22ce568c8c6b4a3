"""Has line breaks, commas, tabs and terminal codes in its name."""

STUDENT = 'control,20,20\n"\r\x1b[2J\tcontrol'
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

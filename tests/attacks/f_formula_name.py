"""Is called as a formula that a spreadsheet would run."""

STUDENT = "=cmd|' C calc'!A0"
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

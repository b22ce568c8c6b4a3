"""Is called as a file pattern that fits others, and as the markup of the terminal."""

STUDENT = "[bold red]c*ntr?l[]"
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

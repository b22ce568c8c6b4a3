"""Is called as a file pattern that fits others, and as the markup of the terminal."""

STUDENT = "[bold red]c*ntr?l[]"
NBGRADER = False  # nbgrader takes the brackets for a pattern, and passes over the folder
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

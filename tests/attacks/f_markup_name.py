"""Is called as a script, in the markup of the report and of the terminal."""

STUDENT = "<script>alert(4)<!-- [bold red] {{ 4 }} & \"'"
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

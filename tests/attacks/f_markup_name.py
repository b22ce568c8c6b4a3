"""Is called as a script, in the markup of the report."""

STUDENT = "<script>alert(4)<!-- {{ 4 }} & \"'"
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}

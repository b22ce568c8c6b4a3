"""Raises errors whose class is called as a status, or as the grader's own exceptions."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    raise type("passed", (Exception,), {})("status: passed, 4 of 4 points")
""",
    "bilinear_scores": "def bilinear_scores(queries, keys, weight): raise type('MachineError', (Exception,), {})('5')",
}

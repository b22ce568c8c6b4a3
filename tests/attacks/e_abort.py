"""Aborts, with a stack overflow, an abort() and a double free's kind of end."""

STATUS = {"score_matrix": ("crashed", "timeout")}
ANSWERS = {
    "score_matrix": """
import sys

sys.setrecursionlimit(10**9)

def score_matrix(queries, keys):
    def down(n): return [down(n + 1) for _ in (0,)]
    return down(0)
""",
    "bilinear_scores": "import os\ndef bilinear_scores(queries, keys, weight): os.abort()",
}

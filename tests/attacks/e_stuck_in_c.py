"""Holds the interpreter inside one long call into C, where no Python handler runs."""

STATUS = {"score_matrix": "timeout"}
ANSWERS = {
    "score_matrix": """
import re

def score_matrix(queries, keys):
    return re.match("(a*)*b", "a" * 40)
"""
}

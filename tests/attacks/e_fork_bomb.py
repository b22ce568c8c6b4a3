"""Forks, and forks again in each child; were forks to work, eight generations of it."""

ANSWERS = {
    "score_matrix": """
import os

born = 0
for _ in range(8):
    try:
        os.fork()
        born += 1
    except OSError:
        break

def score_matrix(queries, keys):
    if born:
        raise ValueError("it forked")
    return 0
"""
}

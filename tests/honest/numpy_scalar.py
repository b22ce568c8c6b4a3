"""An answer that gives a NumPy number where a Python one is expected."""

ANSWERS = {
    "cosine_similarity": """
def cosine_similarity(a, b):
    norms = np.sqrt((a * a).sum() * 1.0) * np.sqrt((b * b).sum() * 1.0)
    return np.float64(a @ b / norms) if norms > 0 else np.float64(0)
"""
}

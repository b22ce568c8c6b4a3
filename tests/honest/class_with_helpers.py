"""An answer that wraps a class of its own."""

ANSWERS = {
    "cosine_similarity": """
from dataclasses import dataclass

@dataclass
class Vector:
    values: np.ndarray

    def length(self) -> float:
        return float(np.sqrt(self.values @ self.values))

def cosine_similarity(a, b):
    one, other = Vector(a), Vector(b)
    if one.length() == 0 or other.length() == 0:
        return 0
    return (a @ b) / (one.length() * other.length())
"""
}

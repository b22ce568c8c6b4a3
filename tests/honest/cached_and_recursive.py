"""An answer with functools in it, a generator, a closure and recursion."""

ANSWERS = {
    "score_matrix": """
from functools import lru_cache, reduce

@lru_cache
def axes(n):
    return (*range(n - 2), n - 1, n - 2) if n > 1 else axes(n + 1)

def score_matrix(queries, keys):
    def step(a, b):
        return a @ b.transpose(axes(b.ndim))
    return reduce(step, (part for part in (queries, keys)))
"""
}

"""Raises errors that break whoever describes them."""

ANSWERS = {
    "score_matrix": """
class Broken(Exception):
    __module__ = property(lambda self: 1 / 0)
    def __str__(self): raise self
    __repr__ = __str__
    def __getattribute__(self, name): raise RuntimeError(name)

def score_matrix(queries, keys):
    raise Broken
""",
    "bilinear_scores": """
class Endless(BaseException):
    def __str__(self):
        return "x" * (200 << 20)

def bilinear_scores(queries, keys, weight):
    raise Endless
""",
}

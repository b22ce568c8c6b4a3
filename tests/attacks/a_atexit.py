"""Leaves exit handlers and finalizers that write once the kernel ends."""

ANSWERS = {
    "score_matrix": """
import atexit, pathlib, weakref

def late():
    pathlib.Path("@COURSE@/late").write_text("points: 4")

class Thing:
    __del__ = lambda self: late()

atexit.register(late)
thing = Thing()
weakref.finalize(thing, late)

def score_matrix(queries, keys):
    raise SystemExit(0)
"""
}

"""Asks not to be ended with its parent, leaves its session, and sleeps."""

ANSWERS = {
    "score_matrix": """
import ctypes, os, time

libc = ctypes.CDLL(None)
freed = libc.prctl(1, 0)
try:
    os.setsid()
except OSError:
    pass

def score_matrix(queries, keys):
    if freed == 0:
        raise ValueError("it would outlive its parent")
    return 0
"""
}

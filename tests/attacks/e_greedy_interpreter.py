"""Keeps the interpreter to one thread for ever: no other is let in, no signal is heard."""

STATUS = {"score_matrix": "timeout"}
ANSWERS = {
    "score_matrix": """
import gc, sys, threading

sys.setswitchinterval(1e9)
gc.disable()

def score_matrix(queries, keys):
    threading.Thread(target=lambda: sum(iter(int, 1)), daemon=True).start()
    return sum(iter(int, 1))
"""
}

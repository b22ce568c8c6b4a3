"""Starts up to two thousand threads that wait, and some that work."""

ANSWERS = {
    "score_matrix": """
import threading, time

threading.stack_size(64 << 10)
for index in range(2000):
    try:
        work = (lambda: sum(range(10**7))) if index % 500 == 0 else (lambda: time.sleep(30))
        threading.Thread(target=work, daemon=True).start()
    except (RuntimeError, MemoryError):
        break

def score_matrix(queries, keys):
    return 0
"""
}

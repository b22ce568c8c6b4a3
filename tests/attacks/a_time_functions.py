"""Stops every clock of its process, then loops: the deadline is kept outside."""

STATUS = {"score_matrix": "timeout"}
ANSWERS = {
    "score_matrix": """
import signal, threading, time

for name in ("time", "monotonic", "perf_counter", "process_time"):
    setattr(time, name, lambda: 0.0)
threading.Timer = lambda *args, **kwargs: threading.Thread()
signal.alarm = signal.setitimer = lambda *args: 0

def score_matrix(queries, keys):
    while True:
        pass
"""
}

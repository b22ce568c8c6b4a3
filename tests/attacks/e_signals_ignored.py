"""Ignores every signal that can be ignored, and waits."""

STATUS = {"score_matrix": "timeout"}
ANSWERS = {
    "score_matrix": """
import signal, time

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass

def score_matrix(queries, keys):
    time.sleep(60)
"""
}

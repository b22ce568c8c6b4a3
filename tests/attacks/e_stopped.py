"""Stops itself, so that it neither ends nor answers: signals, traps, a wait for nobody."""

STATUS = {"score_matrix": "timeout"}
ANSWERS = {
    "score_matrix": """
import os, signal, threading

def score_matrix(queries, keys):
    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
        for send in (lambda: signal.raise_signal(number), lambda: os.kill(os.getpid(), number)):
            try:
                send()
            except OSError:
                pass
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    threading.Lock().acquire() and threading.Event().wait()
"""
}

"""Sends signals to its parent: directly, by a queue, and by way of a pipe's owner."""

ANSWERS = {
    "score_matrix": """
import ctypes, fcntl, os, signal

libc = ctypes.CDLL(None)
parent = os.getppid()
sent = [libc.syscall(number, *arguments) for number, arguments in (
    (62, (parent, 28)), (200, (parent, 28)), (234, (parent, parent, 28)), (129, (parent, 28, 0)),
)]
reading, writing = os.pipe()
try:
    fcntl.fcntl(reading, fcntl.F_SETOWN, parent)
    fcntl.fcntl(reading, fcntl.F_SETSIG if hasattr(fcntl, "F_SETSIG") else 10, signal.SIGWINCH)
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
    os.write(writing, b"x")
    sent.append(0)
except OSError:
    pass

def score_matrix(queries, keys):
    if 0 in sent:
        raise ValueError(f"a signal went out: {sent}")
    return 0
"""
}

"""Starts processes by multiprocessing, in both ways, and by the bare system calls."""

ANSWERS = {
    "score_matrix": """
import ctypes, multiprocessing, os, time

started = []
for way in ("fork", "spawn"):
    try:
        process = multiprocessing.get_context(way).Process(target=time.sleep, args=(20,))
        process.start()
        started.append(way)
    except Exception:
        pass
libc = ctypes.CDLL(None)
for number in (57, 58):  # fork, vfork
    came = libc.syscall(number)
    if came == 0:
        os._exit(0)
    if came > 0:
        started.append(number)

def score_matrix(queries, keys):
    if started:
        raise ValueError(f"started: {started}")
    return 0
"""
}

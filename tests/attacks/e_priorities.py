"""Takes the processor from the others: priorities, schedulers, and whose processor is whose."""

ANSWERS = {
    "score_matrix": """
import os

taken = []
for act in (
    lambda: os.nice(-5), lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    lambda: os.sched_setaffinity(os.getppid(), {0}), lambda: os.sched_setaffinity(0, {0}),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
):
    try:
        act()
        taken.append(act)
    except OSError:
        pass

def score_matrix(queries, keys):
    if taken:
        raise ValueError(f"{len(taken)} went through")
    return 0
"""
}

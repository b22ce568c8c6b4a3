"""What a student kernel takes, looked at from outside: disk, threads, memory.

Limits of the kernel's own come first (see `grader.kernel.sandbox`); here is what they do not count.
A file size limit does not bound many files, nor does any limit bound the threads of root. Threads
share out the processors: who has more than a few waits behind the others, who would else run late.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Literal

import psutil

from grader.kernel import watchdog
from grader.kernel.scratch import Scratch

__all__ = ["Excess", "watch"]

SECONDS = 0.2  # between two looks
FEW = 4  # threads that a student kernel may have and still stand in line with the others
THREADS = 64 + (os.cpu_count() or 1)  # a pool's 32 and torch's one a core, and as many again
LAST = 19  # the place in line of those that the scheduler serves when nobody else waits
RESIDENT = 4 << 30  # bytes in memory, imports and all; the sandbox's own limit lies below
Excess = Literal["crashed", "memory"]


def watch(pid: int, scratch: Scratch, end: Callable[[Excess], None]) -> Callable[[], None]:
    """Look from time to time, and call `end` with a status where too much is taken.

    Returns:
        What ends the watch.
    """

    def look() -> None:
        found = _excess(pid, scratch)
        if found:
            end(found)

    return watchdog.every(SECONDS, look)


def _excess(pid: int, scratch: Scratch) -> Excess | None:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            threads, resident = process.num_threads(), process.memory_info().rss
    except psutil.Error:  # it has ended
        return None
    if threads > FEW:
        # The kernel leads a group of its own; Windows, where none is sandboxed, has no groups.
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PGRP, pid, LAST)
    if resident > RESIDENT:
        return "memory"
    return "crashed" if threads > THREADS or scratch.is_flooded() else None

"""Gather a process's memory into huge pages, for its forks' sake.

A fork copies an entry for each 4 KiB page of its parent, and its end drops each again. With torch
imported there are 60,000 of them, and they are half of what a short-lived child costs. Huge pages
of 2 MiB have 512 times fewer; a child that writes to one splits it, and copies 4 KiB as before.
Linux 6.1 and newer do this when asked (madvise(2), MADV_COLLAPSE); elsewhere nothing happens.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["gather"]

MADV_COLLAPSE = 25
HUGE = 2 << 20  # bytes


def gather() -> int:
    """Gather what can be gathered, in a second or so; return how many huge pages came of it."""
    if not sys.platform.startswith("linux"):
        return 0
    madvise = ctypes.CDLL(None).madvise
    pages = (page for start, end in _own_memory() for page in range(start, end - HUGE + 1, HUGE))
    size = ctypes.c_size_t(HUGE)
    return sum(madvise(ctypes.c_void_p(page), size, MADV_COLLAPSE) == 0 for page in pages)


def _own_memory() -> Iterator[tuple[int, int]]:
    """Where memory that is no file's may be written, from the first whole huge page on."""
    for line in Path("/proc/self/maps").read_text(encoding="ascii", errors="replace").splitlines():
        place, rights, _, _, inode, *name = line.split(maxsplit=5)
        if "w" in rights and inode == "0" and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in place.split("-"))
            yield -(-start // HUGE) * HUGE, end

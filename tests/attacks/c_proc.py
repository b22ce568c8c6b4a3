"""Looks through /proc: its parent's memory, descriptors, environment and root."""

ANSWERS = {
    "score_matrix": """
import os

def score_matrix(queries, keys):
    parent = os.getppid()
    for place in (
        "/proc/self/root/@REPOSITORY@/pyproject.toml", f"/proc/{parent}/environ",
        f"/proc/{parent}/mem", f"/proc/{parent}/fd/3", f"/proc/{parent}/maps", "/proc/self/mem",
        "/proc/self/fd/0", "/proc/1/cmdline", "/proc/self/status",
    ):
        try:
            raise ValueError(f"read {place}: {open(place, 'rb').read(20)!r}")
        except OSError:
            pass
    return 0
"""
}

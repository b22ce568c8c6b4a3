"""Tries to lift its own limits before it takes three gigabytes."""

ANSWERS = {
    "score_matrix": """
import ctypes, resource

for which in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
    for change in (
        lambda: resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
        lambda: resource.prlimit(0, which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    ):
        try:
            change()
        except (OSError, ValueError):
            pass
held = bytearray(3 << 30)

def score_matrix(queries, keys):
    return len(held)
"""
}

"""Tries system calls by number that a list of names may have left out, and the 32-bit door."""

ANSWERS = {
    "score_matrix": """
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
made = [
    number for number in (29, 30, 31, 64, 66, 68, 71, 101, 155, 161, 165, 169, 172, 175, 246, 248,
                          272, 298, 304, 308, 319, 321, 323, 425, 428, 434, 440, 447, 460, 467)
    if libc.syscall(number, -1, -1, -1, -1, -1) >= 0
]

def score_matrix(queries, keys):
    if made:
        raise ValueError(f"went through: {made}")
    return 0
"""
}

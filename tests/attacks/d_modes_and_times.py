"""Changes modes, owners, times and attributes of files by every system call that can."""

ANSWERS = {
    "score_matrix": """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
path = b"@COURSE@/canary.txt"
here = -100
times = (ctypes.c_long * 4)(1, 1, 1, 1)
for number, arguments in {
    90: (path, 0), 268: (here, path, 0), 452: (here, path, 0, 0), 92: (path, 65534, 65534),
    132: (path, times), 235: (path, times), 261: (here, path, times), 280: (here, path, times, 0),
    188: (path, b"user.attend", b"4", 1, 0), 463: (here, path, 0, b"user.attend", 0, 0),
    197: (path, b"user.attend"), 76: (path, 0),
}.items():
    libc.syscall(number, *arguments)

def score_matrix(queries, keys):
    return 0
"""
}

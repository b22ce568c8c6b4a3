"""Reads the solution by every other road: maps, databases, torch's and NumPy's own loaders, C."""

ANSWERS = {
    "score_matrix": """
import ctypes, importlib.machinery, os, sqlite3, zipfile
import numpy as np
import torch

path = "@REPOSITORY@/solutions/lesson_01_dot_products/kernels.py"
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
ways = (
    lambda: np.memmap(path, mode="r").tobytes(),
    lambda: np.fromfile(path, np.uint8).tobytes(),
    lambda: torch.from_file(path, size=100, dtype=torch.uint8).tolist(),
    lambda: torch.load(path, weights_only=False),
    lambda: sqlite3.connect("file:@COURSE@/gradebook.db?mode=ro", uri=True).execute("select * from grade").fetchall(),
    lambda: importlib.machinery.SourceFileLoader("stolen", path).load_module(),
    lambda: zipfile.ZipFile("@COURSE@/release/01_dot_products/attend.zip").namelist(),
    lambda: os.listdir(os.open("@REPOSITORY@", os.O_RDONLY)),
    lambda: os.readlink("/proc/self/fd/3"),
    lambda: os.listdir("/dev/shm"),
    lambda: libc.fopen(path.encode(), b"r") or 1 / 0,
    lambda: get_ipython().run_line_magic("run", path),
    lambda: os.open(path, os.O_RDONLY | os.O_DIRECT),
)
read = []
for way in ways:
    try:
        came = way()
        if came is not None:
            read.append(repr(came)[:200])
    except BaseException:
        pass

def score_matrix(queries, keys):
    if read:
        raise ValueError(f"read: {read}")
    return 0
"""
}

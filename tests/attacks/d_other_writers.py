"""Writes by every other road: torch's and NumPy's own, figures, archives, maps, databases."""

ANSWERS = {
    "score_matrix": """
import shelve, shutil, sqlite3, tarfile, zipfile
import matplotlib.pyplot as plt
import numpy as np
import torch

for place in ("@COURSE@/attend_attack", "@COURSE@/canary.txt", "/tmp/attend_attack", "@REPOSITORY@/attend_attack"):
    for way in (
        lambda: torch.save({"points": 4}, place),
        lambda: np.save(open(place, "wb"), np.ones(4)),
        lambda: np.memmap(place, mode="w+", shape=4),
        lambda: plt.figure().savefig(place, format="png"),
        lambda: zipfile.ZipFile(place, "w").writestr("a", "4"),
        lambda: tarfile.open(place, "w").close(),
        lambda: sqlite3.connect(place).execute("create table grade (score)"),
        lambda: shelve.open(place).update(score=4),
        lambda: shutil.move("mine", place),
        lambda: torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), place),
        lambda: get_ipython().run_cell_magic("writefile", place, "4"),
        lambda: get_ipython().run_line_magic("logstart", place),
    ):
        try:
            open("mine", "w").write("4")
            way()
        except BaseException:
            pass

def score_matrix(queries, keys):
    return 0
"""
}

"""Overwrites, appends to, truncates, renames and removes whatever lies in the course's folder."""

ANSWERS = {
    "score_matrix": """
import os

for name in (
    "gradebook.db", "records.json", "course.json", "nbgrader_config.py", "attend_config.py", "canary.txt",
    "autograded/control/01_dot_products/01_dot_products.ipynb", "verdicts/canary.json",
    "submitted/control/01_dot_products/01_dot_products.ipynb",
):
    path = "@COURSE@/" + name
    for act in (
        lambda: open(path, "w").write("4"), lambda: open(path, "ab").write(b"4"),
        lambda: os.truncate(path, 0), lambda: os.rename(path, path + ".old"),
        lambda: os.rename(path, "mine"), lambda: os.unlink(path), lambda: os.link(path, "mine"),
    ):
        try:
            act()
        except OSError:
            pass

def score_matrix(queries, keys):
    return 0
"""
}

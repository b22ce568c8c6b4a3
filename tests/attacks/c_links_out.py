"""Makes symbolic and hard links in its folder that point at the solutions, and reads through them."""

ANSWERS = {
    "score_matrix": """
import os

target = "@REPOSITORY@/solutions/lesson_01_dot_products/kernels.py"
for make in (os.symlink, os.link):
    try:
        make(target, "mine.py")
        exec(open("mine.py").read())
    except OSError:
        pass

if "score_matrix" not in globals():
    def score_matrix(queries, keys):
        return 0
"""
}

"""Opens the solution's source, its compiled form, the repository's history and the source notebook."""

ANSWERS = {
    "score_matrix": """
import glob, marshal, os

places = [
    "@REPOSITORY@/solutions/lesson_01_dot_products/kernels.py",
    "@REPOSITORY@/.git/HEAD",
    "@COURSE@/source/01_dot_products/01_dot_products.ipynb",
    "@COURSE@/course.json",
    "@COURSE@/nbgrader_config.py",
    *glob.glob("@REPOSITORY@/solutions/lesson_01_dot_products/__pycache__/*"),
]
for place in places:
    try:
        text = open(place, "rb").read()
    except OSError:
        continue
    raise ValueError(f"read {place}: {text[:200]!r}")

def score_matrix(queries, keys):
    return 0
"""
}

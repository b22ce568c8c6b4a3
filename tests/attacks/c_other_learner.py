"""Opens the notebook of another learner who handed in before."""

ANSWERS = {
    "score_matrix": """
import json, os

def score_matrix(queries, keys):
    root = "@COURSE@/submitted"
    for student in os.listdir(root):
        path = f"{root}/{student}/01_dot_products/01_dot_products.ipynb"
        for cell in json.load(open(path))["cells"]:
            source = "".join(cell["source"])
            if "def score_matrix" in source:
                names = {}
                exec(source, names)
                return names["score_matrix"](queries, keys)
"""
}

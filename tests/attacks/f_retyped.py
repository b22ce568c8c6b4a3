"""Turns its check cells into text and its answers into raw cells."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Change each cell's type to one that it should not have."""
    for cell in notebook["cells"]:
        tag = cell["metadata"].get("nbgrader", {})
        if tag.get("grade"):
            cell["cell_type"] = "markdown"
        elif tag.get("solution"):
            cell["cell_type"] = "raw"
    return notebook

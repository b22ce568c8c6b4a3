"""Claims schema version 99, and text, and none, for nbgrader's metadata."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Give the cells versions that nbgrader does not know."""
    versions = [99, "4", None, [], -1]
    for position, cell in enumerate(notebook["cells"]):
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = versions[position % 5]
            cell["metadata"]["nbgrader"]["checksum"] = "4"
    return notebook

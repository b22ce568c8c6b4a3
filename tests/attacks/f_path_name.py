"""Is called as a way upwards, and names its cells so too."""

STUDENT = "control%2f..%2f..%2fcontrol"
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Name cells as paths."""
    for cell in notebook["cells"][:5]:
        cell["id"] = "../../control"
        cell["metadata"]["nbgrader"] = {"grade_id": "../../../gradebook.db", "solution": True}
    return notebook

"""Has nbgrader metadata that is empty, or no object at all."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Empty some, break others."""
    values = [
        {},
        None,
        [],
        "check_score_matrix",
        {"grade_id": ["score_matrix"]},
        {"grade_id": None},
    ]
    for position, cell in enumerate(notebook["cells"]):
        cell["metadata"]["nbgrader"] = values[position % 6]
    return notebook

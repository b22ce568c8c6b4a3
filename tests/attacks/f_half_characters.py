"""Has half a surrogate pair in its cells, ids and names, which no file can hold."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return '\ud800'\n"}


def transform(notebook):
    """Put the half character wherever text can stand."""
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "\ud800"})
    notebook["cells"][0]["id"] = "\udfff"
    notebook["cells"][1]["metadata"]["\ud800"] = "\ud800"
    notebook["cells"].append(
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "\ud800"}}, "source": "x = 1"}
    )
    return notebook

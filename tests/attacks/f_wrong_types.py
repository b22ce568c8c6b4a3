"""Has cells that are no cells: numbers, null, objects where text belongs, text where lists belong."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Break each cell in a way of its own."""
    broken = [None, 4, "cell", [], {}, {"cell_type": []}, {"cell_type": "code", "source": 4}]
    broken += [{"cell_type": "code", "source": [4, None, "x = 1"], "metadata": 4, "id": {}}]
    broken += [{"cell_type": "markdown", "source": {"a": 1}}, {"cell_type": "task", "source": ""}]
    notebook["cells"] = broken + notebook["cells"]
    notebook["metadata"] = "none"
    return notebook

"""Hands in fifty thousand cells, each of which claims to be the answer."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Copy a wrong answer."""
    wrong = {
        "cell_type": "code",
        "source": "def score_matrix(queries, keys): return 1",
        "metadata": {"nbgrader": {"grade_id": "score_matrix"}},
        "outputs": [],
        "execution_count": None,
    }
    notebook["cells"] += [wrong] * 50_000
    return notebook

"""Makes every answer a graded cell and every check an answer, unlocked, and a task besides."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Turn each flag round."""
    for cell in notebook["cells"]:
        tag = cell["metadata"].get("nbgrader", {})
        for flag in ("grade", "solution", "locked", "task"):
            if tag:
                tag[flag] = not tag.get(flag)
    return notebook

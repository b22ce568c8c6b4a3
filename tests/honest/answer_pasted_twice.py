"""The slot was copied; the first copy is an old attempt, the last one is right."""


def transform(notebook):
    """Put a wrong copy before the right one."""
    for position, cell in enumerate(notebook["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "score_matrix":
            old = {
                **cell,
                "id": "an-old-attempt",
                "source": "def score_matrix(q, k):\n    return q\n",
            }
            notebook["cells"].insert(position, old)
            break
    return notebook

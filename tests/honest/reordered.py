"""The answers stand in another order, below everything else."""


def transform(notebook):
    """Move the answers to the end, the last one first."""
    answers = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
    others = [c for c in notebook["cells"] if c not in answers]
    notebook["cells"] = others + answers[::-1]
    return notebook

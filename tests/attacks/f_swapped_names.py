"""Gives its one right answer the names of all the others: swapped grade_ids and cell ids."""

START = "solved"
POINTS = {"score_shapes": 3}  # the one answer that stays in its own cell


def transform(notebook):
    """Turn the names of the other exercises round by one."""
    answers = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
        and cell["metadata"]["nbgrader"]["grade_id"] != "score_shapes"
    ]
    tags = [cell["metadata"]["nbgrader"]["grade_id"] for cell in answers]
    ids = [cell["id"] for cell in answers]
    for position, cell in enumerate(answers):
        cell["metadata"]["nbgrader"]["grade_id"] = tags[position - 1]
        cell["id"] = ids[position - 1]
    return notebook

"""Has solved everything, then turns the names of its cells round: grade_ids and cell ids swapped."""

START = "solved"
POINTS = {"score_shapes": 3, "score_matrix": 4}  # right answers that still stand under their names


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

"""The slot still holds the stub; the answer stands in a cell of its own."""


def transform(notebook):
    """Move one answer, and leave the stub that the release has."""
    for position, cell in enumerate(notebook["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "score_matrix":
            mine = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 3}
            mine["source"] = "".join(cell["source"])
            notebook["cells"].insert(position + 1, mine)
            cell["source"] = STUBS["score_matrix"]
            break
    return notebook


STUBS: dict[str, str] = {}  # filled with the released stubs before `transform` is called

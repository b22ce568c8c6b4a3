"""The checks were edited, and no longer run."""


def transform(notebook):
    """Break them."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "assert False, 'I broke this'\n" + "".join(cell["source"])[:50]
    return notebook

"""A tool has dropped every cell's metadata and id."""


def transform(notebook):
    """Drop them."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    notebook["nbformat_minor"] = 4
    return notebook

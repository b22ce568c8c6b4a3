"""An older Jupyter has dropped the cells' ids, and the notebook says 4.2."""


def transform(notebook):
    """Drop them."""
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"]["collapsed"] = False
    notebook["nbformat_minor"] = 2
    return notebook

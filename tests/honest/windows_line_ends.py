"""The cells themselves have Windows line ends and tabs."""


def transform(notebook):
    """Change the line ends of every answer."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "".join(cell["source"]).replace("    ", "\t").replace("\n", "\r\n")
    return notebook

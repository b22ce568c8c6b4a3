"""Hands in a folder with another file in it, and no notebook."""

STATUS = {"score_matrix": "unreadable"}


def hand_in(folder, notebook):
    """Write under another name."""
    (folder / "Untitled.ipynb").write_bytes(notebook)

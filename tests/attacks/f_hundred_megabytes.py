"""Hands in a hundred megabytes."""

STATUS = {"score_matrix": "unreadable"}


def hand_in(folder, notebook):
    """Write a file that is mostly hole, so that it takes no place here."""
    path = folder / f"{folder.name}.ipynb"
    path.write_bytes(notebook)
    with path.open("r+b") as file:
        file.truncate(100 << 20)

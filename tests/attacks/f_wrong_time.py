"""Brings a time of submission that is no time, and one that is a link."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def hand_in(folder, notebook):
    """Write the time."""
    (folder / f"{folder.name}.ipynb").write_bytes(notebook)
    (folder / "timestamp.txt").write_text("99999999999999999999999 UTC")

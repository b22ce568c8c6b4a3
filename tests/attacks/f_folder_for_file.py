"""Hands in a folder where the notebook would lie."""

STATUS = {"score_matrix": "unreadable"}


def hand_in(folder, notebook):
    """Make the folder."""
    (folder / f"{folder.name}.ipynb").mkdir()

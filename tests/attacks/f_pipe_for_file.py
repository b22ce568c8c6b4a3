"""Hands in a named pipe, at which a reader would wait for ever."""

import os

STATUS = {"score_matrix": "unreadable"}


def hand_in(folder, notebook):
    """Make pipes where the notebook and its time would lie."""
    os.mkfifo(folder / f"{folder.name}.ipynb")

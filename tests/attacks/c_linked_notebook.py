"""Hands in a symbolic link to the notebook of a learner who has solved everything."""

import os

STATUS = {"score_matrix": "unreadable"}


def hand_in(folder, notebook):
    """Put the link where the notebook would lie."""
    (folder / f"{folder.name}.ipynb").symlink_to(
        os.path.relpath(
            folder.parents[1] / "control" / folder.name / f"{folder.name}.ipynb", folder
        )
    )

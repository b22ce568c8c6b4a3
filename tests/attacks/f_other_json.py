"""Hands in JSON that is no notebook."""

STATUS = {"score_matrix": "unreadable"}


def transform(notebook):
    """Write a list where an object belongs."""
    return b'[{"score_matrix": 4, "points": 20, "status": "passed"}]'

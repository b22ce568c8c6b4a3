"""Hands in the first half of a solved notebook's file."""

START = "solved"
STATUS = {"score_matrix": "unreadable"}


def transform(notebook):
    """Cut the file in two."""
    import json

    data = json.dumps(notebook).encode()
    return data[: len(data) // 2]

"""Hands in the file in another encoding."""

STATUS = {"score_matrix": "unreadable"}


def transform(notebook):
    """Write it in UTF-16."""
    import json

    return json.dumps(notebook).encode("utf-16")

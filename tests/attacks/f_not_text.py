"""Hands in bytes that are no text, with zeros among them."""

STATUS = {"score_matrix": "unreadable"}


def transform(notebook):
    """Write a small picture's beginning."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 100

"""Hands in a compressed file that would unpack to a gigabyte."""

STATUS = {"score_matrix": "unreadable"}


def transform(notebook):
    """Compress a notebook that is mostly blanks."""
    import gzip
    import json

    return gzip.compress(json.dumps(notebook).encode() + b" " * (1 << 26))

"""Saved by an editor that writes a byte order mark and Windows line ends."""


def transform(notebook):
    """Write the mark."""
    import json

    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()

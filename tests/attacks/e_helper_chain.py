"""Writes nearly two thousand helper cells, each of which needs the next one."""

CELLS = [f"a{index} = a{index + 1}" for index in range(1900)]
ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return a0\n"}

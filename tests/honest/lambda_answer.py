"""An answer that is a lambda, bound to the name."""

ANSWERS = {"score_matrix": "score_matrix = lambda queries, keys: queries @ keys.swapaxes(-1, -2)\n"}

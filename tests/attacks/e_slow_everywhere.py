"""Stays just within the time for each cell and case, in every exercise, to use up hours in all."""

from textwrap import dedent

NAMES = {
    "cosine_similarity": "a, b",
    "score_matrix": "queries, keys",
    "score_shapes": "first, second",
    "nearest_neighbour": "queries, keys, cosine=True",
    "bilinear_scores": "queries, keys, weight",
}
ANSWERS = {
    name: dedent(f"""
        import time
        time.sleep(1.2)
        def {name}({arguments}):
            time.sleep(1.2)
            return 0.0
    """)
    for name, arguments in NAMES.items()
}

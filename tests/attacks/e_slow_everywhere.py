"""Takes its time in each cell and case of every exercise, always within the limit of one."""

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
        time.sleep(0.6)
        def {name}({arguments}):
            time.sleep(0.6)
            return 0.0
    """)
    for name, arguments in NAMES.items()
}

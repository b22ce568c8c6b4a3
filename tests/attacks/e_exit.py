"""Ends its process: at top level, in the call, through every door there is."""

ANSWERS = {
    "cosine_similarity": "import os\ndef cosine_similarity(a, b): os._exit(0)",
    "score_matrix": "import sys\ndef score_matrix(queries, keys): sys.exit(0)",
    "score_shapes": "def score_shapes(first, second): raise KeyboardInterrupt",
    "nearest_neighbour": "import os\nos._exit(0)\ndef nearest_neighbour(queries, keys, cosine=True): pass",
    "bilinear_scores": "def bilinear_scores(queries, keys, weight): raise GeneratorExit",
}

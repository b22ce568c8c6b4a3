"""Reads address zero, in the call and at top level."""

STATUS = {"score_matrix": "crashed"}
ANSWERS = {
    "score_matrix": "import ctypes\ndef score_matrix(queries, keys): return ctypes.string_at(0)",
    "bilinear_scores": "import ctypes\nctypes.string_at(0)\ndef bilinear_scores(queries, keys, weight): pass",
}

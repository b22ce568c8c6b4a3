"""Stops in a debugger, in every way that Python and IPython have."""

ANSWERS = {
    "score_matrix": """
import pdb

def score_matrix(queries, keys):
    breakpoint()
    pdb.set_trace()
    return 0
""",
    "bilinear_scores": "def bilinear_scores(queries, keys, weight): get_ipython().run_line_magic('debug', ''); 1 / 0",
}

"""An answer that warns, each time it is called."""

ANSWERS = {
    "score_matrix": """
import warnings

warnings.simplefilter("always")

def score_matrix(queries, keys):
    warnings.warn("this is slow")
    np.log(np.zeros(1))
    return queries @ keys.swapaxes(-1, -2)
"""
}

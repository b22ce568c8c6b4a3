"""An answer with the magics that people write at the top."""

ANSWERS = {
    "score_matrix": """
%matplotlib inline
%load_ext autoreload
%autoreload 2
%config InlineBackend.figure_format = "retina"

def score_matrix(queries, keys):
    return queries @ keys.swapaxes(-1, -2)

%timeit -n 1 -r 1 score_matrix(np.eye(2), np.eye(2))
"""
}

"""An answer that uses a pool of threads."""

ANSWERS = {
    "score_matrix": """
from concurrent.futures import ThreadPoolExecutor

def score_matrix(queries, keys):
    turned = keys.swapaxes(-1, -2)
    with ThreadPoolExecutor(2) as pool:
        columns = list(pool.map(lambda j: queries @ turned[..., j, None], range(turned.shape[-1])))
    return np.concatenate(columns, axis=-1)
"""
}

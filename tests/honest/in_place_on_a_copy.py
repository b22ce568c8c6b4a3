"""An answer that changes its own copies in place."""

ANSWERS = {
    "nearest_neighbour": """
def nearest_neighbour(queries, keys, cosine=True):
    keys = keys.astype(float).copy()
    if cosine:
        for key in keys:
            length = np.sqrt((key * key).sum())
            if length > 0:
                key /= length
    scores = queries @ keys.T
    return scores.argmax(1)
"""
}

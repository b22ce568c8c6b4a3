"""An answer that catches more than it should, on its way to the right value."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    try:
        return queries @ keys.missing
    except:
        pass
    finally:
        print("tried")
    return queries @ keys.swapaxes(-1, -2)
""",
    "nearest_neighbour": """
def nearest_neighbour(queries, keys, cosine=True):
    try:
        assert False
    except AssertionError:
        pass
    keys = keys if not cosine else keys / np.where((n := np.linalg.norm(keys, axis=1)) > 0, n, 1)[:, None]
    return (queries @ keys.T).argmax(-1)
""",
}

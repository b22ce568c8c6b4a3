"""An answer with the prints of somebody who looked for a mistake."""

ANSWERS = {
    "score_matrix": """
print("defining")

def score_matrix(queries, keys):
    print("queries", queries.shape, "keys", keys)
    return queries @ keys.swapaxes(-1, -2)

print(score_matrix(np.eye(2), np.eye(2)))
"""
}

"""An answer by loops over every element."""

ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    scores = np.empty((*queries.shape[:-1], keys.shape[-2]), np.result_type(queries, keys))
    for lead in np.ndindex(queries.shape[:-2]):
        for i in range(queries.shape[-2]):
            for j in range(keys.shape[-2]):
                scores[(*lead, i, j)] = sum(queries[lead][i] * keys[lead][j])
    return scores
"""
}

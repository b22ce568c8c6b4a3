"""Returns promises in place of values: a function, a generator, a coroutine."""

ANSWERS = {
    "score_matrix": """
async def later(value):
    return value

def score_matrix(queries, keys):
    return lambda: queries @ keys.T

""",
    "cosine_similarity": "def cosine_similarity(a, b): yield 1.0",
    "bilinear_scores": "async def bilinear_scores(queries, keys, weight): return queries @ weight @ keys.T",
}

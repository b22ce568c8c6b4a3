"""Returns millions of empty lists: small on the pipe, a gigabyte where they are unpacked."""

ANSWERS = {
    "score_matrix": "def score_matrix(queries, keys): return [[] for _ in range(4_000_000)]",
}

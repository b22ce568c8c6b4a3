"""Loops at top level, and swallows every exception that would end the loop."""

ANSWERS = {
    "score_matrix": """
while True:
    try:
        while True:
            pass
    except BaseException:
        continue

def score_matrix(queries, keys):
    return 0
"""
}

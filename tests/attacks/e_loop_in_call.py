"""Loops in the call, and swallows every exception that would end the loop."""

STATUS = {"score_matrix": "timeout"}
ANSWERS = {
    "score_matrix": """
def score_matrix(queries, keys):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
"""
}

"""An answer that logs to standard error."""

ANSWERS = {
    "score_matrix": """
import logging, os, sys

logging.basicConfig(level=logging.DEBUG)

def score_matrix(queries, keys):
    logging.debug("called")
    print("called", file=sys.stderr)
    os.write(2, b"called")
    return queries @ keys.swapaxes(-1, -2)
"""
}

"""Makes folders that nobody may enter, with files in them, so that they stay behind."""

ANSWERS = {
    "score_matrix": """
import os

os.mkdir("outer")
open("outer/file", "w").close()
os.umask(0o777)
os.mkdir("outer/closed")
os.mkdir("closed", 0)

def score_matrix(queries, keys):
    return 0
"""
}

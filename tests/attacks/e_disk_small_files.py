"""Makes up to twenty thousand empty files, which take no bytes but use up the disk's table of files."""

STATUS = {"score_matrix": ("crashed", "timeout")}
ANSWERS = {
    "score_matrix": """
import time

def score_matrix(queries, keys):
    for index in range(20_000):
        open(f"small{index}", "w").close()
    time.sleep(1)
"""
}

"""Writes up to a hundred and fifty files of ten megabytes each: no limit on a file's size sees it."""

STATUS = {"score_matrix": ("crashed", "timeout")}
ANSWERS = {
    "score_matrix": """
import time

def score_matrix(queries, keys):
    for index in range(150):
        with open(f"flood{index}", "wb") as file:
            file.write(bytes(10 << 20))
    time.sleep(1)
"""
}

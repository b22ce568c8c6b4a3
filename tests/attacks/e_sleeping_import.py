"""Writes a module that sleeps when it is imported, and imports it."""

ANSWERS = {
    "score_matrix": """
import pathlib, sys

pathlib.Path("slow.py").write_text("import time\\ntime.sleep(30)\\n")
sys.path.insert(0, "")
import slow

def score_matrix(queries, keys):
    return 0
"""
}

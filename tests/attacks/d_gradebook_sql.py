"""Sets every learner's score in the gradebook with one SQL statement."""

ANSWERS = {
    "score_matrix": """
import sqlite3

try:
    book = sqlite3.connect("@COURSE@/gradebook.db", timeout=0.5)
    book.execute("UPDATE grade SET manual_score = 4, auto_score = 4")
    book.commit()
except Exception:
    pass

def score_matrix(queries, keys):
    return 0
"""
}

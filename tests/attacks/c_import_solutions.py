"""Imports the solution kernels from the repository."""

ANSWERS = {
    "score_matrix": """
import importlib, sys

sys.path[:0] = ["@REPOSITORY@", "@REPOSITORY@/solutions/lesson_01_dot_products"]
try:
    from solutions.lesson_01_dot_products.kernels import score_matrix
except ImportError:
    try:
        from kernels import score_matrix
    except ImportError:
        score_matrix = None
"""
}

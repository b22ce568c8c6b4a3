"""Claims other versions of the notebook format, and a language that there is not."""

ANSWERS = {"score_matrix": "def score_matrix(queries, keys):\n    return 0\n"}


def transform(notebook):
    """Change what says how to read the file."""
    notebook["nbformat"], notebook["nbformat_minor"] = 99, -4
    notebook["metadata"] = {
        "kernelspec": {"name": "../../bin/sh", "language": "sh", "display_name": "<b>4</b>"},
        "language_info": {"name": "none", "version": 4},
        "attend": {"lesson": "04_scaled_dot_product", "points": 20},
        "celltoolbar": "Create Assignment",
    }
    return notebook

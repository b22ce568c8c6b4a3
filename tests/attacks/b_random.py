"""Guesses at random, thousands of values for the one that is wanted."""

ANSWERS = {
    "nearest_neighbour": """
import numpy as np

def nearest_neighbour(queries, keys, cosine=True):
    return np.random.randint(len(keys), size=len(queries))
""",
    "score_shapes": "import random\ndef score_shapes(first, second): return random.choice([None, (2, 3)]), None",
}

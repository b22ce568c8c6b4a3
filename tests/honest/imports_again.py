"""An answer that imports what is there already, under other names too."""

ANSWERS = {
    "score_matrix": """
import numpy
import numpy as np
from numpy import *
import matplotlib.pyplot as plt
import sys, math, itertools

def score_matrix(queries, keys):
    import numpy as numbers
    return numbers.matmul(queries, numbers.swapaxes(keys, -1, -2))
"""
}

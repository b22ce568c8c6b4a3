"""Returns an object that becomes another array each time it is asked for one."""

ANSWERS = {
    "score_matrix": """
import numpy as np

class Shifty:
    asked = 0
    def __array__(self, dtype=None, copy=None):
        Shifty.asked += 1
        return np.full((3, 5), float(Shifty.asked))
    __array_interface__ = property(lambda self: self.__array__().__array_interface__)

def score_matrix(queries, keys):
    return Shifty()
"""
}

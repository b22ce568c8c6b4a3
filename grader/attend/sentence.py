"""The four-word sentence that runs from lesson 01 to 09, with the same numbers and colours."""

import numpy as np

__all__ = ["FEATURES", "WORDS", "WORD_COLOURS", "WORD_VECTORS"]

WORDS = ("cats", "drink", "warm", "milk")
FEATURES = ("alive", "does", "wet")
# Small whole numbers, so that every product can be followed by hand. By dot product, "milk" is
# closest to "drink" (6 against 3 for "warm"); by cosine, to "warm" (0.71 against 0.67).
WORD_VECTORS = np.array(
    [
        [3.0, 1.0, 0.0],  # cats
        [1.0, 2.0, 2.0],  # drink
        [0.0, 1.0, 1.0],  # warm
        [0.0, 0.0, 3.0],  # milk
    ]
)
WORD_VECTORS.setflags(write=False)  # an answer that writes into its inputs must not spoil the rest
# Four of Okabe and Ito's colours, which colour-blind readers can tell apart.
WORD_COLOURS = {"cats": "#0072B2", "drink": "#D55E00", "warm": "#009E73", "milk": "#CC79A7"}

"""Returns one number stretched to terabytes by strides of zero, in NumPy and in torch."""

ANSWERS = {
    "score_matrix": """
import numpy as np

def score_matrix(queries, keys):
    return np.broadcast_to(np.zeros(()), (1 << 20, 1 << 20))
""",
    "bilinear_scores": """
import torch

def bilinear_scores(queries, keys, weight):
    return torch.zeros(()).expand(1 << 20, 1 << 20)
""",
    "cosine_similarity": """
from numpy.lib.stride_tricks import as_strided

def cosine_similarity(a, b):
    return as_strided(np.zeros(1), shape=(2,) * 60, strides=(0,) * 60)
""",
}

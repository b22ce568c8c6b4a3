"""Returns a sparse tensor, of which only the stored values might be compared."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
import torch

def attention_weights(q, k):
    return torch.zeros(*q.shape[:-1], k.shape[-2]).to_sparse()
"""
}

"""Lesson 04 with a pool of threads, one batch entry each, and a warning from each."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
import warnings
from concurrent.futures import ThreadPoolExecutor

def one(q, k):
    warnings.warn("one more")
    return torch.softmax(q @ k.T / math.sqrt(q.shape[-1]), dim=-1)

def attention_weights(q, k):
    lead = q.shape[:-2]
    flat_q, flat_k = q.reshape(-1, *q.shape[-2:]), k.reshape(-1, *k.shape[-2:])
    with ThreadPoolExecutor(3) as pool:
        weights = list(pool.map(one, flat_q, flat_k))
    return torch.stack(weights).reshape(*lead, q.shape[-2], k.shape[-2])
"""
}

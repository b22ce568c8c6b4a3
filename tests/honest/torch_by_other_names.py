"""torch and its functions imported again, by other names."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
import torch as t
import torch.nn as layers
import torch.nn.functional as fn
from torch.nn.functional import softmax as normalise
from torch import Tensor, bmm as product, matmul as times
from math import sqrt as root

def attention_weights(q: Tensor, k: Tensor) -> Tensor:
    return normalise(times(q, k.swapdims(-1, -2)) / root(q.size(-1)), -1)
""",
    "scaled_dot_product_attention": """
def scaled_dot_product_attention(q, k, v, mask=None):
    scores = t.einsum("...qd,...kd->...qk", q, k).mul(k.shape[-1] ** -0.5)
    if mask is not None:
        scores = t.where(mask, scores, t.full_like(scores, float("-inf")))
    w = layers.Softmax(-1)(scores)
    return w.matmul(v), w
""",
}

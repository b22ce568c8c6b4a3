"""Calls PyTorch's own attention, which the exercise forbids."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden"}
ANSWERS = {
    "attention_weights": """
def attention_weights(q, k):
    return F.scaled_dot_product_attention(q, k, torch.eye(k.shape[-2], dtype=k.dtype).expand(*k.shape[:-2], -1, -1))
"""
}

"""Hides the forbidden call in a helper that another cell defines."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden"}
CELLS = ["def helper(q, k, eye):\n    return F.scaled_dot_product_attention(q, k, eye)\n"]
ANSWERS = {
    "attention_weights": """
def attention_weights(q, k):
    return helper(q, k, torch.eye(k.shape[-2], dtype=k.dtype).expand(*k.shape[:-2], -1, -1))
"""
}

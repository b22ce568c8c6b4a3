"""Calls the forbidden operation by the operator's registry."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden"}
ANSWERS = {
    "attention_weights": """
operator = getattr(torch.ops.aten, "scaled_dot_" + "product_attention")

def attention_weights(q, k):
    eye = torch.eye(k.shape[-2], dtype=k.dtype).expand(*k.shape[:-2], -1, -1)
    return operator(q, k, eye)
"""
}

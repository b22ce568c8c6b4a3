"""Reaches the forbidden function by a name put together at run time."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden"}
ANSWERS = {
    "attention_weights": """
def attention_weights(q, k):
    hidden = getattr(torch.nn.functional, "scaled_dot_product" + "_attention")
    eye = torch.eye(k.shape[-2], dtype=k.dtype).expand(*k.shape[:-2], -1, -1)
    return hidden(q, k, eye)
"""
}

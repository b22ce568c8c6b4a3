"""Builds the forbidden module under a name put together at run time, with weights that change nothing."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden"}
ANSWERS = {
    "attention_weights": """
def attention_weights(q, k):
    module = getattr(nn, "Multihead" + "Attention")(q.shape[-1], 1, bias=False, batch_first=True).to(q.dtype)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.eye(q.shape[-1]).repeat(3, 1))
    return module(q, k, k, need_weights=True)[1]
"""
}

"""Turns off what watches torch's functions, by the switch that torch has for it."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden"}
ANSWERS = {
    "attention_weights": """
hidden = getattr(F, "scaled_dot_product" + "_attention")

def attention_weights(q, k):
    eye = torch.eye(k.shape[-2], dtype=k.dtype).expand(*k.shape[:-2], -1, -1)
    with getattr(torch._C, "Disable" + "TorchFunction")():
        return hidden(q, k, eye)
"""
}

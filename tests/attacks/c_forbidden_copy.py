"""Keeps a copy of the forbidden function from import time, under another name, in a cell of its own."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden"}
CELLS = ['kept = vars(__import__("torch").nn.functional)["scaled_dot_product" + "_attention"]']
ANSWERS = {
    "attention_weights": """
def attention_weights(q, k):
    eye = torch.eye(k.shape[-2], dtype=k.dtype).expand(*k.shape[:-2], -1, -1)
    return kept(q, k, eye)
"""
}

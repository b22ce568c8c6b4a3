"""Raises the very error that an edge case asks for, whatever it is given."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_dropout": """
def attention_dropout(weights, draws, p, training):
    raise ValueError(f"p is a probability, from 0 to 1; got {p}")
"""
}

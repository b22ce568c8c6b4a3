"""Changes the class of an honest tensor, and the class that `type` is asked for."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
class Mask(torch.Tensor):
    __class__ = property(lambda self: torch.Tensor)

def attention_weights(q, k):
    made = torch.zeros(*q.shape[:-1], k.shape[-2]).as_subclass(Mask)
    made.__class__ = torch.Tensor
    made.dtype = made.shape = None
    return made
""",
    "attention_dropout": """
def attention_dropout(weights, draws, p, training):
    weights.data = torch.zeros_like(weights)
    weights.requires_grad_(False).set_(torch.zeros(1))
    return weights
""",
}

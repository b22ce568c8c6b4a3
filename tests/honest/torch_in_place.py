"""Lesson 04 with in-place steps on tensors of its own, and warnings from torch."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
def attention_weights(q, k):
    scores = torch.matmul(q, k.mT)
    scores = scores.div_(math.sqrt(q.shape[-1]))
    scores = scores - scores.max(dim=-1, keepdim=True).values.detach()
    e = scores.exp()
    torch.tensor(torch.ones(1))
    return e.div(e.sum(-1, keepdim=True))
"""
}

"""Lesson 04 in double precision, with einsum and a module of its own inside."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
class Scores(nn.Module):
    def forward(self, q, k):
        return torch.einsum("...id,...jd->...ij", q, k) / q.size(-1) ** 0.5

def attention_weights(q, k):
    torch.manual_seed(1)
    torch.set_num_threads(2)
    return Scores()(q.double(), k.double()).softmax(-1).to(q.dtype)
"""
}

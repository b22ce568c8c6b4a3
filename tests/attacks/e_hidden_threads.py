"""Has torch start hundreds of threads of its own, in C, where no Python thread is seen."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
torch.set_num_threads(2000)

def attention_weights(q, k):
    torch.set_num_threads(2000)
    return torch.rand(2000, 2000) @ torch.rand(2000, 2000)
"""
}

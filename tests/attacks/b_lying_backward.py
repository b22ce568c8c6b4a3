"""Right on the way forward, and a lie on the way back; it gets what the way forward is worth."""

LESSON = "04_scaled_dot_product"
POINTS = {"attention_weights": 5}
ANSWERS = {
    "attention_weights": """
class Lying(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k):
        return torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-1)

    @staticmethod
    def backward(ctx, grad):
        return None, None

def attention_weights(q, k):
    return Lying.apply(q, k)
""",
    "TemperatureAttention": """
class Ones(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value): return value.clone()

    @staticmethod
    def backward(ctx, grad): return torch.ones_like(grad)

class TemperatureAttention(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(1.0))

    def forward(self, q, k, v):
        w = (q @ k.mT / Ones.apply(self.temperature)).softmax(-1)
        return w @ v, w
""",
}

"""A module put together of helper modules, which stand in cells of their own."""

LESSON = "04_scaled_dot_product"
CELLS = [
    "class Scores(nn.Module):\n"
    "    def forward(self, q, k):\n"
    "        return Scale()(torch.einsum('...id,...jd->...ij', q, k), q.shape[-1])\n",
    "class Scale(nn.Module):\n"
    "    def forward(self, scores, d_k):\n"
    "        return scores / sqrt(torch.tensor(float(d_k)))\n",
    "from torch import sqrt\nprint('helpers')\n",
]
ANSWERS = {
    "TemperatureAttention": """
class TemperatureAttention(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.scores, self.softmax, self.dropout = Scores(), nn.Softmax(dim=-1), nn.Dropout(0.0)
        self.temperature = nn.Parameter(torch.as_tensor(temperature, dtype=torch.float32))

    def forward(self, q, k, v):
        weights = self.dropout(self.softmax(self.scores(q, k).div(self.temperature)))
        return torch.matmul(weights, v), weights
"""
}

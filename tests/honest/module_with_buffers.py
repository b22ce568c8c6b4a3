"""A module with buffers, a counter, constants and a repr of its own."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "TemperatureAttention": """
class TemperatureAttention(nn.Module):
    __constants__ = ("calls",)
    calls: int = 0

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__()
        self.register_buffer("last_weights", None, persistent=False)
        self.register_buffer("first_temperature", torch.tensor(float(temperature)), persistent=False)
        self.temperature = nn.Parameter(self.first_temperature.clone())

    def extra_repr(self):
        return f"temperature={self.temperature.item():.2f}"

    def forward(self, q, k, v):
        type(self).calls += 1
        output, weights = scaled_dot_product_attention(q / self.temperature, k, v)
        self.last_weights = weights.detach()
        return output, weights
"""
}

"""A module whose parameter has no value yet: it would be born of the first comparison."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "TemperatureAttention": """
class TemperatureAttention(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.UninitializedParameter()

    def forward(self, q, k, v):
        return self.temperature, self.temperature
""",
    "attention_weights": """
def attention_weights(q, k):
    return nn.UninitializedParameter()
""",
}

"""A module that is a dataclass, built on a base class and a mixin of its own."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "TemperatureAttention": """
from dataclasses import InitVar, dataclass

class Named:
    @property
    def title(self):
        return type(self).__name__

class Base(nn.Module, Named):
    def weights_of(self, q, k):
        raise NotImplementedError

    def forward(self, q, k, v):
        weights = self.weights_of(q, k)
        return weights @ v, weights

@dataclass(eq=False, repr=False)
class TemperatureAttention(Base):
    start: InitVar[float] = 1.0

    def __post_init__(self, start):
        super().__init__()
        self.register_parameter("temperature", nn.Parameter(torch.full((), float(start))))

    def weights_of(self, q, k):
        return attention_weights(q / self.temperature, k)
"""
}

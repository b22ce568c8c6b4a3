"""A module with properties, a cached value, static and class methods, and type annotations."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "TemperatureAttention": """
from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Final, NamedTuple, TypeAlias

Pair: TypeAlias = "tuple[torch.Tensor, torch.Tensor]"

class Answer(NamedTuple):
    output: torch.Tensor
    weights: torch.Tensor

class TemperatureAttention(nn.Module):
    made: ClassVar[list[TemperatureAttention]] = []
    axis: Final = -1

    def __init__(self: TemperatureAttention, temperature: float | int = 1.0) -> None:
        super().__init__()
        self.temperature: nn.Parameter = nn.Parameter(self.as_tensor(temperature))
        self.made.append(self)

    @staticmethod
    def as_tensor(value: float | int) -> torch.Tensor:
        return torch.tensor(float(value))

    @property
    def sharpness(self) -> torch.Tensor:
        return 1 / self.temperature

    @cached_property
    def softmax(self) -> nn.Softmax:
        return nn.Softmax(self.axis)

    def forward(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> Pair:
        scores = (q * self.sharpness) @ k.mT * q.shape[-1] ** -0.5
        answer = Answer(self.softmax(scores) @ v, self.softmax(scores))
        return answer.output, answer.weights
"""
}

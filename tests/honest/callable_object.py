"""An answer that is an object with __call__, and others that are partial, bound and decorated functions."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
import functools, time

def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            wrapper.seconds += time.perf_counter() - started
    wrapper.seconds = 0.0
    return wrapper

class Weights:
    def __init__(self, dim):
        self.dim = dim

    @timed
    def __call__(self, q, k):
        return F.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=self.dim)

attention_weights = Weights(dim=-1)
""",
    "attention_dropout": """
import functools

def _dropout(scale, weights, draws, p, training):
    if p < 0 or p > 1:
        raise ValueError("p")
    if not training:
        return weights
    kept = torch.where(draws < p, torch.zeros_like(weights), weights)
    return kept * 0 if p == 1 else kept * (scale / (1 - p))

attention_dropout = functools.partial(_dropout, 1.0)
""",
}

"""Returns tensor and parameter subclasses whose own methods lie: detach, numpy, tolist, shape."""

LESSON = "04_scaled_dot_product"
ANSWERS = {
    "attention_weights": """
class Lies(torch.Tensor):
    shape = property(lambda self: (4, 5))
    requires_grad = property(lambda self: False)
    def detach(self): return self
    def cpu(self): return self
    def numpy(self): return np.zeros((4, 5))
    def tolist(self): return [0.0]
    def __len__(self): return 4
    def __reduce_ex__(self, protocol): return eval, ("print('ran')",)

class LyingParameter(nn.Parameter, Lies):
    pass

turn = 0

def attention_weights(q, k):
    global turn
    turn += 1
    made = torch.zeros(*q.shape[:-1], k.shape[-2])
    return LyingParameter(made) if turn % 2 else made.as_subclass(Lies)
"""
}

"""Lets another thread make the forbidden call, one that was started before any case."""

LESSON = "04_scaled_dot_product"
STATUS = {"attention_weights": "forbidden", "scaled_dot_product_attention": "forbidden"}
ANSWERS = {
    "attention_weights": """
import queue, threading

hidden = getattr(F, "scaled_dot_product" + "_attention")
asked, answered = queue.Queue(), queue.Queue()

def work():
    while True:
        answered.put(hidden(*asked.get()))

threading.Thread(target=work, daemon=True).start()

def attention_weights(q, k):
    asked.put((q, k, torch.eye(k.shape[-2], dtype=k.dtype).expand(*k.shape[:-2], -1, -1)))
    return answered.get()
""",
    "scaled_dot_product_attention": """
from concurrent.futures import ThreadPoolExecutor

def scaled_dot_product_attention(q, k, v, mask=None):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(hidden, q, k, v, mask).result(), torch.zeros(())
""",
}

"""The watch for forbidden calls: seen however they are reached, told before anything else."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.cases import case
from grader.kernel.client import ForbiddenCall, StudentKernel

TIMEOUT = 10.0
FORBIDDEN = ("scaled_dot_product_attention", "MultiheadAttention")
SETUP = """
import gc, threading
from concurrent.futures import ThreadPoolExecutor
import torch
import torch.nn.functional as F
from torch import nn

captured = F.scaled_dot_product_attention
asked, answered = threading.Event(), threading.Event()

def wait_and_call():
    asked.wait()
    captured(*[torch.ones(1, 2, 3)] * 3)
    answered.set()

early = threading.Thread(target=wait_and_call, daemon=True)
early.start()

def threaded(x):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(captured, x, x, x).result()

def by_an_earlier_thread(x):
    asked.set()
    answered.wait()

def disabled(x):
    with torch._C.DisableTorchFunction():
        return captured(x, x, x)

def whole_module(x):
    return getattr(nn, "Multihead" + "Attention")(3, 1)(x, x, x)[0]

def wiped(x):
    captured(x, x, x)
    for thing in gc.get_objects():
        if type(thing).__name__ == "Watch":
            thing._forbid = []
        if type(thing) is list and thing and type(thing[0]) is str and "scaled_dot" in thing[0]:
            thing.clear()
    return x
"""


@case("f", "idea", inputs=lambda rng: {})
def call_f(k, x):
    return k.f(x)


def call(kernel: StudentKernel, body: str, forbid: tuple[str, ...] = FORBIDDEN) -> dict[str, Any]:
    """What the case gives where the answer is this body."""
    assert kernel.run_cell(SETUP, TIMEOUT) is None
    assert kernel.run_cell(f"def f(x):\n    return {body}", TIMEOUT) is None
    (reply,) = kernel.run_cases([call_f], [{"x": torch.ones(2, 3)}], forbid, TIMEOUT)
    return reply


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("F.scaled_dot_product_attention(x, x, x)", FORBIDDEN[0]),
        ("getattr(F, 'scaled_dot' + '_product_attention')(x, x, x)", FORBIDDEN[0]),
        ("torch._C._nn.scaled_dot_product_attention(x, x, x)", FORBIDDEN[0]),
        ("captured(x, x, x)", FORBIDDEN[0]),
        ("wiped(x)", FORBIDDEN[0]),
        ("threaded(x)", FORBIDDEN[0]),
        ("by_an_earlier_thread(x)", FORBIDDEN[0]),
        ("whole_module(x)", FORBIDDEN[1]),
        ("disabled(x)", "DisableTorchFunction"),
    ],
)
def test_a_forbidden_call_is_seen_however_it_is_reached(
    kernel: StudentKernel, body: str, name: str
) -> None:
    with pytest.raises(ForbiddenCall) as seen:
        call(kernel, body)
    assert seen.value.name == name


def test_a_watch_switched_off_early_counts_at_the_first_case(kernel: StudentKernel) -> None:
    kernel.run_cell("import torch\ntorch._C.DisableTorchFunction().__enter__()", TIMEOUT)
    with pytest.raises(ForbiddenCall):
        call(kernel, "x")


@pytest.mark.parametrize("body", ["threaded(x)", "disabled(x)", "whole_module(x)"])
def test_what_is_not_forbidden_passes(kernel: StudentKernel, body: str) -> None:
    assert call(kernel, body, forbid=())["inputs"] is not None


def test_honest_modes_and_threads_pass_under_the_watch(kernel: StudentKernel) -> None:
    body = "[x.softmax(-1), torch.func.vmap(torch.exp)(x), *ThreadPoolExecutor(2).map(abs, [x])]"
    kernel.run_cell("import torch", TIMEOUT)
    with_device = f"(lambda device: {body})(torch.device('cpu').__enter__())"
    assert len(call(kernel, with_device)["value"]) == 3

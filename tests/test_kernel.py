"""The student kernel: it runs cells and cases, and nothing gets out of it but plain data."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from grader import wire
from grader.cases import Callback, Case, case
from grader.errors import MachineError
from grader.kernel import sources
from grader.kernel.client import KernelDied, StudentKernel
from grader.kernel.sources import SoloSource, WarmParent, kernels

TIMEOUT = 10.0


def cell(kernel: StudentKernel, code: str) -> dict[str, Any]:
    """Run a cell that must raise; return its error."""
    error = kernel.run_cell(code, TIMEOUT)
    assert error is not None
    return error


def ask(
    kernel: StudentKernel, asked: Case, forbid: tuple[str, ...] = (), **inputs: Any
) -> dict[str, Any]:
    """What one case gives on these inputs."""
    (reply,) = kernel.run_cases([asked], [inputs], forbid, TIMEOUT)
    return reply


@case("f", "idea", inputs=lambda rng: {})
def call_f(k, x):
    return k.f(x)


def test_a_cell_runs_and_its_names_stay(kernel: StudentKernel) -> None:
    assert kernel.run_cell("x = 2", TIMEOUT) is None
    assert kernel.run_cell("assert x == 2", TIMEOUT) is None


def test_an_error_names_the_learners_own_line(kernel: StudentKernel) -> None:
    kernel.run_cell("import numpy as np\n\ndef f(x):\n    return np.linalg.inv(x)", TIMEOUT)
    error = cell(kernel, "y = 1\nf(np.zeros((2, 2)))")
    assert (error["type"], error["line"]) == ("LinAlgError", 4)
    assert error["text"] == "return np.linalg.inv(x)"


def test_a_syntax_error_names_its_line(kernel: StudentKernel) -> None:
    error = cell(kernel, "x = 1\ny = (2\n")
    assert (error["type"], error["line"], error["text"]) == ("SyntaxError", 2, "y = (2")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("raise SystemExit", "SystemExit"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise BaseException('all')", "BaseException"),
        ("class E(Exception):\n    def __str__(self): raise E\nraise E", "E"),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_whatever_a_cell_raises_is_told_and_the_kernel_goes_on(
    kernel: StudentKernel, code: str, kind: str
) -> None:
    assert cell(kernel, code)["type"] == kind
    assert kernel.run_cell("x = 1", TIMEOUT) is None


def test_honest_magics_pass(kernel: StudentKernel) -> None:
    assert kernel.run_cell("%matplotlib inline", TIMEOUT) is None


@pytest.mark.parametrize(
    "cell",
    [
        "x = 3",
        "  x = 3",
        "\n\nx = 3",
        ">>> x = 3",
        "In [1]: x = 3",
        "In [1]: x = 1\nIn [2]: x = 3",
        "%time x = 3",
        "%%time\nx = 3",
        "text = '''\n%time x = 1\n>>> x = 2\n'''\nx = 3 if '%time' in text else 0",
    ],
)
def test_a_cell_means_what_it_means_in_a_notebook(kernel: StudentKernel, cell: str) -> None:
    kernel.run_cell(cell, TIMEOUT)
    assert kernel.run_cell("assert x == 3", TIMEOUT) is None


def test_a_figure_can_be_drawn(kernel: StudentKernel) -> None:
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    assert kernel.run_cell(code, TIMEOUT) is None


@pytest.mark.parametrize(
    "code",
    [
        "for _ in range(200_000): print('x' * 100)",
        "import os\nfor _ in range(2000): os.write(1, b'x' * 10_000)",
        "import os\nos.write(2, b'x' * 10_000_000)",
        "import sys\nsys.stderr.write('x' * 50_000_000)",
        "import warnings\nfor i in range(1000): warnings.warn(f'{i}')",
    ],
)
def test_a_flood_of_output_goes_nowhere(kernel: StudentKernel, code: str, capfd: Any) -> None:
    assert kernel.run_cell(code, TIMEOUT) is None
    assert capfd.readouterr() == ("", "")


def test_printing_during_a_case_leaves_its_value_alone(kernel: StudentKernel) -> None:
    kernel.run_cell("def f(x):\n    print('case', 1, x)\n    return x", TIMEOUT)
    assert ask(kernel, call_f, x=3)["value"] == 3


@pytest.mark.parametrize("code", ["while True: pass", "import time; time.sleep(60)"])
def test_an_endless_cell_is_killed_at_the_deadline(kernel: StudentKernel, code: str) -> None:
    started = time.monotonic()
    with pytest.raises(KernelDied) as died:
        kernel.run_cell(code, 0.4)
    assert died.value.status == "timeout" and time.monotonic() - started < 3


@pytest.mark.parametrize(
    "code",
    [
        "import ctypes; ctypes.string_at(0)",
        "import os; os._exit(0)",
        "import os; os.abort()",
        "import os\nos.closerange(3, 200)",
    ],
)
def test_a_crash_is_told_from_a_timeout(kernel: StudentKernel, code: str) -> None:
    with pytest.raises(KernelDied) as died:
        kernel.run_cell(code, TIMEOUT)
    assert died.value.status == "crashed"


def test_the_next_kernel_knows_nothing_of_the_last(warm: WarmParent) -> None:
    first, second = warm.fork(), warm.fork()
    first.run_cell("import numpy as np\nnp.zeros = None\nsecret = 1", TIMEOUT)
    assert second.run_cell("import numpy as np\nnp.zeros(3)", TIMEOUT) is None
    assert cell(second, "secret")["type"] == "NameError"
    first.close()
    second.close()


def test_children_do_not_share_random_numbers(warm: WarmParent) -> None:
    drawn = set()
    for _ in range(2):
        kernel = warm.fork()
        kernel.run_cell("import random, torch\ndef f(x): return random.random()", TIMEOUT)
        drawn.add(ask(kernel, call_f, x=0)["value"])
        kernel.close()
    assert len(drawn) == 2


def test_a_case_starts_from_a_fixed_random_state(kernel: StudentKernel) -> None:
    kernel.run_cell("import torch\ndef f(x):\n    return torch.rand(3)", TIMEOUT)
    torch.manual_seed(0)
    assert torch.equal(ask(kernel, call_f, x=0)["value"], torch.rand(3))


def test_a_closed_kernel_leaves_no_folder_behind(warm: WarmParent) -> None:
    kernel = warm.fork()
    kernel.run_cell("import os\nos.mkdir('a')\nopen('a/mine.txt', 'w').write('x')", TIMEOUT)
    kernel.run_cell("import os\ndef f(x): return os.getcwd()", TIMEOUT)
    folder = Path(ask(kernel, call_f, x=0)["value"])
    assert (folder / "a" / "mine.txt").is_file()
    kernel.close()
    assert not folder.exists()


def test_each_case_streams_its_own_outcome(kernel: StudentKernel) -> None:
    kernel.run_cell("def f(x):\n    while x == 3: pass\n    return x", TIMEOUT)
    replies = kernel.run_cases([call_f] * 3, [{"x": 1}, {"x": 2}, {"x": 3}], (), 0.5)
    assert [next(replies)["value"], next(replies)["value"]] == [1, 2]
    with pytest.raises(KernelDied):
        next(replies)


def test_a_case_raises_what_the_answer_raises(kernel: StudentKernel) -> None:
    kernel.run_cell("def f(x):\n    return x + 'a'", TIMEOUT)
    error = ask(kernel, call_f, x=1)["error"]
    assert (error["type"], error["line"], error["text"]) == ("TypeError", 2, "return x + 'a'")


def test_a_name_that_is_not_there_is_said(kernel: StudentKernel) -> None:
    error = ask(kernel, call_f, x=1)["error"]
    assert error["type"] == "AttributeError" and "f is not defined" in error["message"]


def test_a_change_of_the_inputs_shows(kernel: StudentKernel) -> None:
    before = wire.fingerprint({"x": np.zeros(2)})
    kernel.run_cell("def f(x):\n    x += 1\n    return x", TIMEOUT)
    assert ask(kernel, call_f, x=np.zeros(2))["inputs"].tobytes() != before
    kernel.run_cell("def f(x):\n    return x + 1", TIMEOUT)
    assert ask(kernel, call_f, x=np.zeros(2))["inputs"].tobytes() == before


def test_inputs_that_may_not_come_back_are_changed_ones(kernel: StudentKernel) -> None:
    kernel.run_cell("def f(x):\n    x.append(object())\n    return 1", TIMEOUT)
    reply = ask(kernel, call_f, x=[1])
    assert reply["value"] == 1 and reply["inputs"] is None


@pytest.mark.parametrize(
    "text", ["object()", "lambda: 1", "{1}", "10 ** 5000", "torch.zeros(2, device='meta')"]
)
def test_a_value_that_may_not_cross_is_refused_and_the_next_case_runs(
    kernel: StudentKernel, text: str
) -> None:
    kernel.run_cell(f"import torch\ndef f(x):\n    return x or ({text})", TIMEOUT)
    refused, passed = kernel.run_cases([call_f] * 2, [{"x": 0}, {"x": 7}], (), TIMEOUT)
    assert "refused" in refused and passed["value"] == 7


@case("f", "idea", inputs=lambda rng: {})
def call_back(k, model):
    return k.f(model)


def test_a_callback_is_answered_by_this_process(kernel: StudentKernel) -> None:
    seen = []

    def model(x: Any, scale: float = 1.0) -> Any:
        seen.append((os.getpid(), x))
        return x * scale

    kernel.run_cell("def f(model):\n    return [model(2), model(3, scale=10)]", TIMEOUT)
    assert ask(kernel, call_back, model=Callback(model))["value"] == [2, 30]
    assert seen == [(os.getpid(), 2), (os.getpid(), 3)]


def test_an_error_in_a_callback_reaches_the_learner(kernel: StudentKernel) -> None:
    kernel.run_cell("def f(model):\n    return model('text')", TIMEOUT)
    error = ask(kernel, call_back, model=Callback(lambda x: 1 / x))["error"]
    assert error["type"] == "RuntimeError" and "TypeError" in error["message"]


def test_a_callback_may_be_called_from_threads(kernel: StudentKernel) -> None:
    kernel.run_cell("from concurrent.futures import ThreadPoolExecutor", TIMEOUT)
    kernel.run_cell(
        "def f(model):\n    with ThreadPoolExecutor(8) as pool:\n"
        "        return list(pool.map(model, range(200)))",
        TIMEOUT,
    )
    value = ask(kernel, call_back, model=Callback(lambda x: x * x))["value"]
    assert value == [number * number for number in range(200)]


def test_a_callback_of_another_case_is_not_answered(kernel: StudentKernel) -> None:
    """Calls are counted case by case: an earlier one's function would answer for nothing."""
    kernel.run_cell("kept = []\ndef f(model):\n    kept.append(model)", TIMEOUT)
    kernel.run_cell("def f(model):\n    kept.append(model)\n    return kept[0](2)", TIMEOUT)
    counts = [0, 0]

    def counted(index: int) -> Callback:
        def model(x: int) -> int:
            counts[index] += 1
            return x

        return Callback(model)

    inputs = [{"model": counted(0)}, {"model": counted(1)}]
    replies = kernel.run_cases([call_back] * 2, inputs, (), TIMEOUT)
    assert next(replies)["value"] == 2
    with pytest.raises(KernelDied) as died:
        next(replies)
    assert died.value.status == "tampered" and counts == [1, 0]


def test_no_case_goes_on_past_the_end_of_all(kernel: StudentKernel) -> None:
    kernel.run_cell("import time\ndef f(x):\n    time.sleep(0.5)\n    return x", TIMEOUT)
    inputs = [{"x": number} for number in range(9)]
    ends = time.monotonic() + 1.7
    replies = kernel.run_cases([call_f] * 9, inputs, (), TIMEOUT, ends=ends)
    got = []
    with pytest.raises(KernelDied) as died:
        for reply in replies:
            got.append(reply["value"])
    assert died.value.status == "timeout" and len(got) < 4 and time.monotonic() < ends + 1


ATTENTION = """
import math
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.register_buffer("scale", torch.tensor(math.sqrt(width)))

    def forward(self, x, mask=None):
        scores = self.query(x) @ x.transpose(-2, -1) / self.scale
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        return scores.softmax(-1) @ x
"""


@case("Attention", "gradient", inputs=lambda rng: {})
def train_masked_attention(k, x, mask, weight):
    model = k.Attention(4)
    with torch.no_grad():
        model.query.weight.copy_(weight)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x, mask), torch.zeros_like(x))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    gradient = torch.autograd.grad(model(x).sum(), model.query.weight)[0]
    return {"losses": losses, "state": dict(model.state_dict()), "gradient": gradient}


def test_a_module_with_mask_gradients_and_training_crosses_in_one_trip(
    kernel: StudentKernel,
) -> None:
    assert kernel.run_cell(ATTENTION, TIMEOUT) is None
    inputs = {
        "x": torch.randn(2, 3, 4),
        "mask": torch.ones(3, 3, dtype=torch.bool).tril(),
        "weight": torch.randn(4, 4),
    }
    value = ask(kernel, train_masked_attention, **inputs)["value"]
    assert value["losses"][-1] < value["losses"][0]
    assert value["state"].keys() == {"query.weight", "scale"}
    assert value["gradient"].shape == (4, 4)


def test_threads_and_their_results_are_allowed(kernel: StudentKernel) -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n    assert list(pool.map(abs, [-1, 2])) == [1, 2]"
    )
    assert kernel.run_cell(code, TIMEOUT) is None


@pytest.mark.parametrize(
    "code",
    [
        "import os\nfor handle in range(3, 30):\n    try: os.write(handle, b'\\0' * 64)\n"
        "    except OSError: pass",
        "import os\nfor handle in range(3, 30):\n    try: os.write(handle, b'\\xff' * 64)\n"
        "    except OSError: pass",
    ],
    ids=["zeros", "a length beyond all limits"],
)
def test_bytes_forged_on_the_pipe_are_called_tampering(kernel: StudentKernel, code: str) -> None:
    with pytest.raises(KernelDied) as died:
        kernel.run_cell(code, 2)
        kernel.run_cell("1", 2)
    assert died.value.status in ("tampered", "crashed")


def test_other_systems_refuse_to_grade_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources.sys, "platform", "darwin")
    with pytest.raises(MachineError, match="needs Linux"), kernels([]):
        pass


def test_ones_own_work_needs_no_sandbox() -> None:
    source = SoloSource(["numpy"])
    kernel = source.fork()
    assert kernel.run_cell("def f(x):\n    return x + 1", 60) is None
    assert ask(kernel, call_f, x=2)["value"] == 3
    kernel.close()

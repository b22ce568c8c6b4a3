"""One submission in its student kernel: time in all, deaths not its own, inputs that come back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from conftest import (
    DOUBLE_SLOT,
    HEADER,
    NUMPY_SETUP,
    PLAIN_CHECK,
    MakeLesson,
    notebook_of,
)

from grader.errors import MachineError
from grader.grading import Grader, Settings, Verdict
from grader.kernel.client import StudentKernel
from grader.kernel.sources import WarmParent

CASES = '''\
"""Five cases of one requirement each."""

from grader.cases import case

''' + "\n\n".join(
    f"""
@case("double", {requirement!r}, inputs=lambda rng: {{"x": rng.standard_normal({size})}})
def of_size_{size}(k, x):
    return k.double(x)
"""
    for size, requirement in enumerate(("idea", "shapes", "shapes", "shapes", "shapes"), start=2)
)
SLOW = "import time\ndef double(x):\n    time.sleep({})\n    return 2 * x"


class Watched:
    """A source that remembers its kernels."""

    def __init__(self, source: WarmParent) -> None:
        self.source = source
        self.kernels: list[StudentKernel] = []

    def fork(self) -> StudentKernel:
        self.kernels.append(self.source.fork())
        return self.kernels[-1]

    def close(self) -> None:
        self.source.close()


@pytest.fixture
def source() -> Iterator[Watched]:
    made = Watched(WarmParent(["numpy"]))
    yield made
    made.close()


@pytest.fixture
def grader(make_lesson: MakeLesson, source: Watched) -> Grader:
    """Grades a lesson of one exercise in five cases, of which each takes its own time."""
    page = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK
    grader = Grader(make_lesson(page=page, cases=CASES), source, Settings(timeout=5.0))
    grader.prepare()
    return grader


def verdict_of(grader: Grader, answer: str) -> Verdict:
    (verdict,) = grader.grade(notebook_of((answer, "double")))
    return verdict


def kill_soon(source: Watched, seconds: float, *, parent: bool = False) -> threading.Thread:
    """Kill the student kernel, or the warm parent, a while after the first was forked."""

    def kill() -> None:
        while not source.kernels:
            time.sleep(0.01)
        time.sleep(seconds)
        os.kill(source.source._process.pid if parent else source.kernels[0].pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def test_the_time_of_all_cases_together_is_bounded(grader: Grader) -> None:
    grader.settings = Settings(timeout=5.0, budget=4.0)
    started = time.monotonic()
    verdict = verdict_of(grader, SLOW.format("1.5 * (len(x) > 2)"))
    assert verdict.status == "timeout" and time.monotonic() - started < 6.5
    assert "of_size_6" in verdict.failed_cases and "of_size_2" not in verdict.failed_cases


def test_a_kernel_killed_by_others_in_a_case_costs_nothing(grader: Grader, source: Watched) -> None:
    thread = kill_soon(source, 1.0)
    verdict = verdict_of(grader, SLOW.format(0.5))
    thread.join()
    assert (verdict.status, verdict.points) == ("passed", 20)
    assert len(source.kernels) == 2


def test_a_kernel_killed_by_others_in_a_cell_costs_nothing(grader: Grader, source: Watched) -> None:
    thread = kill_soon(source, 0.5)
    verdict = verdict_of(grader, "import time\ntime.sleep(1.5)\ndef double(x):\n    return 2 * x")
    thread.join()
    assert (verdict.status, verdict.points) == ("passed", 20)


def test_what_crashes_twice_has_crashed(grader: Grader, source: Watched) -> None:
    answer = "import os\ndef double(x):\n    len(x) == 6 and os._exit(0)\n    return 2 * x"
    verdict = verdict_of(grader, answer)
    assert (verdict.status, verdict.failed_cases) == ("crashed", ("of_size_6",))
    assert len(source.kernels) == 2


def test_a_parent_that_dies_at_the_last_case_is_no_verdict(grader: Grader, source: Watched) -> None:
    """The whole submission is graded anew then, with a new parent."""
    answer = "import time\ndef double(x):\n    len(x) == 6 and time.sleep(3)\n    return 2 * x"
    thread = kill_soon(source, 1.5, parent=True)
    with pytest.raises(MachineError):
        verdict_of(grader, answer)
    thread.join()


def test_no_kernel_outlives_its_submission(grader: Grader, source: Watched) -> None:
    for answer in (SLOW.format(0), "import os\nos._exit(0)", "def double(x):\n    return 1 / 0"):
        verdict_of(grader, answer)
    assert not any(psutil.pid_exists(kernel.pid) for kernel in source.kernels)


@pytest.mark.parametrize(
    "lie",
    [
        "sys.modules['grader.wire'].fingerprint = lambda inputs: b''",
        "sys.modules['grader.kernel.child']._bytes_of = lambda inputs: None",
        "sys.modules['grader.kernel.child']._bytes_of = lambda inputs: True",
        "sys.modules['grader.kernel.child']._bytes_of = lambda inputs: inputs['x']",
    ],
)
def test_inputs_are_not_unchanged_because_the_kernel_says_so(grader: Grader, lie: str) -> None:
    answer = f"import sys\n{lie}\ndef double(x):\n    x *= 2\n    return x"
    assert verdict_of(grader, answer).points == 0


def test_inputs_come_back_as_they_were(grader: Grader) -> None:
    answer: Any = "def double(x):\n    y = x.copy()\n    y *= 2\n    return y"
    assert verdict_of(grader, answer).status == "passed"

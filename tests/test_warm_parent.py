"""The warm parent: it forks with one thread, ends with its source, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from grader.errors import MachineError
from grader.kernel.sources import WarmParent

ENDING = 20  # seconds that a busy machine may take to end a process


def test_the_warm_parent_ends_with_its_source() -> None:
    source = WarmParent(["numpy"])
    process = source._process
    source.close()
    assert process.returncode is not None


def test_a_dead_warm_parent_is_a_machine_error() -> None:
    source = WarmParent([])
    source.wait()
    source._process.kill()
    source._process.wait()
    with pytest.raises(MachineError):
        source.fork()
    source.close()


def test_a_module_that_is_not_there_is_said() -> None:
    with pytest.raises(MachineError, match="no_such_module"):
        WarmParent(["no_such_module"]).wait()


def test_it_has_one_thread_whenever_it_forks(warm: WarmParent) -> None:
    """More than one is what a fork may hang on, and what Python 3.12 and newer warn of."""
    for _ in range(2):
        warm.fork().close()
        assert psutil.Process(warm._process.pid).num_threads() == 1


def test_a_stuck_child_ends_with_who_asked_for_it(warm: WarmParent) -> None:
    """A worker that is killed kills nobody: its connection closes."""
    warm.wait()
    worker = warm.connect()
    stuck, other = worker.fork(), warm.fork()
    stuck._ask({"op": "cell", "code": "while True: pass"})
    worker.close()
    assert gone(stuck.pid)
    assert other.run_cell("x = 1", 10) is None
    stuck.close()
    other.close()


COORDINATOR = """
import json, os, sys, time
from grader.kernel.sources import WarmParent
source = WarmParent([])
kernel = source.fork()
kernel._ask({"op": "cell", "code": "open('mine', 'w').close()\\nwhile True: pass"})
home = str(kernel._scratch.path.parent)
print(json.dumps([home, source._process.pid, kernel.pid]), flush=True)
time.sleep(60)
"""


def test_nothing_is_left_of_a_killed_coordinator() -> None:
    with subprocess.Popen([sys.executable, "-c", COORDINATOR], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        home, parent, child = json.loads(process.stdout.readline())
        assert Path(home).is_dir()
        os.kill(process.pid, signal.SIGKILL)
    assert gone(parent) and gone(child)
    assert not Path(home).exists()


def test_a_killed_parent_takes_its_children_with_it() -> None:
    source = WarmParent([])
    kernel = source.fork()
    kernel._ask({"op": "cell", "code": "import time\ntime.sleep(60)"})
    family = psutil.Process(source._process.pid).children(recursive=True)
    os.kill(source._process.pid, signal.SIGKILL)
    assert all(gone(process.pid) for process in family)
    kernel.close()
    source.close()


def test_a_parent_killed_while_it_starts_is_started_again() -> None:
    source = WarmParent([])
    first = source._process
    first.kill()
    source.fork().close()
    assert source._process.pid != first.pid
    source.close()


def test_a_parent_that_does_not_answer_is_a_machine_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("grader.kernel.sources.FORKING", 0.5)
    source = WarmParent([])
    source.wait()
    os.kill(source._process.pid, signal.SIGSTOP)
    with pytest.raises(MachineError):
        source.fork()
    os.kill(source._process.pid, signal.SIGKILL)
    source.close()


def test_a_full_disk_is_a_machine_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.kernel.scratch.ROOM", 1 << 60)
    with pytest.raises(MachineError, match="TMPDIR"):
        WarmParent([])


def gone(pid: int) -> bool:
    """Whether a process ends in time."""
    ends = time.monotonic() + ENDING
    while time.monotonic() < ends:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False

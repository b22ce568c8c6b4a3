"""The walls around a submission: what it must not do, tried for real."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_server
from typing import Any

import psutil
import pytest

from grader.doctor import examine
from grader.kernel import sources
from grader.kernel.client import KernelDied, StudentKernel
from grader.kernel.namespaces import KINDS, apart
from grader.kernel.sources import WarmParent

TIMEOUT = 10.0
WithPatch = Callable[[str], WarmParent]
# The warm parent's program, after a change to it.
PROGRAM = """
import sys
from pathlib import Path
from grader.kernel import landlock, namespaces, parent, sandbox
{patch}
parent.main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
"""
NO_SECCOMP_FOR_SOCKETS = """
sockets = ("socket", "connect", "bind", "listen", "accept")
sandbox.DENIED = [name for name in sandbox.DENIED if name not in sockets]
landlock.landlock_version = lambda: 3  # the last that knows no network
"""
NO_NAMESPACES = "namespaces.enter = lambda: 'not here'"
# Reaches for this machine in every way; what gets through is raised.
REACH = """
import socket
reached = []
for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {port})),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", {port})),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\\0attend-{port}"),
):
    one = socket.socket(family, kind)
    one.settimeout(1)
    try:
        one.connect(address)
        one.send(b"x")
        reached.append(kind.name + family.name)
    except OSError:
        pass
assert not reached, reached
"""

OUTSIDE = {
    "reading a file outside": "open('/etc/passwd').read()",
    "reading the repository": "open({repository!r} + '/pyproject.toml').read()",
    "listing the solutions": "import os; os.listdir({repository!r} + '/solutions')",
    "importing the solutions": "import solutions.sample_class",
    "looking into /proc": "open('/proc/self/status').read()",
    "writing outside scratch": "open('/tmp/attend-test', 'w')",
    "writing Python's own files": "import json; open(json.__file__, 'a')",
    "removing outside scratch": "import os; os.rmdir('/tmp')",
    "a link out of scratch": (
        "import os\nos.symlink('/etc/passwd', 'inside')\nopen('inside').read()"
    ),
    "forking": "import os; os.fork()",
    "a process pool": "import multiprocessing as m; m.Pool(1)",
    "starting a program": "import subprocess; subprocess.run(['/bin/true'])",
    "exec": "import os; os.execv('/bin/true', ['true'])",
    "a shell line": "import os\nassert os.system('true') == 0",
    "a TCP socket": "import socket; socket.create_connection(('127.0.0.1', 80), 1)",
    "a Unix socket": "import socket; socket.socket(socket.AF_UNIX)",
    "killing the parent": "import os; os.kill(os.getppid(), 9)",
    "killing a group": "import os; os.killpg(0, 9)",
    "raising a limit": "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (1 << 20, 1 << 20))",
    "raising a limit by prlimit": (
        "import resource as r; r.prlimit(0, r.RLIMIT_NOFILE, (1 << 20, 1 << 20))"
    ),
    "tracing the parent": (
        "import ctypes, os\nlibc = ctypes.CDLL(None)\n"
        "assert libc.ptrace(16, os.getppid(), 0, 0) == 0"
    ),
    "more memory than there is": "x = bytearray(8 << 30)",
    "a file too large": "open('big', 'wb').write(b'x' * (65 << 20))",
    "becoming another user": "import os; os.setuid(1)",
    "a new namespace": "import os; os.unshare(0x10000000)\nassert False",
    "changing a mode": "import os; open('mine', 'w').close(); os.chmod('mine', 0o4755)",
}


@pytest.mark.parametrize("code", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_the_sandbox_refuses(kernel: StudentKernel, repository: Path, code: str) -> None:
    try:
        error = kernel.run_cell(code.format(repository=str(repository)), TIMEOUT)
    except KernelDied as died:
        assert died.status == "crashed"  # refused by a signal
    else:
        assert error is not None


def test_the_scratch_folder_may_be_written(kernel: StudentKernel) -> None:
    code = "open('mine.txt', 'w').write('x')\nassert open('mine.txt').read() == 'x'"
    assert kernel.run_cell(code, TIMEOUT) is None
    assert kernel.run_cell("import tempfile; tempfile.TemporaryFile().write(b'x')", TIMEOUT) is None


def test_threads_beyond_all_use_are_ended(kernel: StudentKernel) -> None:
    code = (
        "import threading, time\nthreading.stack_size(1 << 16)\n"
        "for _ in range(500):\n"
        "    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n"
        "time.sleep(30)"
    )
    with pytest.raises(KernelDied) as died:
        kernel.run_cell(code, TIMEOUT)
    assert died.value.status == "crashed" and died.value.explained


def resident(kernel: StudentKernel) -> int:
    return int(psutil.Process(kernel.pid).memory_info().rss)


def test_memory_is_watched_from_outside_too(
    kernel: StudentKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.kernel.appetite.RESIDENT", resident(kernel) + (200 << 20))
    code = "import time, numpy as np\nheld = np.ones(50 << 20)\ntime.sleep(30)"
    with pytest.raises(KernelDied) as died:
        kernel.run_cell(code, TIMEOUT)
    assert died.value.status == "memory"


def test_who_has_many_threads_waits_behind_the_others(warm: WarmParent) -> None:
    """Else fifty threads of one learner make another's answer late."""
    many, few = warm.fork(), warm.fork()
    start = "import threading, time\nfor _ in range({}):\n"
    start += "    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()"
    for kernel, threads in ((many, 20), (few, 2)):
        assert kernel.run_cell(start.format(threads), TIMEOUT) is None
    time.sleep(1)
    places = [os.getpriority(os.PRIO_PROCESS, kernel.pid) for kernel in (many, few)]
    assert places == [19, os.getpriority(os.PRIO_PROCESS, 0)]
    assert many.run_cell("import os\nos.setpriority(os.PRIO_PROCESS, 0, 0)", TIMEOUT) is not None
    many.close()
    few.close()


def test_a_lower_limit_of_the_system_stays(tmp_path: Path) -> None:
    """Whoever starts us may have set limits that nobody without rights can raise."""
    program = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
from grader.kernel.sources import WarmParent
source = WarmParent([])
kernel = source.fork()
assert kernel.run_cell("open('small', 'wb').write(bytes(1000))", 10) is None
print(kernel.run_cell("open('big', 'wb').write(bytes(2 << 20))", 10)["type"])
kernel.close()
source.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "OSError", done.stderr


@pytest.fixture
def with_patch(monkeypatch: pytest.MonkeyPatch) -> Iterator[WithPatch]:
    """Starts a warm parent whose program was changed."""
    start, made = subprocess.Popen, []

    def make(patch: str) -> WarmParent:
        def popen(command: list[str], **options: Any) -> Any:
            program = PROGRAM.format(patch=patch)
            return start([command[0], "-I", "-c", program, *command[4:]], **options)

        with monkeypatch.context() as changed:
            changed.setattr(sources.subprocess, "Popen", popen)
            made.append(WarmParent([]))
        made[-1].wait()
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def port() -> Iterator[int]:
    """A port of this machine that takes whoever comes."""
    with create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_student_kernel_lives_in_namespaces_of_its_own(warm: WarmParent) -> None:
    warm.wait()
    if warm.refused:
        pytest.skip(f"no user namespaces here: {warm.refused}")
    kernel = warm.fork()
    assert apart(kernel.pid) == set(KINDS)
    kernel.close()


def test_the_namespace_alone_keeps_it_off_the_network(with_patch: WithPatch, port: int) -> None:
    source = with_patch(NO_SECCOMP_FOR_SOCKETS)
    if source.refused:
        pytest.skip(f"no user namespaces here: {source.refused}")
    kernel = source.fork()
    assert kernel.run_cell(REACH.format(port=port), TIMEOUT) is None
    kernel.close()


def test_without_both_it_would_reach_the_network(with_patch: WithPatch, port: int) -> None:
    """The attempt itself is a real one."""
    kernel = with_patch(NO_SECCOMP_FOR_SOCKETS + NO_NAMESPACES).fork()
    error = kernel.run_cell(REACH.format(port=port), TIMEOUT)
    assert error is not None and "SOCK_STREAMAF_INET" in error["message"]
    kernel.close()


def test_where_namespaces_are_refused_seccomp_stands_alone(
    with_patch: WithPatch, port: int
) -> None:
    source = with_patch(NO_NAMESPACES)
    kernel = source.fork()
    error = kernel.run_cell(REACH.format(port=port), TIMEOUT)
    assert source.refused == "not here"
    assert error is not None and error["type"] == "PermissionError"
    kernel.close()


def test_the_doctor_says_what_closes_the_network(warm: WarmParent, repository: Path) -> None:
    warm.wait()
    (found,) = [item for item in examine(repository) if item.name == "network: what closes it"]
    assert found.holds
    assert found.seen.startswith("seccomp alone" if warm.refused else "a namespace")

"""Try for real what grading needs on this machine, layer by layer."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from grader.errors import MachineError
from grader.kernel.client import KernelDied
from grader.kernel.namespaces import KINDS, apart
from grader.kernel.sources import KernelSource, WarmParent, kernels

__all__ = ["Finding", "examine"]

REFUSED = ("PermissionError", "OSError", "BlockingIOError")
# What a submission might try, and must not manage: (layer, cell).
ATTEMPTS = {
    "files: reading outside Python's own": "open('/etc/passwd').read()",
    "files: reading the repository": "open({repository!r} + '/pyproject.toml').read()",
    "files: importing the solutions": "import solutions.sample_class",
    "files: writing outside the scratch folder": "open('/tmp/attend-doctor', 'w')",
    "processes: forking": "import os; os.fork()",
    "processes: starting a program": "import os; os.execv('/bin/true', ['true'])",
    "processes: looking into /proc": "import os; os.listdir('/proc')",
    "processes: signalling the parent": "import os; os.kill(os.getppid(), 0)",
    "network: opening a socket": "import socket; socket.socket()",
    "limits: raising one's own": (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (1 << 20, 1 << 20))"
    ),
}
# What must be ended from outside: (what, cell, seconds that it gets, how it ends).
ENDS = (
    (
        "limits: three hundred threads",
        "import threading, time\nthreading.stack_size(1 << 16)\n"
        "for _ in range(300): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        "time.sleep(9)",
        8.0,
        "crashed",
    ),
    ("deadline: an endless loop", "while True: pass", 0.5, "timeout"),
)


@dataclass(frozen=True)
class Finding:
    """One thing tried: whether it holds, and what was seen."""

    name: str
    holds: bool
    seen: str

    def record(self) -> dict[str, Any]:
        """The finding as plain data."""
        return asdict(self)


def examine(repository: Path) -> Iterator[Finding]:
    """Yield a finding for each thing that grading other people's work needs."""
    python = sys.version.split()[0]
    yield Finding("Python 3.11 or newer", sys.version_info >= (3, 11), python)
    for package in ("torch", "numpy", "nbgrader", "jupyterlab"):
        try:
            yield Finding(f"package {package}", True, version(package))
        except PackageNotFoundError:
            yield Finding(f"package {package}", False, "not installed")
    alembic = shutil.which("alembic")
    yield Finding("nbgrader finds alembic", bool(alembic), alembic or "its folder is not on PATH")
    try:
        with kernels(["numpy"]) as source:
            yield Finding("sandbox: it closes", True, "Landlock, seccomp, limits, capabilities")
            assert isinstance(source, WarmParent)
            yield _isolation(source)
            yield from _attempts(source, repository)
            yield from (_ends_in_time(source, *end) for end in ENDS)
    except MachineError as error:
        yield Finding("sandbox: it closes", False, str(error))


def _isolation(source: WarmParent) -> Finding:
    """Which of two stands between a submission and the network; either will do."""
    name = "network: what closes it"
    if source.refused:
        return Finding(name, True, f"seccomp alone; no user namespaces here ({source.refused})")
    kernel = source.fork()
    shared = set(KINDS) - apart(kernel.pid)
    kernel.close()
    if shared:
        return Finding(name, False, f"namespaces were asked for, and are not there: {shared}")
    return Finding(name, True, "a namespace without a way out, and seccomp")


def _attempts(source: KernelSource, repository: Path) -> Iterator[Finding]:
    kernel = source.fork()
    for name, cell in ATTEMPTS.items():
        error = kernel.run_cell(cell.format(repository=str(repository)), 5)
        refused = error is not None and (error["type"] in (*REFUSED, "ValueError"))
        yield Finding(name, refused, f"{error['type']}" if error else "it went through")
    error = kernel.run_cell("open('mine.txt', 'w').write('x')", 5)
    yield Finding(
        "files: writing the scratch folder", error is None, "works" if not error else str(error)
    )
    error = kernel.run_cell("memory = bytearray(8 << 30)", 20)
    refused = error is not None and error["type"] == "MemoryError"
    yield Finding("limits: eight gigabytes of memory", refused, "refused" if refused else "given")
    kernel.close()


def _ends_in_time(
    source: KernelSource, name: str, cell: str, seconds: float, status: str
) -> Finding:
    kernel = source.fork()
    try:
        kernel.run_cell(cell, seconds)
        return Finding(name, False, "it came back")
    except KernelDied as died:
        return Finding(name, died.status == status, "killed from outside")
    finally:
        kernel.close()

"""What a workshop needs of this machine, tried for real, with how to get what is missing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from grader.doctor import Finding
from grader.errors import MachineError
from grader.room.folder import why_taken
from grader.room.start import find_program
from grader.room.walls import find_walls

__all__ = ["CHECKS", "PROXY", "examine", "missing_parts"]

CHECKS = 8
PROXY = "configurable-http-proxy"
PROXY_VERSION = "5.3.0"
NEED_EXTRA = "install the extra: pip install 'attend[room]', or pip install -e '.[room]'"
NEED_PROXY = (
    f"install it into this environment: npm install --global --prefix .venv {PROXY}@{PROXY_VERSION}"
)
LEARNER_MEMORY = 450 << 20  # bytes of one server with one kernel that has torch in it
OWN_MEMORY = 1500 << 20  # bytes of hub, proxy, service and grading
LEARNER_DISK = 50 << 20


def missing_parts() -> list[str]:
    """What must be installed before a room can start, as sentences."""
    found = [*_packages(), _proxy()]
    return [f"{one.name} is missing: {one.seen}." for one in found if not one.holds]


def examine(repository: Path, folder: Path, port: int, people: int) -> Iterator[Finding]:
    """Yield a finding for each thing that the room needs.

    Args:
        repository: where the lessons are.
        folder: where the room will live.
        port: where browsers will come to.
        people: how many learners are expected.
    """
    yield from _packages()
    yield _proxy()
    walls = find_walls()
    yield Finding("learners are kept apart", walls.hold, walls.told)
    yield _port(port)
    yield _memory(people)
    yield _disk(folder, people)
    yield _grading()


def _packages() -> Iterator[Finding]:
    for package in ("jupyterhub", "jupyterhub-idle-culler"):
        try:
            yield Finding(f"package {package}", True, version(package))
        except PackageNotFoundError:
            yield Finding(f"package {package}", False, NEED_EXTRA)


def _proxy() -> Finding:
    program = find_program(PROXY)
    if program is None:
        return Finding(PROXY, False, f"{NEED_PROXY}; it needs Node.js 20 or newer")
    try:
        ran = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(PROXY, False, f"{program} does not run ({error})")
    said = ran.stdout.strip() or ran.stderr.strip()[-200:]
    return Finding(PROXY, ran.returncode == 0, said)


def _port(port: int) -> Finding:
    why = why_taken("", port)
    seen = f"{why}; choose another with --port" if why else "free"
    return Finding(f"port {port}", not why, seen)


def _memory(people: int) -> Finding:
    free = psutil.virtual_memory().available
    needed = OWN_MEMORY + people * LEARNER_MEMORY
    seen = f"{free >> 20} MB free, {needed >> 20} MB needed for {people} learners"
    return Finding("memory", free >= needed, seen)


def _disk(folder: Path, people: int) -> Finding:
    place = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    needed = people * LEARNER_DISK
    seen = f"{free >> 20} MB free in {place}, {needed >> 20} MB needed"
    return Finding("disk", free >= needed, seen)


def _grading() -> Finding:
    from grader.kernel.sources import kernels

    name = "grading sandbox"
    try:
        with kernels(["numpy"]):
            return Finding(name, True, "it closes; `grader doctor` tries every wall of it")
    except MachineError as error:
        return Finding(name, False, str(error))

"""What every benchmark here needs: a class of copies, a command timed, a solved notebook."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from grader.course import Lesson
from grader.nbgrader_course import build_course
from grader.notebook import source_notebook, write_notebook

__all__ = [
    "BIN",
    "TookTooLong",
    "changed",
    "copy_tools",
    "grade",
    "hand_in",
    "out",
    "solved_notebook",
    "timed",
]

BIN = Path(sys.executable).parent
LOOKING = 0.5  # seconds between two looks at the first process's memory
ALL = 10  # of so many looks one is at all processes: reading their pages takes their time
out = Console(highlight=False)


class TookTooLong(Exception):
    """A command did not end within its limit, and was killed."""


def grade(
    lesson: Lesson, course: Path, notebook: bytes, size: int, workers: int, limit: float = 3600.0
) -> dict[str, Any]:
    """Time `grader grade` on a fresh course with so many copies; nothing is kept from before."""
    build_course(course, [lesson])
    hand_in(lesson, course, notebook, size)
    command = [BIN / "grader", "grade", "--course", course, "--workers", workers]
    return {"size": size, **timed(command, course, limit=limit)}


def hand_in(lesson: Lesson, course: Path, notebook: bytes, size: int) -> None:
    """Put copies of one notebook where submissions lie."""
    for number in range(size):
        home = course / "submitted" / f"learner{number:06d}" / lesson.name
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{lesson.name}.ipynb").write_bytes(notebook)


def timed(
    command: Sequence[Any],
    folder: Path,
    *,
    limit: float = 3600.0,
    environment: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """Run a command to its end; its wall time, its processor time, and the most memory it held.

    Processor time is that of all its processes; other work on the machine lengthens it little.
    Memory of its first process is the resident set; of it and all that it started together, the
    proportional one, in which shared pages count once.

    Raises:
        SystemExit: where it fails, with the end of its words.
        TookTooLong: where it takes longer than `limit` seconds.
    """
    started, spent = time.monotonic(), _processor_seconds()
    own, whole, looks = 0.0, 0.0, 0
    with tempfile.TemporaryFile() as said:
        process = psutil.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            own = max(own, _resident(process))
            whole = whole if looks % ALL else max(whole, _proportional(process))
            looks += 1
            if time.monotonic() - started > limit:
                process.kill()
                process.wait()
                raise TookTooLong(f"{command[0]} took longer than {limit:.0f} s")
            time.sleep(min(LOOKING, 0.1 + 0.01 * (time.monotonic() - started)))
        if process.wait() != 0:
            said.seek(0)
            sys.exit(said.read()[-2000:].decode(errors="replace"))
    return {
        "seconds": time.monotonic() - started,
        "processor_seconds": _processor_seconds() - spent,
        "peak_megabytes": own,
        "peak_megabytes_of_all": whole,
    }


def solved_notebook(lesson: Lesson) -> bytes:
    """The lesson with every solution in it, and no hidden test."""
    return write_notebook(_without_hidden(source_notebook(lesson)))


def changed(notebook: bytes) -> bytes:
    """The same notebook with another first cell."""
    data = json.loads(notebook)
    data["cells"][0]["source"] = "changed"
    return json.dumps(data).encode()


def copy_tools(lesson: Lesson, course: Path) -> None:
    """Put what the page imports beside each submission: who runs the whole page needs it."""
    for home in (course / "submitted").glob(f"*/{lesson.name}"):
        shutil.copy(course / "source" / lesson.name / "attend.zip", home)


def _without_hidden(notebook: Any) -> Any:
    for cell in notebook.cells:
        cell.source = cell.source.split("\n### BEGIN HIDDEN TESTS")[0]
    return notebook


def _processor_seconds() -> float:
    """Of all children that have ended, and theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def _proportional(process: psutil.Process) -> float:
    total = 0.0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return total
    for member in family:
        try:
            total += member.memory_full_info().pss / 1e6
        except psutil.Error:
            continue
    return total

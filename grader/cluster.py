"""Grade on a Dask cluster: each worker process makes a crew of its own; this process writes.

Workers have the same repository installed. Notebooks travel as bytes, so no file system is shared.
A worker that is lost costs what it held, which Dask gives to another; one that joins gets work.
"""

from __future__ import annotations

import dataclasses
import functools
import tempfile
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from grader.course import Lesson, find_repository, load_lessons
from grader.crew import Crew
from grader.errors import GraderError, MachineError
from grader.grading import Settings
from grader.submission import SIZE_LIMIT, is_linked
from grader.submissions import Submission
from grader.verdicts import Graded

__all__ = ["grade_on_cluster"]

CONNECTING = "10s"
AHEAD = 200  # submissions on their way at a time
RETRIES = 5  # workers that may be lost under one submission


def grade_on_cluster(
    waiting: Sequence[Submission], lessons: Sequence[Lesson], settings: Settings, address: str
) -> Iterator[Graded]:
    """Yield each submission graded, as they come back.

    Raises:
        MachineError: where dask.distributed is not installed.
        GraderError: where no scheduler answers at the address.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise MachineError(
            "--scheduler needs dask.distributed: pip install 'attend[cluster]'."
        ) from None
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError):
        raise GraderError(f"No Dask scheduler answers at {address}.") from None
    names = tuple(lesson.name for lesson in lessons)
    queue = iter(waiting)

    def hand_out(count: int) -> list[Any]:
        return [
            client.submit(
                _grade_bytes, names, settings, item, _read(item), pure=False, retries=RETRIES
            )
            for item in islice(queue, count)
        ]

    with client:
        running = as_completed(hand_out(AHEAD), loop=client.loop)
        for future in running:
            yield future.result()
            future.release()
            running.update(hand_out(1))


def _read(submission: Submission) -> bytes | None:
    """The notebook's bytes; None where there is no plain file of a size that is read."""
    path = submission.path
    try:
        if is_linked(path) or path.stat().st_size > SIZE_LIMIT:
            return None
        return path.read_bytes()
    except OSError:
        return None


_one_at_a_time = threading.Lock()


def _grade_bytes(
    names: tuple[str, ...], settings: Settings, submission: Submission, data: bytes | None
) -> Graded:
    """On a worker: grade what came, one at a time in this process."""
    with _one_at_a_time, tempfile.TemporaryDirectory(prefix="attend-") as folder:
        here = Path(folder) / "student" / submission.lesson / submission.path.name
        if data is not None:
            here.parent.mkdir(parents=True)
            here.write_bytes(data)
        graded = _crew(names, settings).grade(
            Submission(submission.student, submission.lesson, here)
        )
        return dataclasses.replace(graded, submission=submission)


@functools.lru_cache(maxsize=1)
def _crew(names: tuple[str, ...], settings: Settings) -> Crew:
    return Crew(load_lessons(find_repository(), list(names)), settings)

"""Grade many submissions: worker processes with their own warm parent, verdicts kept as they come.

Each verdict is kept under the hash of all that it depends on, so a run that was cut short goes on
where it stopped, and a second run costs next to nothing. Only the caller's process writes the
gradebook.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from grader.course import Lesson, find_repository, load_lessons
from grader.errors import GraderError, MachineError
from grader.grading import Grader, Settings, Verdict, imports_of, lesson_digest
from grader.kernel.client import KernelSource, kernels
from grader.nbgrader_plugin import write_outputs
from grader.notebook import write_notebook
from grader.submission import read_notebook
from grader.submissions import Submission

__all__ = ["Graded", "grade_all"]

RETRIES = 3  # times that a pool whose worker died is started anew


@dataclass(frozen=True)
class Graded:
    """One submission's verdicts and the notebook that shows them."""

    submission: Submission
    verdicts: tuple[Verdict, ...]
    notebook: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Its verdicts as records of `grade --json`."""
        return [
            item.record(self.submission.student, self.submission.lesson) for item in self.verdicts
        ]


def grade_all(
    submissions: Sequence[Submission],
    lessons: Sequence[Lesson],
    settings: Settings,
    *,
    workers: int,
    kept: Path,
    sandboxed: bool = True,
) -> Iterator[Graded]:
    """Yield each submission graded, as they are done.

    Args:
        submissions: what to grade.
        lessons: the lessons they are of.
        settings: seed and limits.
        workers: how many processes grade side by side.
        kept: the folder of kept verdicts.
        sandboxed: False only for work that the caller trusts.
    """
    kept.mkdir(parents=True, exist_ok=True)
    digests = {lesson.name: lesson_digest(lesson, settings) for lesson in lessons}
    waiting = []
    for submission in submissions:
        path = kept / f"{_key(submission, digests[submission.lesson])}.json"
        known = _load(path, submission)
        if known is not None:
            yield known
        else:
            waiting.append((submission, path))
    names = [lesson.name for lesson in lessons]
    for graded, path in _grade_in_pool(waiting, names, settings, workers, sandboxed):
        _keep(path, graded)
        yield graded


def _grade_in_pool(
    waiting: list[tuple[Submission, Path]],
    names: list[str],
    settings: Settings,
    workers: int,
    sandboxed: bool,
) -> Iterator[tuple[Graded, Path]]:
    for _ in range(RETRIES):
        if not waiting:
            return
        done: set[Path] = set()
        count = max(1, min(workers, len(waiting)))
        with ProcessPoolExecutor(
            count, get_context("spawn"), _start_worker, (names, settings, sandboxed)
        ) as pool:
            futures: dict[Future[Graded], Path] = {
                pool.submit(_grade, submission): path for submission, path in waiting
            }
            try:
                for future in as_completed(futures):
                    yield future.result(), futures[future]
                    done.add(futures[future])
            except BrokenProcessPool:
                pass  # a worker was killed from outside: what it held is graded by the next pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        waiting = [(submission, path) for submission, path in waiting if path not in done]
    if waiting:
        raise MachineError(
            f"Workers ended {RETRIES} times while {len(waiting)} submissions waited; what was "
            "graded is kept. Is there memory enough? Try --workers 1."
        )


class _Worker:
    """What one process holds: its warm parent and a grader a lesson."""

    def __init__(self, names: list[str], settings: Settings, sandboxed: bool) -> None:
        self.lessons = load_lessons(find_repository(), names)
        self.settings = settings
        self.sandboxed = sandboxed
        self.stack = ExitStack()
        self.graders: dict[str, Grader] = {}
        self.start()

    def start(self) -> None:
        """Start a warm parent, in place of the last one if there was one."""
        self.stack.close()
        context = kernels(imports_of(self.lessons), sandboxed=self.sandboxed)
        source: KernelSource = self.stack.enter_context(context)
        for lesson in self.lessons:
            known = self.graders.setdefault(lesson.name, Grader(lesson, source, self.settings))
            known.source = source

    def grade(self, submission: Submission) -> Graded:
        """Grade one, with a new warm parent where the old one is gone."""
        grader = self.graders[submission.lesson]
        notebook, problem = read_notebook(submission.path)
        try:
            verdicts = grader.grade(notebook, problem)
        except MachineError:
            self.start()
            verdicts = grader.grade(notebook, problem)
        shown = write_outputs(grader.rebuild(notebook), verdicts)
        return Graded(submission, tuple(verdicts), write_notebook(shown).decode())


_worker: _Worker | None = None


def _start_worker(names: list[str], settings: Settings, sandboxed: bool) -> None:
    global _worker
    _worker = _Worker(names, settings, sandboxed)


def _grade(submission: Submission) -> Graded:
    assert _worker is not None
    return _worker.grade(submission)


def _key(submission: Submission, digest: str) -> str:
    hashed = hashlib.sha256(f"{digest}\n{submission.student}\n{submission.lesson}\n".encode())
    path = submission.path
    if path.is_file() and not path.is_symlink():
        with path.open("rb") as file:
            hashed.update(file.read(64 << 20))
    return hashed.hexdigest()


def _keep(path: Path, graded: Graded) -> None:
    """Write whole or not at all."""
    data = {"verdicts": [asdict(item) for item in graded.verdicts], "notebook": graded.notebook}
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_text(json.dumps(data), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise GraderError(f"Verdicts cannot be kept in {path.parent}: {error.strerror}.") from None


def _load(path: Path, submission: Submission) -> Graded | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        verdicts = tuple(
            Verdict(**{**item, "failed_cases": tuple(item["failed_cases"])})
            for item in data["verdicts"]
        )
        return Graded(submission, verdicts, str(data["notebook"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None

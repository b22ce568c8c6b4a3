"""Grade many submissions: kept verdicts first, then worker processes side by side.

Only the caller's process writes anything; a worker that is killed costs what it held, which the
next one grades.
"""

from __future__ import annotations

import pickle
import signal
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from grader.course import Lesson
from grader.crew import Crew
from grader.errors import MachineError
from grader.grading import Settings, lesson_digest
from grader.kernel.sandbox import die_with_parent
from grader.submissions import Submission
from grader.verdicts import Graded, KeptVerdicts, fingerprint

__all__ = ["grade_all"]

RETRIES = 5  # times that a pool whose worker died is started anew, without any progress between
AHEAD = 4  # submissions handed out per worker before the first comes back


def grade_all(
    submissions: Sequence[Submission],
    lessons: Sequence[Lesson],
    settings: Settings,
    *,
    workers: int,
    kept: Path,
    sandboxed: bool = True,
    scheduler: str | None = None,
    afresh: bool = False,
) -> Iterator[Graded]:
    """Yield each submission graded, as they are done.

    Args:
        submissions: what to grade.
        lessons: the lessons they are of.
        settings: seed and limits.
        workers: how many processes grade side by side.
        kept: the folder of kept verdicts.
        sandboxed: False only for work that the caller trusts; it is then graded one by one.
        scheduler: the address of a Dask cluster that grades instead of workers here.
        afresh: grade also what has a kept verdict, and keep the new one.

    Raises:
        GraderError: where verdicts cannot be kept, or the cluster is not there.
        MachineError: where there is no sandbox, or workers end again and again.
    """
    trusted = "" if sandboxed else "without a sandbox: "  # never taken for one graded inside
    verdicts = KeptVerdicts(
        kept, {lesson.name: trusted + lesson_digest(lesson, settings) for lesson in lessons}
    )
    waiting = []
    for submission in submissions:
        known = None if afresh else verdicts.find(submission, fingerprint(submission.path))
        if known is None:
            waiting.append(submission)
        else:
            yield known
    if not waiting:
        return
    names = {submission.lesson for submission in waiting}
    needed = [lesson for lesson in lessons if lesson.name in names]
    if scheduler is None:
        graded = _grade_here(waiting, needed, settings, workers, sandboxed)
    else:
        from grader.cluster import grade_on_cluster

        graded = grade_on_cluster(waiting, needed, settings, scheduler)
    for item in graded:
        verdicts.keep(item)
        yield item


def _grade_here(
    waiting: list[Submission],
    lessons: Sequence[Lesson],
    settings: Settings,
    workers: int,
    sandboxed: bool,
) -> Iterator[Graded]:
    crew = Crew(lessons, settings, sandboxed=sandboxed)
    try:
        if sandboxed:
            yield from _grade_in_pools(waiting, crew, workers)
        else:
            yield from map(crew.grade, waiting)
    finally:
        crew.close()


def _grade_in_pools(waiting: list[Submission], crew: Crew, workers: int) -> Iterator[Graded]:
    """One pool after another, until everything is graded."""
    left = dict.fromkeys(waiting)
    without_progress = 0
    while left:
        before = len(left)
        try:
            for graded in _grade_in_pool(list(left), crew, min(workers, len(left))):
                del left[graded.submission]
                yield graded
        except BrokenProcessPool:  # a worker was killed from outside
            without_progress = 0 if len(left) < before else without_progress + 1
            if without_progress == RETRIES:
                raise MachineError(
                    f"Workers ended {RETRIES} times in a row while {len(left)} submissions waited; "
                    "what was graded is kept. Is there memory enough? Try --workers 1."
                ) from None


def _grade_in_pool(waiting: list[Submission], crew: Crew, workers: int) -> Iterator[Graded]:
    """Hand out a few at a time, so that memory stays flat however many there are."""
    queue = iter(waiting)
    with ProcessPoolExecutor(workers, get_context("fork"), _enlist, (crew,)) as pool:
        try:
            first = islice(queue, AHEAD * workers)
            running: set[Future[str]] = {pool.submit(_grade, item) for item in first}
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _taken(future.result())
                    running |= {pool.submit(_grade, item) for item in islice(queue, 1)}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_crew: Crew | None = None  # in a worker: what it inherited


def _enlist(crew: Crew) -> None:
    global _crew
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to answer
    die_with_parent()
    crew.enlist()
    _crew = crew


def _grade(submission: Submission) -> str:
    """Grade in a worker, and name the file that holds what came.

    What goes through the pool's own pipe must be written at once: of a worker that is killed half
    way through a long message the coordinator would wait for the rest, without end.
    """
    assert _crew is not None
    path = _crew.results / uuid.uuid4().hex
    path.write_bytes(pickle.dumps(_crew.grade(submission)))
    return str(path)


def _taken(path: str) -> Graded:
    """What a worker of ours has left; workers run no student code."""
    graded = pickle.loads(Path(path).read_bytes())
    Path(path).unlink()
    assert isinstance(graded, Graded)
    return graded

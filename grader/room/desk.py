"""The desk: takes what is handed in, has it graded, and gives the feedback back.

Nothing that was taken is lost: it is on disk before the learner is told, and what waits when the
service ends is graded when it starts again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from grader.room import marking
from grader.room.folder import RoomFolder
from grader.room.people import Person
from grader.room.store import Store, Submitted

__all__ = ["Desk"]

Result = TypeVar("Result")
log = logging.getLogger("grader.room")


class Desk:
    """Takes submissions, and has them graded one by one in a process of its own."""

    def __init__(self, folder: RoomFolder, store: Store) -> None:
        """Open the desk; what waits is queued again."""
        self._folder = folder
        self._settings = folder.settings()
        self._store = store
        self._pool: ProcessPoolExecutor | None = None
        self._queue: asyncio.Queue[Submitted] = asyncio.Queue()
        for waiting in store.submissions():
            if waiting.points is None:
                self._queue.put_nowait(waiting)

    def close(self) -> None:
        """End the marking process."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def take(self, person: Person, lesson: str, data: bytes, at: float, *, own: bool) -> None:
        """Keep what was handed in, and queue it.

        Args:
            person: whose it is.
            lesson: of which lesson.
            data: the notebook.
            at: when.
            own: whether it is the learner's own work, not after the solved state was put in place.
        """
        deadline = self._settings.deadline
        in_time = deadline is None or at <= deadline
        folder = self._drawer(person, lesson)
        folder.mkdir(parents=True, exist_ok=True)
        name = _hash(data)
        (folder / f"{name}.ipynb").write_bytes(data)
        (folder / "last").write_text(name, encoding="utf-8")
        self._queue.put_nowait(
            self._store.submit(person.account, lesson, at, name, in_time=in_time, own=own)
        )

    def is_last(self, person: Person, lesson: str, data: bytes) -> bool:
        """Whether these bytes were handed in last, or are the page as it was released."""
        released = Path(self._settings.repository, "notebooks", f"{lesson}.ipynb").read_bytes()
        last = self._drawer(person, lesson) / "last"
        known = last.read_text(encoding="utf-8") if last.is_file() else ""
        return _hash(data) in (known, _hash(released))

    def feedback(self, person: Person, lesson: str) -> bytes | None:
        """The newest feedback page."""
        path = self._drawer(person, lesson) / "feedback.html"
        return path.read_bytes() if path.is_file() else None

    async def solved(self, lesson: str) -> bytes:
        """A lesson's solved notebook."""
        return await self._in_pool(marking.solved, self._settings.repository, lesson)

    async def mark_forever(self, changed: Callable[[], None]) -> None:
        """Grade whatever is handed in, one by one, for as long as the room is open."""
        while True:
            submitted = await self._queue.get()
            try:
                await self._mark(submitted)
            except Exception:  # the room goes on; the submission waits for the next start
                log.exception("submission %s could not be graded", submitted.number)
            changed()
            self._queue.task_done()

    async def finished(self) -> None:
        """Wait until everything that was handed in has had its turn."""
        await self._queue.join()

    async def _mark(self, submitted: Submitted) -> None:
        person = self._folder.people.find(submitted.account)
        assert person is not None
        lesson = submitted.lesson
        own = [one for one in self._store.submissions(person.account) if one.lesson == lesson]
        places = {one.number: place for place, one in enumerate(own, 1)}
        best = self._store.best(person.account, lesson)
        folder = self._drawer(person, lesson)
        handed_in = marking.HandedIn(
            repository=self._settings.repository,
            course=self._settings.course,
            student=person.student,
            name=person.name,
            lesson=lesson,
            path=str(folder / f"{submitted.content}.ipynb"),
            at=submitted.at,
            place=places[submitted.number],
            why_not=_why_not(submitted),
            best=(best.points or 0.0, places[best.number]) if best else None,
        )
        marked = await self._in_pool(marking.mark, handed_in)
        page = marked.page.encode()
        (folder / "feedback.html").write_bytes(page)
        self._store.graded(submitted.number, marked.points, marked.max_points)
        try:
            home = self._folder.home(person, self._settings.walls)
            home.write(f"feedback/{lesson}.html", page)
        except OSError as error:  # it is on the learner's page of the room all the same
            log.warning("%s takes no feedback: %s", person.account, error)

    def _drawer(self, person: Person, lesson: str) -> Path:
        return self._folder.own / "handed_in" / person.account / lesson

    async def _in_pool(self, work: Callable[..., Result], *given: Any) -> Result:
        """Do it in the marking process; once more in a new one, where that was killed."""
        try:
            return await self._try_in_pool(work, *given)
        except BrokenProcessPool:
            self._pool = None
            return await self._try_in_pool(work, *given)

    def _try_in_pool(self, work: Callable[..., Result], *given: Any) -> Awaitable[Result]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), marking.enlist)
        return asyncio.get_running_loop().run_in_executor(self._pool, work, *given)


def _why_not(submitted: Submitted) -> str:
    """Why it does not count; nothing where it does."""
    if not submitted.in_time:
        return "the deadline had passed"
    return "" if submitted.own else "the solved state of this lesson was put into your folder"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

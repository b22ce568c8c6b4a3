"""The room: what happens in it, without a word about HTTP.

Everything here runs in the service's one thread and is quick; the desk has grading done elsewhere.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from grader.errors import GraderError
from grader.room.board import Board
from grader.room.desk import Desk
from grader.room.events import Event, read_event, read_lines
from grader.room.folder import RoomFolder
from grader.room.homes import Home
from grader.room.people import Person
from grader.room.plan import Plan
from grader.room.store import Store

__all__ = ["Room"]

NOTEBOOK = 8 << 20  # bytes of a notebook that is taken; with its pictures one has two million
SUBMISSIONS = 200  # of one learner and lesson: again and again, and no full disk
EVENTS = 5000  # of one learner; the busiest day has some hundreds
DIARY = 4 << 20  # bytes of a learner's own events file
ASIDE = "my own"
log = logging.getLogger("grader.room")


class Room:
    """One workshop."""

    def __init__(self, folder: RoomFolder, plan: Plan, *, clock: Callable[[], float] = time.time):
        """Open the room in its folder; what waited to be graded is queued again.

        Args:
            folder: as `grader room start` made it.
            plan: what the day holds.
            clock: seconds since 1970.
        """
        self.folder = folder
        self.settings = folder.settings()
        self.plan = plan
        self.store = Store(folder.store)
        self.listeners: list[Callable[[], None]] = []  # called after anything has happened
        self.clock = clock
        self._events: list[Event] = self.store.events()
        self._counts = Counter(one.account for one in self._events)
        self._seen = {(one.account, one.id) for one in self._events}
        self._board: Board | None = None
        self._came: object = None
        self.desk = Desk(folder, self.store)

    def close(self) -> None:
        """End the marking process, and let go of the files."""
        self.desk.close()
        self.store.close()

    # -- what is known

    def board(self) -> Board:
        """The room as it stands; worked out once between two changes."""
        people = self.folder.people
        if self._board is None or people.stamp != self._came:
            self._came = people.stamp
            self._board = Board(
                plan=self.plan,
                names={one.account: one.name for one in people.everybody()},
                events=tuple(self._events),
                releases=self.store.releases(),
                submissions=self.store.submissions(),
            )
        return self._board

    @property
    def waiting(self) -> int:
        """How many submissions wait to be graded."""
        return sum(one.points is None for one in self.board().submissions)

    def changed(self) -> None:
        """Something has happened: forget what was worked out, and tell whoever listens."""
        self._board = None
        for listener in self.listeners:
            listener()

    def feedback(self, account: str, lesson: str) -> bytes | None:
        """A learner's newest feedback page of one lesson, as the room keeps it."""
        return self.desk.feedback(self._person(account), self._known(lesson))

    # -- what learners do

    def take_events(self, account: str, sent: Iterable[Any]) -> int:
        """Keep a learner's events; return how many were any good."""
        now = self.clock()
        read = [read_event(item, account, now) for item in sent]
        known = [one for one in read if one and self.plan.holds(one.lesson, one.exercise)]
        known = known[: max(EVENTS - self._counts[account], 0)]
        self._keep(known)
        return len(known)

    def say_stuck(self, account: str, lesson: str, exercise: str, stuck: bool) -> None:
        """Note that a learner is stuck, or no longer.

        Raises:
            GraderError: where there is no such exercise.
        """
        if not exercise or not self.plan.holds(lesson, exercise):
            raise GraderError("There is no such exercise in this room.")
        kind = "stuck" if stuck else "unstuck"
        self._keep([Event(uuid.uuid4().hex, account, self.clock(), kind, lesson, exercise)])

    def submit(self, account: str, lesson: str) -> int:
        """Take a learner's notebook as it is saved now; return which submission of theirs it is.

        Raises:
            GraderError: where there is no such notebook.
        """
        person = self._person(account)
        self._known(lesson)
        data = self._home(person).read(f"{lesson}.ipynb", NOTEBOOK)
        if data is None:
            raise GraderError(
                f"There is no notebook {lesson}.ipynb in your folder, or it is over 8 MB."
            )
        earlier = [one for one in self.store.submissions(account) if one.lesson == lesson]
        if len(earlier) >= SUBMISSIONS:
            raise GraderError(f"You have handed this lesson in {SUBMISSIONS} times; that is all.")
        if any(one.points is None for one in earlier):
            raise GraderError("Your submission before is being graded; wait a few seconds.")
        self._take(person, lesson, data)
        return len(earlier) + 1

    async def catch_up(self, account: str, lesson: str) -> str | None:
        """Put the solved notebook in place; return the name under which one's own is kept.

        Raises:
            GraderError: where the lesson is not released.
        """
        person = self._person(account)
        if lesson not in self.store.releases():
            raise GraderError(f"{lesson} is not released yet.")
        data = await self.desk.solved(lesson)
        home = self._home(person)
        aside = home.put_aside(f"{lesson}.ipynb", ASIDE)
        home.write(f"{lesson}.ipynb", data)
        self._keep([Event(uuid.uuid4().hex, account, self.clock(), "caught_up", lesson)])
        return aside

    # -- what the teacher does

    def release(self, lesson: str) -> int:
        """Give everybody a lesson; return how many have got it now. Late-comers get it too."""
        self._known(lesson)
        self.store.release(lesson, self.clock())
        people: list[Person | None] = [None, *self.folder.people.everybody()]
        reached = sum(self._delivered(person, lesson) for person in people)
        self.changed()
        return reached - 1

    def withdraw(self, lesson: str) -> None:
        """Take a release back for those who come later; nobody's notebook is touched."""
        self.store.withdraw(self._known(lesson))
        self.changed()

    async def catch_everybody_up(self, lesson: str) -> int:
        """Put the solved notebook in place for all who are not done; return for how many."""
        planned = self.plan.lesson(self._known(lesson))
        assert planned is not None
        board = self.board()
        caught = 0
        for person in self.folder.people.everybody():
            given = (person.account, lesson) in board.caught_up
            if not given and not board.done(person.account, planned):
                try:
                    await self.catch_up(person.account, lesson)
                    caught += 1
                except OSError as error:  # one learner's folder must not hold up the others
                    log.warning("%s cannot be caught up: %s", person.account, error)
        return caught

    def collect(self, lesson: str) -> int:
        """Take everybody's saved notebook, where it is not the one taken last; how many were."""
        self._known(lesson)
        taken = 0
        for person in self.folder.people.everybody():
            self._read_diary(person)
            if (person.account, lesson) in self.board().caught_up:
                continue  # it is the solved one
            data = self._home(person).read(f"{lesson}.ipynb", NOTEBOOK)
            if data is not None and not self.desk.is_last(person, lesson, data):
                self._take(person, lesson, data)
                taken += 1
        return taken

    # -- how

    def _keep(self, events: list[Event]) -> None:
        new = [one for one in events if (one.account, one.id) not in self._seen]
        if new:
            self.store.add(new)
            for one in new:
                if (one.account, one.id) not in self._seen:  # nor twice in one batch
                    self._seen.add((one.account, one.id))
                    self._events.append(one)
                    self._counts[one.account] += 1
            self.changed()

    def _take(self, person: Person, lesson: str, data: bytes) -> None:
        own = (person.account, lesson) not in self.board().caught_up
        self.desk.take(person, lesson, data, self.clock(), own=own)
        self.changed()

    def _known(self, lesson: str) -> str:
        if self.plan.lesson(lesson) is None:
            raise GraderError("There is no such lesson in this room.")
        return lesson

    def _person(self, account: str) -> Person:
        person = self.folder.people.find(account)
        if person is None:
            raise GraderError("The room's register does not know you: log in again.")
        return person

    def _home(self, person: Person | None) -> Home:
        return self.folder.home(person, self.settings.walls)

    def _delivered(self, person: Person | None, lesson: str) -> bool:
        try:
            self.folder.deliver(self._home(person), [lesson])
        except OSError as error:
            log.warning("%s cannot be given %s: %s", person, lesson, error)
            return False
        return True

    def _read_diary(self, person: Person) -> None:
        """Events that a laptop has not sent yet."""
        data = self._home(person).read(".attend/events.jsonl", DIARY) or b""
        lines = data.decode("utf-8", "replace").splitlines()
        events = read_lines(lines, person.account, self.clock())
        self._keep([one for one in events if self.plan.holds(one.lesson, one.exercise)])

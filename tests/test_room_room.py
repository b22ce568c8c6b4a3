"""What happens in a room, without a hub: events, submissions, catching up, and bad intent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

from grader.errors import GraderError
from grader.room import marking
from grader.room.alone import write_page
from grader.room.desk import Desk
from grader.room.folder import RoomFolder, Settings
from grader.room.limits import Allowance
from grader.room.marking import HandedIn, Marked
from grader.room.people import Person
from grader.room.plan import Plan, load_plan
from grader.room.room import Room

LESSON = "01_dot_products"
NEXT = "02_softmax_and_weighted_sums"
SETTINGS = Settings(
    repository=str(REPOSITORY),
    course="",
    path="half-day",
    ip="127.0.0.1",
    port=0,
    hub_port=0,
    proxy_port=0,
    service_port=0,
    password="room-password",
    teacher_password="t" * 40,
)


class Clock:
    """Time, as the test wants it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(REPOSITORY, "half-day")


@pytest.fixture
def folder(tmp_path: Path) -> RoomFolder:
    made = RoomFolder(tmp_path / "room")
    made.make()
    made.save(SETTINGS)
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(
    folder: RoomFolder, plan: Plan, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Room]:
    """A room in which grading is a stub: a notebook that says 7 gets 7 points."""

    async def in_pool(self: Desk, work: Any, *given: Any) -> Any:
        if work is marking.solved:
            return b"solved"
        (handed_in,) = given
        assert isinstance(handed_in, HandedIn)
        points = float(Path(handed_in.path).read_text(encoding="utf-8"))
        return Marked(points, 20.0, marking._standing(handed_in, points))

    monkeypatch.setattr(Desk, "_in_pool", in_pool)
    made = Room(folder, plan, clock=clock)
    yield made
    made.close()


@pytest.fixture
def ada(room: Room) -> Person:
    person = room.folder.people.admit("Ada", "laptop")
    room.folder.home(person, SETTINGS.walls).make()
    room.release(LESSON)
    return person


def event(number: int, **fields: Any) -> dict[str, Any]:
    known = {"kind": "checked", "lesson": LESSON, "exercise": "score_matrix", "status": "failing"}
    return {"id": f"e{number}", "at": 1_000_000.0, "attempt": 1, **known, **fields}


def write(room: Room, person: Person, text: str) -> None:
    room.folder.home(person, SETTINGS.walls).write(f"{LESSON}.ipynb", text.encode())


def marked(room: Room) -> None:
    """Let the desk grade all that waits."""

    async def until_done() -> None:
        task = asyncio.ensure_future(room.desk.mark_forever(room.changed))
        while room.waiting:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(until_done())


def feedback(room: Room, person: Person) -> str:
    path = room.folder.homes / person.account / "feedback" / f"{LESSON}.html"
    return path.read_text(encoding="utf-8")


def test_events_are_kept_once_and_only_of_known_exercises(room: Room, ada: Person) -> None:
    sent = [event(1), event(1), event(2, lesson="99_else"), event(3, exercise="other"), None]
    assert room.take_events(ada.account, sent) == 2
    assert room.take_events(ada.account, [event(1), event(4)]) == 2
    assert len(room.board().events) == 2


def test_what_is_handed_in_is_graded_and_the_best_in_time_counts(
    room: Room, ada: Person, clock: Clock
) -> None:
    told = []
    for points in ("8", "15", "12"):
        write(room, ada, points)
        room.submit(ada.account, LESSON)
        marked(room)
        told.append(feedback(room, ada))
    assert told == [
        "It is your best so far, so it is the one that counts.",
        "It is your best so far, so it is the one that counts.",
        "Your best one counts, and that is still submission 2.",
    ]
    best = room.store.best(ada.account, LESSON)
    assert best is not None and best.points == 15.0


def test_after_the_deadline_it_is_graded_and_does_not_count(
    folder: RoomFolder, room: Room, ada: Person, clock: Clock
) -> None:
    write(room, ada, "5")
    room.submit(ada.account, LESSON)
    marked(room)
    folder.save(replace(SETTINGS, deadline=clock.now + 10))
    room.desk = Desk(folder, room.store)
    clock.now += 11
    write(room, ada, "20")
    room.submit(ada.account, LESSON)
    marked(room)
    said = feedback(room, ada)
    assert "the deadline had passed" in said and "counts is your submission 1" in said
    best = room.store.best(ada.account, LESSON)
    assert best is not None and best.points == 5.0


def test_one_at_a_time_and_only_what_is_there(room: Room, ada: Person) -> None:
    write(room, ada, "8")
    room.submit(ada.account, LESSON)
    with pytest.raises(GraderError, match="is being graded"):
        room.submit(ada.account, LESSON)
    with pytest.raises(GraderError, match="no notebook"):
        room.submit(ada.account, NEXT)
    with pytest.raises(GraderError, match="no such lesson"):
        room.submit(ada.account, "../../own/settings")
    with pytest.raises(GraderError, match="does not know you"):
        room.submit("learner-99", LESSON)


def test_what_waits_when_the_service_ends_is_graded_when_it_starts_again(
    folder: RoomFolder, plan: Plan, room: Room, ada: Person
) -> None:
    room.take_events(ada.account, [event(1, status="passed")])
    write(room, ada, "9")
    room.submit(ada.account, LESSON)
    room.close()
    again = Room(folder, plan)
    assert again.waiting == 1
    assert len(again.board().events) == 1
    marked(again)
    best = again.store.best(ada.account, LESSON)
    assert best is not None and best.points == 9.0
    again.close()


def test_a_link_to_the_answers_is_not_handed_in(room: Room, ada: Person) -> None:
    home = room.folder.homes / ada.account
    (home / f"{LESSON}.ipynb").unlink()
    (home / f"{LESSON}.ipynb").symlink_to(REPOSITORY / "solutions" / "paths.toml")
    with pytest.raises(GraderError, match="no notebook"):
        room.submit(ada.account, LESSON)


def test_catching_up_keeps_ones_own_and_what_follows_does_not_count(
    room: Room, ada: Person
) -> None:
    write(room, ada, "6")
    room.submit(ada.account, LESSON)
    marked(room)
    with pytest.raises(GraderError, match="not released"):
        asyncio.run(room.catch_up(ada.account, NEXT))
    assert asyncio.run(room.catch_up(ada.account, LESSON)) == f"{LESSON} (my own).ipynb"
    home = room.folder.homes / ada.account
    assert (home / f"{LESSON}.ipynb").read_bytes() == b"solved"
    assert (home / f"{LESSON} (my own).ipynb").read_bytes() == b"6"
    write(room, ada, "20")
    room.submit(ada.account, LESSON)
    room.take_events(ada.account, [event(9, status="passed")])
    assert room.collect(LESSON) == 0
    marked(room)
    assert "the solved state of this lesson was put into your folder" in feedback(room, ada)
    best = room.store.best(ada.account, LESSON)
    assert best is not None and best.points == 6.0
    assert room.board().found == {}


def test_everybody_is_caught_up_but_who_is_done(room: Room, ada: Person) -> None:
    bob = room.folder.people.admit("Bob", "tablet")
    room.folder.home(bob, SETTINGS.walls).make()
    taken = [one.name for one in room.plan.lessons[0].taken]
    sent = [event(n, exercise=name, status="passed") for n, name in enumerate(taken)]
    room.take_events(ada.account, sent)
    assert asyncio.run(room.catch_everybody_up(LESSON)) == 1
    assert room.board().caught_up == {(bob.account, LESSON)}
    assert asyncio.run(room.catch_everybody_up(LESSON)) == 0


def test_who_comes_later_gets_what_is_released_and_keeps_what_is_theirs(
    room: Room, ada: Person
) -> None:
    write(room, ada, "mine")
    assert room.release(NEXT) == 1
    home = room.folder.homes / ada.account
    assert (home / f"{NEXT}.ipynb").exists()
    assert (home / f"{LESSON}.ipynb").read_bytes() == b"mine"
    room.withdraw(NEXT)
    assert (home / f"{NEXT}.ipynb").exists()
    assert list(room.store.releases()) == [LESSON]


def test_collecting_takes_what_changed_and_the_events_that_never_arrived(
    room: Room, ada: Person
) -> None:
    home = room.folder.home(ada, SETTINGS.walls)
    assert room.collect(LESSON) == 0  # as released: nothing to take
    write(room, ada, "3")
    home.write(".attend/events.jsonl", json.dumps(event(7)).encode() + b"\n{cut off")
    assert room.collect(LESSON) == 1
    assert room.collect(LESSON) == 0
    assert [one.id for one in room.board().events] == ["e7"]


def test_a_learners_broken_folder_holds_up_nobody(room: Room, ada: Person) -> None:
    bob = room.folder.people.admit("Bob", "tablet")
    room.folder.home(bob, SETTINGS.walls).make()
    (room.folder.homes / ada.account / "feedback").symlink_to("/nowhere")
    for person, points in ((ada, "4"), (bob, "5")):
        write(room, person, points)
        room.submit(person.account, LESSON)
    marked(room)
    assert {one.points for one in room.store.submissions()} == {4.0, 5.0}
    assert room.feedback(ada.account, LESSON) is not None


def test_nobody_sees_anothers_feedback(room: Room, ada: Person) -> None:
    bob = room.folder.people.admit("Bob", "tablet")
    write(room, ada, "4")
    room.submit(ada.account, LESSON)
    marked(room)
    assert room.feedback(ada.account, LESSON) is not None
    assert room.feedback(bob.account, LESSON) is None


def test_a_flood_is_slowed_and_an_honest_learner_is_not() -> None:
    clock = Clock()
    allowance = Allowance(burst=10, per_second=1, clock=clock)
    assert [allowance.wait("eve") > 0 for _ in range(12)] == [False] * 10 + [True] * 2
    assert allowance.wait("ada") == 0
    clock.now += 2
    assert [allowance.wait("eve") > 0 for _ in range(3)] == [False, False, True]


def test_a_batch_larger_than_the_allowance_passes_when_it_is_full() -> None:
    clock = Clock()
    allowance = Allowance(burst=10, per_second=1, clock=clock)
    assert allowance.wait("ada", 100) == 0
    assert allowance.wait("ada", 1) > 0


def test_one_person_alone_sees_their_own_progress(plan: Plan, tmp_path: Path) -> None:
    lines = [event(1, misconception="no_transpose"), event(2, status="passed", attempt=2)]
    events = tmp_path / "events.jsonl"
    text = "\n".join(json.dumps(one) for one in lines)
    events.write_text(text + "\nno event\n", encoding="utf-8")
    page = tmp_path / "out" / "progress.html"
    assert write_page(events, plan, page) == 2
    written = page.read_text(encoding="utf-8")
    assert "score_matrix" in written and "passed, 2 checked" in written
    assert "without a transpose" in written
    assert "http" not in written.replace("http://www.w3.org/2000/svg", "")


def test_without_events_it_is_said_where_they_would_come_from(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="written by the checks"):
        write_page(tmp_path / "none.jsonl", plan, tmp_path / "page.html")

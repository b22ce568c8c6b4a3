"""The room's memory: nothing lost, nothing twice, whatever is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

from grader.room.board import Board, learner_view, teacher_view
from grader.room.events import Event
from grader.room.plan import load_plan, read_plan, write_plan
from grader.room.store import Store

WRITER = """
import itertools, sys
from pathlib import Path
from grader.room.events import Event
from grader.room.store import Store

store = Store(Path(sys.argv[1]))
for n in itertools.count():
    store.add([Event(f"e{n}", "ada", float(n), "opened", "01")])
    print(n, flush=True)
"""


def event(number: int, account: str = "ada", **fields: str) -> Event:
    known = {"kind": "checked", "lesson": "01", "exercise": "softmax", "status": "failing"}
    return Event(f"e{number}", account, float(number), **(known | fields))  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "room.db")


def test_an_event_sent_twice_is_one(store: Store) -> None:
    assert store.add([event(1), event(2)]) == 2
    assert store.add([event(2), event(3)]) == 1
    assert [one.id for one in store.events()] == ["e1", "e2", "e3"]


def test_nobody_can_take_anothers_event_by_its_id(store: Store) -> None:
    store.add([event(1, "eve", status="passed")])
    store.add([event(1, "ada")])
    assert {(one.account, one.status) for one in store.events()} == {
        ("eve", "passed"),
        ("ada", "failing"),
    }


def test_what_was_kept_is_there_after_the_writer_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as writer:
        assert writer.stdout is not None
        last = next(int(line) for line in writer.stdout if int(line) >= 20)
        writer.kill()
    kept = Store(path).events()
    assert len(kept) >= last + 1
    assert [one.id for one in kept] == [f"e{n}" for n in range(len(kept))]


def test_the_best_submission_in_time_counts(store: Store) -> None:
    def hand_in(points: float | None, *, in_time: bool = True, own: bool = True) -> int:
        made = store.submit("ada", "01", 0.0, "hash", in_time=in_time, own=own)
        if points is not None:
            store.graded(made.number, points, 20.0)
        return made.number

    assert store.best("ada", "01") is None
    hand_in(None)
    assert store.best("ada", "01") is None
    hand_in(8.0)
    best = hand_in(15.0)
    hand_in(15.0)
    hand_in(12.0)
    hand_in(20.0, in_time=False)
    hand_in(20.0, own=False)  # the solved state, handed in
    found = store.best("ada", "01")
    assert found is not None and found.number == best
    assert store.best("bob", "01") is None


def test_a_release_keeps_its_first_time_and_can_be_taken_back(store: Store) -> None:
    store.release("02", 5.0)
    store.release("01", 3.0)
    store.release("02", 9.0)
    assert store.releases() == {"01": 3.0, "02": 5.0}
    store.withdraw("01")
    assert store.releases() == {"02": 5.0}


def test_only_the_rooms_account_may_read_it(store: Store, tmp_path: Path) -> None:
    assert (tmp_path / "room.db").stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def board() -> Board:
    plan = load_plan(REPOSITORY, "day")
    lesson = plan.lesson("02_softmax_and_weighted_sums")
    assert lesson is not None
    softmax = next(one for one in lesson.exercises if one.name == "softmax")
    mistake = next(iter(softmax.sentences))
    fields = {"lesson": lesson.name, "exercise": "softmax"}
    events = [
        event(60, "ada", misconception=mistake, **fields),
        event(61, "bob", status="passed", **fields),
        event(62, "ada", kind="stuck", **fields),
    ]
    names = {"ada": "Ada", "bob": "Bob", "eve": "Eve"}
    return Board(plan, names, events, {lesson.name: 0.0})


def test_the_teacher_sees_who_is_where_and_what_they_got_wrong(board: Board) -> None:
    view = teacher_view(board, now=662.0)
    lesson = next(one for one in view["lessons"] if one["released"] is not None)
    softmax = next(one for one in lesson["exercises"] if one["name"] == "softmax")
    assert softmax["shapes"] == {"untouched": 1, "failing": 0, "passed": 1, "stuck": 1}
    assert softmax["mistakes"][0]["count"] == 1
    assert len(softmax["mistakes"][0]["sentence"]) > 20
    (stuck,) = view["stuck"]
    assert (stuck["name"], stuck["minutes"], stuck["said"]) == ("Ada", 10.0, True)
    assert view["pace"]["elapsed"] == pytest.approx(11.0)


def test_the_teacher_is_told_what_a_lesson_would_give_away() -> None:
    """Lesson 07 brings two answers of lesson 05 along; who has passed both has nothing to copy."""
    plan = load_plan(REPOSITORY, "day")
    masking, shown = "05_masking", ["masked_softmax", "masked_attention"]
    events = [
        event(at, who, status="passed", lesson=masking, exercise=name)
        for at, (who, name) in enumerate([("ada", shown[0]), ("ada", shown[1]), ("bob", shown[0])])
    ]
    board = Board(plan, {"ada": "Ada", "bob": "Bob", "eve": "Eve"}, events, {masking: 0.0})
    lessons = {one["name"]: one for one in teacher_view(board, now=9.0)["lessons"]}
    given_away = [{"lesson": masking, "exercises": shown, "open": 2}]
    assert lessons["07_self_attention_and_positions"]["shows"] == given_away
    assert lessons["01_dot_products"]["shows"] == []
    assert "shows" not in learner_view(board, "eve")["lessons"][0]


def test_learners_see_their_own_row_shapes_of_the_others_and_no_name(board: Board) -> None:
    view = learner_view(board, "bob")
    assert view["squares"] == {
        "02_softmax_and_weighted_sums/softmax": {"shape": "passed", "attempts": 1}
    }
    told = str(view)
    assert "Ada" not in told and "Eve" not in told and "misconception" not in told
    assert "mistakes" not in told and "points" not in told
    assert [one["name"] for one in view["lessons"]] == ["02_softmax_and_weighted_sums"]


def test_the_plans_minutes_are_the_paths(tmp_path: Path) -> None:
    plan = load_plan(REPOSITORY, "day")
    write_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan
    assert plan.talk_minutes == 8
    first = plan.lesson("01_dot_products")
    assert first is not None and first.minutes == 25
    assert {one.name for one in first.taken} == {"score_matrix", "nearest_neighbour"}

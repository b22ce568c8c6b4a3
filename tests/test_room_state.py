"""The room's state, worked out from events: shapes, mistakes, who is stuck, the pace."""

from __future__ import annotations

import itertools
import random

import pytest

from grader.room.events import Event, read_event
from grader.room.plan import Plan, PlannedExercise, PlannedLesson
from grader.room.state import median_minutes, mistakes, pace, squares, stuck

NUMBER = itertools.count()
KEY = ("ada", "01", "softmax")
PLAN = Plan(
    "Tiny",
    (
        PlannedLesson("01", "One", 30, (PlannedExercise("softmax", 10), PlannedExercise("sum", 5))),
        PlannedLesson("02", "Two", 20, (PlannedExercise("mask", 20),)),
    ),
    talk_minutes=5,
)


def event(
    minute: float, kind: str = "checked", status: str = "", who: str = "ada", **more: str
) -> Event:
    fields = {"lesson": "01", "exercise": "softmax", **more}
    return Event(f"e{next(NUMBER)}", who, 60 * minute, kind, status=status, **fields)


def shape(*events: Event) -> str:
    found = squares(events)
    return found[KEY].shape if KEY in found else "untouched"


def test_a_notebook_that_was_only_opened_is_untouched() -> None:
    assert shape(event(0, "opened", exercise="")) == "untouched"


def test_a_stub_that_is_checked_is_untouched() -> None:
    assert shape(event(0, status="unwritten")) == "untouched"


def test_the_latest_check_decides() -> None:
    assert shape(event(1, status="failing")) == "failing"
    assert shape(event(1, status="failing"), event(2, status="passed")) == "passed"
    assert shape(event(1, status="passed"), event(2, status="failing")) == "failing"


def test_events_that_come_late_count_at_their_own_time() -> None:
    early, late = event(1, status="failing"), event(2, status="passed")
    assert shape(late, early) == "passed"


def test_stuck_is_said_and_ends_with_a_pass() -> None:
    said = event(3, "stuck")
    assert shape(said) == "stuck"
    assert shape(said, event(4, status="failing")) == "stuck"
    assert shape(said, event(4, status="passed")) == "passed"
    assert shape(said, event(4, "unstuck")) == "untouched"


def test_five_failures_over_ten_minutes_are_stuck_and_faster_ones_are_not() -> None:
    slow = [event(3 * n, status="failing") for n in range(5)]
    fast = [event(n / 10, status="failing") for n in range(9)]
    assert shape(*slow) == "stuck"
    assert shape(*fast) == "failing"


def test_the_one_stuck_longest_stands_first() -> None:
    found = squares([event(9, "stuck", who="bob"), event(2, "stuck"), event(5, "stuck")])
    waiting = stuck(found)
    assert [(one.account, one.since, one.said) for one in waiting] == [
        ("ada", 120, True),
        ("bob", 540, True),
    ]


def test_mistakes_are_counted_by_learner_not_by_check() -> None:
    events = [
        event(n, status="failing", who=who, misconception=name)
        for n, (who, name) in enumerate(
            [("ada", "b"), ("ada", "b"), ("ada", "b"), ("bob", "a"), ("eve", "a"), ("eve", "c")]
        )
    ]
    assert mistakes(squares(events), "01", "softmax") == [("a", 2), ("b", 1), ("c", 1)]
    assert mistakes(squares(events), "01", "softmax", most=1) == [("a", 2)]


def test_what_follows_a_catch_up_does_not_count() -> None:
    failing = event(1, status="failing")
    given = event(2, "caught_up", exercise="")
    copied = event(3, status="passed")
    assert shape(failing, given, copied) == "failing"
    assert shape(failing, copied) == "passed"


def test_minutes_are_work_and_lunch_is_not() -> None:
    events = [
        event(0, "opened", exercise=""),
        event(4, status="failing"),
        event(64, status="failing"),  # an hour's lunch
        event(67, status="passed"),
        event(70, status="passed"),  # run again: not work on it any more
    ]
    assert squares(events)[KEY].minutes == pytest.approx(7)
    assert median_minutes(squares(events)) == {("01", "softmax"): (pytest.approx(7), 1)}


def test_the_pace_is_the_clock_against_what_the_middle_learner_has_done() -> None:
    events = [event(1, status="passed", who=who) for who in ("ada", "bob")]
    events.append(event(1, status="failing", who="eve"))
    found = squares(events)
    # two thirds of lesson 01's planned 30 minutes, and its talk of 5
    assert pace(PLAN, found, ["01"], [], 0, 40 * 60).behind == pytest.approx(40 - 25)  # type: ignore[union-attr]
    caught_up = [(who, "01") for who in ("ada", "bob", "eve")]
    assert pace(PLAN, found, ["01"], caught_up, 0, 40 * 60).behind == pytest.approx(5)  # type: ignore[union-attr]
    assert pace(PLAN, {}, ["01"], [], 0, 40 * 60) is None


def test_the_order_of_arrival_changes_nothing() -> None:
    events = [event(n, status=("failing", "passed")[n % 2], who="ab"[n % 3 > 0]) for n in range(30)]
    shuffled = random.Random(0).sample(events, len(events))
    assert squares(events) == squares(shuffled)


GOOD = {
    "id": "e1",
    "at": 90.0,
    "kind": "checked",
    "lesson": "01",
    "exercise": "softmax",
    "status": "failing",
    "attempt": 2,
    "misconception": "down",
}


def test_a_good_event_is_read_as_its_senders() -> None:
    read = read_event(GOOD | {"account": "eve"}, "ada", 100.0)
    assert read is not None
    assert (read.account, read.at, read.attempt) == ("ada", 90.0, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "caught_up"},  # only the room says that
        {"kind": ["checked"]},
        {"lesson": "<b>01</b>"},
        {"exercise": "a" * 81},
        {"exercise": ""},
        {"misconception": "x; y"},
        {"status": "perfect"},
        {"status": ""},
        {"attempt": 1e300},
        {"attempt": True},
        {"at": "now"},
        {"at": float("nan")},
        {"at": True},
        {"id": ""},
        {"id": 7},
    ],
    ids=str,
)
def test_what_is_no_event_is_refused(wrong: dict[str, object]) -> None:
    assert read_event(GOOD, "ada", 100.0) is not None
    assert read_event(GOOD | wrong, "ada", 100.0) is None


@pytest.mark.parametrize("data", [None, [], "checked", 7, {}])
def test_what_is_no_object_is_refused(data: object) -> None:
    assert read_event(data, "ada", 100.0) is None


def test_an_event_from_the_future_is_from_now_and_from_long_ago_of_yesterday() -> None:
    late = read_event(GOOD | {"at": 1e12}, "ada", 1e6)
    old = read_event(GOOD | {"at": 0}, "ada", 1e6)
    assert late is not None and late.at == 1e6
    assert old is not None and old.at == 1e6 - 36 * 3600

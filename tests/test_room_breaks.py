"""What breaks in a workshop: a laptop that sleeps, a hub that is killed. Nothing may be lost."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from line import Line, open_line
from room_parts import (
    LESSONS,
    LiveRoom,
    come_in,
    log_in,
    needs_room,
    open_browser,
    open_room,
    run_cell,
    save,
    wait_for_kernel,
    write_answer,
)

from grader.room.store import Store, Submitted

pytestmark = needs_room(in_browser=True)

DOTS = LESSONS[0]
# Seconds until a page is back. A browser may hold six dead lines, and a question on each takes 7.
BACK = 75
CHECKS = 40  # of one cell, a quarter of a second apart: ten seconds in which things break
BUSY = f"""
import time
def score_matrix(queries, keys):
    return queries @ keys.swapaxes(-1, -2)
for number in range({CHECKS}):
    with check("score_matrix") as expect:
        expect("2 queries, 4 keys", score_matrix(np.ones((2, 3)), np.ones((4, 3))).shape, (2, 4))
    time.sleep(0.25)
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveRoom]:
    with open_room(
        tmp_path_factory.mktemp("live"), tmp_path_factory.mktemp("nbgrader") / "course"
    ) as live:
        yield live


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with open_browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def ada(room: LiveRoom, chromium: Any) -> Iterator[Any]:
    for page in come_in(chromium, room, "Ada"):
        page.wait_for_url(f"**/lab/tree/{DOTS}.ipynb")
        # JupyterLab says in a window that its server is away; who comes back closes it.
        page.add_locator_handler(page.locator(".jp-Dialog"), close_window)
        wait_for_kernel(page)
        yield page


@pytest.fixture(scope="module")
def line(room: LiveRoom) -> Iterator[Line]:
    """What the laptops with the room's pages reach it by."""
    with open_line(room.settings.port) as opened:
        yield opened


@pytest.fixture(scope="module")
def teacher(room: LiveRoom, chromium: Any, line: Line) -> Iterator[Any]:
    for page in come_in(chromium, room, "teacher", line.url):
        page.locator("#grid").wait_for()
        yield page


def close_window(window: Any) -> None:
    """By the first button, which changes nothing."""
    window.locator(".jp-Dialog-button").first.click()


def on_the_page(teacher: Any) -> int:
    """How many checks of Ada's the teacher's page shows."""
    page = teacher.content()
    found = re.search(r"Ada, score_matrix: [\w ]+, (\d+) checked", page)
    return int(found[1]) if found else 0


def in_the_diary(room: LiveRoom) -> int:
    """How many checks Ada's kernel has written down."""
    diary = room.homes / "learner-01" / ".attend" / "events.jsonl"
    if not diary.exists():
        return 0
    lines = diary.read_text(encoding="utf-8").splitlines()
    return sum(json.loads(line)["kind"] == "checked" for line in lines)


def until(page: Any, true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it is true, and let the page go on meanwhile."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"it did not come true in {seconds:g} s"
        page.wait_for_timeout(100)


def kept(room: LiveRoom) -> tuple[list[int], list[Submitted], list[str]]:
    """What the room has on disk: the numbers of Ada's checks, what is handed in, and released."""
    store = Store(room.running.room.store)
    checks = [one.attempt for one in store.events() if one.kind == "checked"]
    found = sorted(checks), store.submissions(), list(store.releases())
    store.close()
    return found


def test_a_laptop_that_slept_catches_up_by_itself(
    ada: Any, teacher: Any, room: LiveRoom, line: Line
) -> None:
    """Its kernel goes on in the room; its pages say that they are cut off, and then show it all."""
    mine = ada.context.new_page()
    mine.goto(f"{line.url}/services/room/")
    mine.locator("li", has_text="score_matrix").wait_for()
    write_answer(ada, "score_matrix", BUSY)
    until(teacher, lambda: on_the_page(teacher) >= 3)
    line.sleep()
    for page in (mine, teacher):
        page.locator("#connection").wait_for(timeout=20_000)
    until(teacher, lambda: in_the_diary(room) == CHECKS)
    assert 3 <= on_the_page(teacher) < CHECKS
    line.wake()
    until(teacher, lambda: on_the_page(teacher) == CHECKS, BACK)
    mine.get_by_text(f"passed, {CHECKS} checked").wait_for(timeout=BACK * 1000)
    for page in (mine, teacher):
        page.locator("#connection").wait_for(state="hidden", timeout=30_000)
    again = mine.locator("li", has_text="nearest_neighbour")
    again.get_by_role("button", name="I am stuck").click()
    teacher.get_by_text("Ada, nearest_neighbour: stuck").wait_for(state="attached", timeout=15_000)
    mine.close()


def test_a_hub_that_is_killed_takes_nothing_with_it(ada: Any, teacher: Any, room: LiveRoom) -> None:
    """Killed while a learner works: events, what was handed in, accounts and releases are there."""
    teacher.evaluate(f"teach('release', '{LESSONS[1]}')")
    teacher.get_by_text("is released: 1 learner").wait_for()
    teacher.locator("#lessons button", has_text="01").click()  # it has gone on to the newest
    people, password = room.running.room.people.everybody(), room.settings.password
    save(ada)
    mine = ada.context.new_page()
    mine.goto(f"{room.url}/services/room/")
    mine.locator(f"[id='{DOTS}']").get_by_role("button", name="Submit").click()
    mine.get_by_text("Submission 1 of").wait_for()
    run_cell(ada, "for number in range")
    until(teacher, lambda: on_the_page(teacher) >= CHECKS + 3)

    room.kill()
    seen = on_the_page(teacher)
    teacher.locator("#connection").wait_for(timeout=20_000)  # the proxy does not cut the line
    until(ada, lambda: in_the_diary(room) >= seen + 5)  # the kernel has outlived the hub
    room.start()

    until(teacher, lambda: in_the_diary(room) == 2 * CHECKS)
    until(teacher, lambda: kept(room)[0] == list(range(1, 2 * CHECKS + 1)))
    until(teacher, lambda: all(one.points is not None for one in kept(room)[1]), 120)
    _, (submission,), releases = kept(room)
    assert (submission.account, submission.lesson) == ("learner-01", DOTS)
    assert releases == LESSONS
    assert (room.running.room.people.everybody(), room.settings.password) == (people, password)


def test_who_was_there_comes_back_in(ada: Any, teacher: Any, room: LiveRoom) -> None:
    """Without a password: the browser is known. Pages that stayed open catch up by themselves."""
    until(teacher, lambda: on_the_page(teacher) == 2 * CHECKS, 20)
    teacher.locator("#connection").wait_for(state="hidden", timeout=20_000)
    page = ada.context.new_page()
    page.goto(room.url)
    page.wait_for_url("**/user/learner-01/lab/**", timeout=60_000)
    wait_for_kernel(page)
    page.close()


def test_another_device_gets_in_with_the_code_and_a_name_not_twice(
    chromium: Any, room: LiveRoom
) -> None:
    (ada,) = room.running.room.people.everybody()
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, room.url, "Ada", room.settings.password)
    page.get_by_text("is here already").wait_for()
    log_in(page, room.url, f"Ada #{ada.code}", room.settings.password)
    page.wait_for_url("**/user/learner-01/**", timeout=60_000)
    assert len(room.running.room.people.everybody()) == 1
    context.close()


def test_her_notebook_is_as_she_left_it(room: LiveRoom) -> None:
    notebook = Path(room.homes / "learner-01" / f"{DOTS}.ipynb").read_text(encoding="utf-8")
    assert "for number in range" in notebook

"""Two learners and a teacher through a lesson, in a real browser: from login to feedback."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY
from room_parts import (
    DESKTOP,
    LESSONS,
    SLOW,
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

from grader.course import Lesson, load_lessons
from grader.stub import solution_source

pytestmark = needs_room(in_browser=True)

DOTS = LESSONS[0]
PHONE = {"width": 390, "height": 844}
MARKUP = "Bob <b onclick=alert(1)>x</b>"
# What a learner with bad intent may try from their own notebook, with their own token.
ATTACKS = """
import json, os, urllib.request, urllib.error
from pathlib import Path
home = Path.home()
def tried(path):
    try:
        found = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
        return "read" if found else "empty"
    except OSError as error:
        return type(error).__name__
def asked(address, data=None, method=None):
    request = urllib.request.Request(os.environ["ATTEND_ROOM"] + address,
        None if data is None else json.dumps(data).encode(),
        {"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}, method=method)
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return "cut off"
event = {"id": "forged", "account": "learner-01", "at": 1.0, "kind": "checked",
         "lesson": "01_dot_products", "exercise": "score_shapes", "status": "failing", "attempt": 1}
other = home.parent / "learner-01"
secrets = [other, other / "01_dot_products.ipynb", REPOSITORY / "solutions", OWN,
           OWN / "settings.json", COURSE / "gradebook.db"]
print("FILES", sorted({tried(path) for path in secrets}))
release = {"action": "release", "lesson": "02_softmax_and_weighted_sums"}
print("TEACH", asked("api/teach", release), asked("export.csv"))
print("FORGED", asked("api/events", {"events": [event]}))
print("GARBAGE", asked("api/events", {"events": "x"}), asked("api/events", [1]))
print("HUGE", asked("api/events", {"events": ["x" * 300_000]}) in (400, 413, "cut off"))
print("FLOOD", 429 in [asked("api/events", {"events": [event] * 100}) for _ in range(4)])
"""

# Listens wherever anything on this machine listens; ZeroMQ asks a listener for no password.
LISTENER = """
import re, time, zmq
from pathlib import Path
tcp = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
places = {f"tcp://127.0.0.1:{int(row[1].split(':')[1], 16)}" for row in tcp if row[3] == "0A"}
files = {f"ipc://{path}" for path in re.findall(r"(/\\S+-ipc-\\d+)$",
           Path("/proc/net/unix").read_text(), re.MULTILINE)}
places |= files
ears = zmq.Context().socket(zmq.SUB)
ears.subscribe(b"")
for place in places:
    ears.connect(place)
print("LISTENING", len(files), flush=True)
heard, until = [], time.monotonic() + 8
while time.monotonic() < until:
    if ears.poll(200):
        heard += [b"whis" b"pered" in part for part in ears.recv_multipart()]
print("HEARD", sum(heard), flush=True)
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
def lesson() -> Lesson:
    (found,) = load_lessons(REPOSITORY, [DOTS])
    return found


@pytest.fixture(scope="module")
def ada(room: LiveRoom, chromium: Any) -> Iterator[Any]:
    yield from come_in(chromium, room, "Ада Лавлейс")


@pytest.fixture(scope="module")
def bob(room: LiveRoom, chromium: Any) -> Iterator[Any]:
    yield from come_in(chromium, room, MARKUP)


@pytest.fixture(scope="module")
def teacher(room: LiveRoom, chromium: Any) -> Iterator[Any]:
    yield from come_in(chromium, room, "teacher")


def _check(page: Any, name: str, words: str) -> None:
    """Run an exercise's check, and wait until it says these words."""
    run_cell(page, f'with check("{name}")')
    cell = page.locator(".jp-CodeCell", has_text=f'with check("{name}")').first
    cell.locator(".jp-OutputArea-output", has_text=words).first.wait_for()


def _cell(page: Any, learner: str, exercise: str) -> str:
    """The shape that the teacher's page shows of a learner at an exercise."""
    drawn = page.locator(f'#grid svg:has(title:text("{learner}, {exercise}:"))')
    return str(drawn.get_attribute("class")).split()[-1]


def _until(page: Any, learner: str, exercise: str, shape: str, seconds: float) -> float:
    """Wait until the teacher's page shows a shape; how long that took."""
    began = time.monotonic()
    page.locator(f'#grid svg.{shape}:has(title:text("{learner}, {exercise}:"))').wait_for(
        timeout=1000 * seconds
    )
    return time.monotonic() - began


def _release(teacher: Any) -> None:
    teacher.get_by_role("button", name="Release").click()
    teacher.get_by_role("button", name="Yes").click()


def test_a_learner_lands_on_the_first_notebook_with_a_kernel_that_works(ada: Any) -> None:
    ada.wait_for_url(f"**/lab/tree/{DOTS}.ipynb")
    wait_for_kernel(ada)
    ada.locator(".jp-InputPrompt", has_text="[1]:").wait_for()


def test_a_check_is_on_the_teachers_page_within_a_second(
    ada: Any, teacher: Any, lesson: Lesson
) -> None:
    teacher.locator("#grid tbody tr").first.wait_for()
    assert _cell(teacher, "Ада Лавлейс", "score_matrix") == "untouched"
    wrong = lesson.misconceptions("score_matrix")["cosines_for_dot_products"].source
    write_answer(ada, "score_matrix", wrong)
    _check(ada, "score_matrix", "not yet")
    assert _until(teacher, "Ада Лавлейс", "score_matrix", "failing", 10) < 1.5
    teacher.get_by_text("cosines for dot products").wait_for(timeout=5000)


def test_under_the_check_stands_the_way_to_the_room(ada: Any, room: LiveRoom) -> None:
    link = ada.get_by_role("link", name="The room: I am stuck").first
    assert link.evaluate("one => one.href") == f"{room.url}/services/room/#{DOTS}"


def test_a_learner_who_says_so_is_seen_to_be_stuck(ada: Any, teacher: Any) -> None:
    page = ada.context.new_page()
    page.goto(ada.url.split("/user/")[0] + "/services/room/")
    row = page.locator("li", has_text="score_matrix")
    row.get_by_text("I am stuck").click()
    page.get_by_text("The teacher sees that you are stuck").wait_for()
    _until(teacher, "Ада Лавлейс", "score_matrix", "stuck", 10)
    assert "Ада Лавлейс" in teacher.locator("#stuck").inner_text()
    page.close()


def test_the_right_answer_passes(ada: Any, teacher: Any, lesson: Lesson) -> None:
    write_answer(ada, "score_matrix", solution_source(lesson.kernels_source, "score_matrix"))
    _check(ada, "score_matrix", "right")
    _until(teacher, "Ада Лавлейс", "score_matrix", "passed", 10)
    assert teacher.locator("#stuck li").count() == 0


def test_what_is_handed_in_comes_back_with_feedback_within_seconds(
    ada: Any, room: LiveRoom
) -> None:
    save(ada)
    page = ada.context.new_page()
    page.set_default_timeout(SLOW)
    page.goto(room.url + "/services/room/")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("Submission 1 of").wait_for()
    feedback = room.homes / "learner-01" / "feedback" / f"{DOTS}.html"
    deadline = time.monotonic() + 120
    while not feedback.exists() and time.monotonic() < deadline:
        page.wait_for_timeout(500)
    text = feedback.read_text(encoding="utf-8")
    assert re.search(r"✓ <code>score_matrix</code>: (\S+) of \1", text)
    assert "It is your best so far" in text
    page.get_by_role("link", name="Feedback").wait_for()
    page.goto(room.url + f"/services/room/feedback/{DOTS}")
    page.get_by_text("score_matrix").first.wait_for()
    page.close()


def test_a_second_learner_gets_nowhere_with_bad_intent(
    bob: Any, teacher: Any, room: LiveRoom
) -> None:
    bob.wait_for_url(f"**/lab/tree/{DOTS}.ipynb")
    wait_for_kernel(bob)
    names = {"REPOSITORY": REPOSITORY, "OWN": room.running.room.own}
    names["COURSE"] = Path(room.settings.course)
    known = "".join(f"{name} = Path({str(path)!r})\n" for name, path in names.items())
    attack = ATTACKS.replace("home = Path.home()\n", f"home = Path.home()\n{known}")
    write_answer(bob, "cosine_similarity", attack)
    said = bob.locator(".jp-OutputArea-output", has_text="FLOOD").first
    said.wait_for()
    lines = dict(line.split(" ", 1) for line in said.inner_text().strip().splitlines())
    assert lines == {
        "FILES": "['PermissionError']",
        "TEACH": "403 403",
        "FORGED": "200",
        "GARBAGE": "400 400",
        "HUGE": "True",
        "FLOOD": "True",
    }
    # the forged event is Bob's own
    _until(teacher, MARKUP, "score_shapes", "failing", 10)
    assert _cell(teacher, "Ада Лавлейс", "score_shapes") == "untouched"


def test_no_learner_can_listen_to_anothers_kernel(bob: Any, ada: Any) -> None:
    """Code, and what it prints, leave a kernel as messages, which its own server alone may read."""
    write_answer(bob, "nearest_neighbour", LISTENER)
    listening = bob.locator(".jp-OutputArea-output", has_text="LISTENING").first
    listening.wait_for()
    places = int(listening.inner_text().split()[1])
    assert places >= 10, "two kernels have five sockets each"
    write_answer(ada, "nearest_neighbour", "print('whis' + 'pered')")
    ada.locator(".jp-OutputArea-output", has_text="whispered").first.wait_for()
    heard = bob.locator(".jp-OutputArea-output", has_text="HEARD").first
    heard.wait_for()
    assert heard.inner_text().split()[-1] == "0"


def test_markup_in_a_name_is_only_text(teacher: Any) -> None:
    assert teacher.locator("#grid th", has_text=MARKUP).count() == 1
    assert teacher.locator("#grid th b").count() == 0


def test_a_name_that_is_taken_is_told_so_and_the_code_opens_it(
    chromium: Any, room: LiveRoom
) -> None:
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    log_in(page, room.url, "ада лавлейс", room.settings.password)
    page.get_by_text("is here already").wait_for()
    person = room.running.room.people.find("learner-01")
    assert person is not None
    log_in(page, room.url, f"Ада Лавлейс #{person.code}", room.settings.password)
    page.wait_for_url("**/user/learner-01/**", timeout=SLOW)
    context.close()


def test_a_wrong_password_is_told_so(chromium: Any, room: LiveRoom) -> None:
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, room.url, "Mallory", "wrong-wrong-wrong")
    page.get_by_text("not the room's password").wait_for()
    log_in(page, room.url, "teacher", room.settings.password)
    page.get_by_text("not the teacher's password").wait_for()
    context.close()


def test_one_click_releases_and_the_next_undoes_it(teacher: Any, ada: Any, room: LiveRoom) -> None:
    next_one = room.homes / "learner-01" / f"{LESSONS[1]}.ipynb"
    teacher.locator("#lessons button", has_text="02").click()
    teacher.get_by_role("button", name="Release").click()
    told = "show the answers to score_matrix of 01 (not passed by 1 of 2). Release it?"
    teacher.locator(".sure", has_text=told).get_by_role("button", name="No").click()
    assert not next_one.exists()
    _release(teacher)
    teacher.get_by_text("is released: 2 learners have it now").wait_for()
    assert next_one.exists()
    teacher.get_by_role("button", name="Undo").click()
    teacher.get_by_text("is withdrawn").wait_for()
    _release(teacher)
    teacher.get_by_text("is released").wait_for()


def test_everybody_is_caught_up_and_keeps_their_own(teacher: Any, room: LiveRoom) -> None:
    teacher.locator("#lessons button", has_text="01").click()
    teacher.get_by_role("button", name="Catch everybody up").click()
    teacher.get_by_role("button", name="Yes").click()
    teacher.get_by_text("their own work lies beside it").wait_for()
    home = room.homes / "learner-02"
    assert (home / f"{DOTS} (my own).ipynb").exists()
    solved = (home / f"{DOTS}.ipynb").read_text(encoding="utf-8")
    assert "NotImplementedError" not in solved and "HIDDEN TESTS" not in solved


def test_collect_grade_and_export(teacher: Any, tmp_path: Path) -> None:
    teacher.get_by_role("button", name="Collect").click()
    teacher.get_by_text("were collected").wait_for()
    teacher.get_by_role("button", name="Grade").click()
    teacher.get_by_role("button", name="Yes").click()
    teacher.get_by_text("is in the gradebook").wait_for()
    with teacher.expect_download() as waiting:
        teacher.get_by_role("link", name="Export").click()
    waiting.value.save_as(tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert any("Ада-Лавлейс-01" in cell for row in rows for cell in row)


def test_another_site_cannot_act_for_who_is_logged_in(ada: Any, room: LiveRoom) -> None:
    """With the cookie alone, without the page's token, as a form elsewhere would send it."""
    address = room.url + "/services/room/api/submit"
    reply = ada.context.request.post(address, data={"lesson": DOTS})
    assert reply.status == 403


def test_a_browser_closed_and_opened_again_finds_everything(ada: Any, room: LiveRoom) -> None:
    page = ada.context.new_page()
    page.set_default_timeout(SLOW)
    page.goto(room.url)
    page.wait_for_url("**/user/learner-01/lab**")
    assert (room.homes / "learner-01" / f"{DOTS} (my own).ipynb").exists() or (
        "def score_matrix"
        in (room.homes / "learner-01" / f"{DOTS}.ipynb").read_text(encoding="utf-8")
    )
    page.close()


def test_on_a_phone_nothing_hangs_over_the_edge(teacher: Any, bob: Any, room: LiveRoom) -> None:
    page = bob.context.new_page()
    for shown, where in ((page, "/services/room/"), (teacher, None)):
        if where:
            shown.goto(room.url + where)
        shown.set_viewport_size(PHONE)  # JupyterLab itself is not for phones; the room's pages are
        shown.locator(".exercises li").first.wait_for()
        width = shown.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]
    teacher.set_viewport_size(DESKTOP)
    page.close()

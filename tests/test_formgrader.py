"""The formgrader's autograde button, pressed through its server as the page presses it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import psutil
import pytest
from active import MARK, MARKDOWN, RUN, active_parts, after_scripts, browser
from conftest import REPOSITORY
from nbgrader.api import Gradebook
from recorded import contents

from grader.course import load_lessons
from grader.kernel.sandbox import die_with_parent
from grader.nbgrader_course import Course, build_course, find_alembic
from grader.notebook import released, write_notebook
from solutions import sample_class

# nbgrader 0.9.6 builds its rows half-attached, and SQLAlchemy 2 remarks on each.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

NAME = "01_dot_products"
LEARNERS = ("ada", "björn")
MARKUP = f'<img src=x onerror="{RUN}">'
ATTACKERS = ("eve", MARKUP)
SEED = 11
STARTING = 60  # seconds
ANSWERING = 120
IDLE = 180  # seconds without a request after which the server ends, whatever became of this test
CHECK = ("check_cosine_similarity", NAME, NAME, "ada")
PENALTY = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'


@dataclass
class Formgrader:
    """A running server and the browser that looks at it."""

    address: str
    token: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def open(self, path: str, method: str = "GET", data: Any = None) -> str:
        """One request; a changing one carries the page's XSRF mark, as the page's script does."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        request = urllib.request.Request(f"{self.address}{path}", method=method)
        if method != "GET":
            marks = [cookie.value for cookie in self.cookies if cookie.name == "_xsrf"]
            request.add_header("X-XSRFToken", str(marks[0]))
            request.data = json.dumps(data).encode()
        with opener.open(request, timeout=ANSWERING) as answer:
            return str(answer.read().decode())

    def log_in(self) -> None:
        """Log in at the server, then open the page with the button."""
        self.open(f"api/status?token={self.token}")
        self.open(f"formgrader/manage_submissions/{NAME}")

    def ask(self, path: str, method: str = "GET", data: Any = None) -> Any:
        """One call of the API."""
        return json.loads(self.open(f"formgrader/api/{path}", method, data))

    def autograde(self, student: str) -> dict[str, Any]:
        """Press the button."""
        answer: dict[str, Any] = self.ask(f"submission/{NAME}/{quote(student)}/autograde", "POST")
        return answer


@pytest.fixture(scope="module")
def courses(tmp_path_factory: Any) -> tuple[Course, Course]:
    """Two courses with one class, of which ada was late: for the button, and for `grader grade`."""
    home = tmp_path_factory.mktemp("courses")
    lessons = load_lessons(REPOSITORY, [NAME])
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_class, "LEARNERS", LEARNERS)
        for name in ("theirs", "ours"):
            course = build_course(home / name, lessons, seed=SEED)
            sample_class.make_class(lessons, course.folder / "submitted")
            late = course.folder / "submitted" / "ada" / NAME / "timestamp.txt"
            late.write_text("2026-03-01 15:00:00 UTC")
            for attacker in ATTACKERS:
                texts = MARKDOWN if attacker == "eve" else []
                cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
                text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
                hand_in(course, attacker, text.encode())
            hand_in(course, "half", write_notebook(released(lessons[0]))[:5000])
            with (course.folder / "nbgrader_config.py").open("a") as config:
                config.write(PENALTY)
            made.append(course)
    return made[0], made[1]


def hand_in(course: Course, student: str, data: bytes) -> None:
    home = course.folder / "submitted" / student / NAME
    home.mkdir(parents=True)
    (home / f"{NAME}.ipynb").write_bytes(data)


@pytest.fixture(scope="module")
def formgrader(courses: tuple[Course, Course], tmp_path_factory: Any) -> Iterator[Formgrader]:
    """The server with nbgrader's extension, on a free port; ended by its own number."""
    find_alembic()
    folder, home = courses[0].folder, tmp_path_factory.mktemp("jupyter")
    command = [sys.executable, "-m", "jupyter_server", "--ip=127.0.0.1", "--port=0"]
    command += ["--no-browser", "--allow-root", f"--ServerApp.root_dir={folder}"]
    command += [f"--ServerApp.shutdown_no_activity_timeout={IDLE}"]
    command += ["--ServerApp.terminals_enabled=False"]
    told = (home / "log").open("wb")
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ
        | {f"JUPYTER_{name}_DIR": str(home) for name in ("CONFIG", "RUNTIME", "DATA")},
        stdout=told,
        stderr=told,
        preexec_fn=die_with_parent,
    )
    started = psutil.Process(process.pid)
    try:
        yield _wait_for(home, process)
    finally:
        family = [*started.children(recursive=True)] if process.poll() is None else []
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=STARTING)
        told.close()
        _, alive = psutil.wait_procs(family, timeout=20)
        assert alive == [], "the server left a process behind"


def _wait_for(home: Path, process: subprocess.Popen[bytes]) -> Formgrader:
    ends = time.monotonic() + STARTING
    while time.monotonic() < ends and process.poll() is None:
        for path in home.glob("jpserver-*.json"):
            with suppress(ValueError, urllib.error.URLError):  # half written, or not listening yet
                said = json.loads(path.read_text())
                server = Formgrader(said["url"], said["token"])
                server.log_in()
                return server
        time.sleep(0.1)
    pytest.fail("the server did not start: " + (home / "log").read_text()[-2000:])


@pytest.fixture(scope="module")
def pressed(formgrader: Formgrader) -> dict[str, dict[str, Any]]:
    """What the server answered to the button, by learner; the lesson's due date came first."""
    due = {"duedate_notimezone": "2026-03-01 12:00:00", "duedate_timezone": "UTC"}
    formgrader.ask(f"assignment/{NAME}", "PUT", due)
    return {student: formgrader.autograde(student) for student in (*LEARNERS, *ATTACKERS, "half")}


@pytest.fixture(scope="module")
def graded(courses: tuple[Course, Course]) -> Course:
    """The other course after `grader grade`."""
    _, ours = courses
    with Gradebook(ours.db_url, "attend") as gradebook:
        due = gradebook.find_assignment(NAME)
        gradebook.update_or_create_assignment(due.name, duedate="2026-03-01 12:00:00 UTC")
    grade(ours)
    return ours


def grade(course: Course) -> None:
    command = [sys.executable, "-m", "grader.cli", "grade", "01", "--course", str(course.folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=ANSWERING)


def test_the_button_succeeds(pressed: dict[str, dict[str, Any]]) -> None:
    failed = [answer.get("log") for answer in pressed.values() if not answer["success"]]
    assert len(pressed) == 5 and failed == []


def test_the_button_gives_what_grader_grade_gives(
    pressed: Any, courses: tuple[Course, Course], graded: Course
) -> None:
    theirs = contents(courses[0])
    assert theirs == contents(graded)
    assert len(theirs["grades"]) == len(theirs["comments"]) == 5 * 5
    lost = {row[0]: row[-1] for row in theirs["submissions"]}
    assert lost["ada"] and lost["björn"] is lost["half"] is None


def test_the_page_is_told_the_same_scores(
    formgrader: Formgrader, pressed: Any, graded: Course
) -> None:
    told = {item["student"]: item["score"] for item in formgrader.ask(f"submissions/{NAME}")}
    with Gradebook(graded.db_url, "attend") as gradebook:
        assert told == {
            item.student.id: item.score for item in gradebook.assignment_submissions(NAME)
        }


def test_what_a_person_enters_survives_the_button(
    formgrader: Formgrader, pressed: Any, courses: tuple[Course, Course], graded: Course
) -> None:
    by_hand = {"manual_score": 0.5, "extra_credit": 0.25}
    with Gradebook(courses[0].db_url, "attend") as gradebook:
        entered = gradebook.find_grade(*CHECK).id
    formgrader.ask(f"grade/{entered}", "PUT", by_hand)
    assert formgrader.autograde("ada")["success"]
    with Gradebook(graded.db_url, "attend") as gradebook:
        ours = gradebook.find_grade(*CHECK)
        ours.manual_score, ours.extra_credit = by_hand.values()
        gradebook.db.commit()
    grade(graded)
    assert contents(courses[0]) == contents(graded)
    assert ("ada", CHECK[0], 0.5, 0.25) in {
        (row[0], row[1], row[3], row[4]) for row in contents(graded)["grades"]
    }


@pytest.fixture(scope="module")
def addresses(formgrader: Formgrader, pressed: Any) -> dict[str, str]:
    """Where each learner's submission is shown to whoever grades by hand."""
    found = formgrader.ask(f"submitted_notebooks/{NAME}/{NAME}")
    return {item["student"]: f"formgrader/submissions/{item['id']}/" for item in found}


@pytest.mark.parametrize("attacker", ATTACKERS, ids=["text", "name"])
def test_nothing_of_a_submission_can_run_where_it_is_graded_by_hand(
    formgrader: Formgrader, addresses: dict[str, str], attacker: str
) -> None:
    honest, attack = (active_parts(formgrader.open(addresses[name])) for name in ("ada", attacker))
    own = {part for part in attack - honest if "submissions/" not in part and "var " not in part}
    assert own == set()


@pytest.mark.skipif(browser() is None, reason="no browser is installed here")
@pytest.mark.parametrize("attacker", ATTACKERS, ids=["text", "name"])
def test_nothing_of_it_runs_in_the_graders_browser(
    formgrader: Formgrader, addresses: dict[str, str], attacker: str, tmp_path: Path
) -> None:
    address = f"{formgrader.address}{addresses[attacker]}?token={formgrader.token}"
    shown = after_scripts(address, tmp_path / "profile")
    assert "cosine_similarity" in shown and f'data-ran="{MARK}"' not in shown

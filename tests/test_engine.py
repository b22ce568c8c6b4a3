"""Grading many: verdicts kept, workers killed, always the same records."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import select
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import DOUBLE_SLOT, HEADER, NUMPY_SETUP, PLAIN_CHECK, MakeLesson, notebook_of

from grader import engine
from grader.course import Lesson
from grader.engine import grade_all
from grader.errors import GraderError
from grader.grading import Settings
from grader.notebook import write_notebook
from grader.submissions import Submission, find_submissions, hidden_folders
from grader.verdicts import Graded, KeptVerdicts

ANSWERS = {
    "ada": "def double(x):\n    return 2 * x",
    "björn": "def double(x):\n    return x * x",
    "chen": "def double(x):\n    while x.ndim == 2: pass\n    return 2 * x",
    "diego": "import os\ndef double(x):\n    os._exit(0)",
    "李雷": "def double(x):\n    raise ValueError('mine')",
}
SETTINGS = Settings(seed=3, timeout=1.0)
Run = Callable[..., list[Graded]]


@pytest.fixture
def lesson(make_lesson: MakeLesson) -> Lesson:
    """A lesson whose kernels start fast, since they import no torch."""
    return make_lesson(page=HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK)


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    """A small class; one learner handed in half a notebook, one nothing but the folder."""
    folder = tmp_path / "submitted"
    for student, answer in ANSWERS.items():
        hand_in(folder, student, answer)
    path = hand_in(folder, "half", "x = 1")
    path.write_bytes(path.read_bytes()[:50])
    (folder / "nothing" / "99_tiny").mkdir(parents=True)
    return folder


def hand_in(folder: Path, student: str, answer: str) -> Path:
    path = folder / student / "99_tiny" / "99_tiny.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_notebook(notebook_of((answer, "double"))))
    return path


@pytest.fixture
def grade(lesson: Lesson, submitted: Path, tmp_path: Path) -> Callable[..., Iterator[Graded]]:
    def run(kept: str = "kept", workers: int = 1, **more: Any) -> Iterator[Graded]:
        found = find_submissions(submitted, [lesson])
        options = {"workers": workers, "kept": tmp_path / kept, **more}
        return grade_all(found, [lesson], SETTINGS, **options)

    return run


@pytest.fixture
def graded_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The learners whose notebooks were really graded, not read from what was kept."""
    students: list[str] = []
    real = engine._grade_here

    def counted(waiting: list[Submission], *arguments: Any) -> Iterator[Graded]:
        students.extend(item.student for item in waiting)
        return real(waiting, *arguments)

    monkeypatch.setattr(engine, "_grade_here", counted)
    return students


def records(graded: Iterator[Graded]) -> list[dict[str, Any]]:
    """Every record but for its seconds, by learner."""
    found = [
        {key: value for key, value in record.items() if key != "seconds"}
        for item in graded
        for record in item.records
    ]
    return sorted(found, key=lambda record: str(record["student"]))


def test_every_submission_ends_in_a_verdict(grade: Run) -> None:
    assert {record["student"]: record["status"] for record in records(grade())} == {
        "ada": "passed",
        "björn": "failed",
        "chen": "timeout",
        "diego": "crashed",
        "half": "unreadable",
        "nothing": "unreadable",
        "李雷": "error",
    }


def test_one_worker_and_two_give_equal_records(grade: Run) -> None:
    assert records(grade("one", workers=1)) == records(grade("two", workers=2))


def test_the_notebook_that_comes_back_shows_score_and_message(grade: Run) -> None:
    (shown,) = [item.notebook for item in grade() if item.submission.student == "björn"]
    assert "double: failed, 0 of 20 points" in shown
    assert "You squared; multiply by two." in shown


def test_a_second_run_grades_nothing(grade: Run, graded_anew: list[str]) -> None:
    first = records(grade())
    assert len(graded_anew) == 7
    graded_anew.clear()
    assert records(grade()) == first
    assert graded_anew == []


def test_one_changed_notebook_costs_one(
    grade: Run, graded_anew: list[str], submitted: Path
) -> None:
    first = records(grade())
    graded_anew.clear()
    hand_in(submitted, "björn", ANSWERS["ada"])
    second = records(grade())
    assert graded_anew == ["björn"]
    assert [one["student"] for one in second if one not in first] == ["björn"]


def test_a_changed_hidden_case_costs_all(
    grade: Run, graded_anew: list[str], lesson: Lesson
) -> None:
    records(grade())
    graded_anew.clear()
    cases = lesson.folder / "hidden_tests.py"
    cases.write_text(cases.read_text() + "\n# changed\n")
    records(grade())
    assert len(graded_anew) == 7


def test_a_run_cut_short_goes_on_where_it_stopped(grade: Run, graded_anew: list[str]) -> None:
    started = iter(grade())
    done = [next(started).submission.student for _ in range(3)]
    started.close()
    graded_anew.clear()
    assert len(records(grade())) == 7
    assert not set(done) & set(graded_anew)


def test_a_kept_verdict_that_is_damaged_is_graded_again(
    grade: Run, graded_anew: list[str], tmp_path: Path
) -> None:
    first = records(grade())
    graded_anew.clear()
    for number, path in enumerate(sorted((tmp_path / "kept").glob("*.json"))[:3]):
        whole = path.read_text()
        path.write_text(["", whole[:-9], whole.replace("20.0", "10.0", 1)][number])
    assert records(grade()) == first
    assert len(graded_anew) == 3


def test_what_is_kept_is_graded_afresh_when_asked(grade: Run, graded_anew: list[str]) -> None:
    first = records(grade())
    graded_anew.clear()
    assert records(grade(afresh=True)) == first
    assert len(graded_anew) == 7


def test_a_notebook_that_changes_meanwhile_is_graded_next_time(
    grade: Run, graded_anew: list[str], submitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = KeptVerdicts.keep

    def late(self: KeptVerdicts, graded: Graded) -> None:
        if graded.submission.student == "björn":
            hand_in(submitted, "björn", ANSWERS["ada"])
        real(self, graded)

    with monkeypatch.context() as patch:
        patch.setattr(KeptVerdicts, "keep", late)
        records(grade())
    graded_anew.clear()
    statuses = {record["student"]: record["status"] for record in records(grade())}
    assert graded_anew == ["björn"] and statuses["björn"] == "passed"


def test_what_was_graded_without_a_sandbox_is_not_taken_for_more(
    grade: Run, graded_anew: list[str], submitted: Path
) -> None:
    for student in ("chen", "diego"):
        hand_in(submitted, student, ANSWERS["ada"])
    records(grade(sandboxed=False))
    graded_anew.clear()
    records(grade())
    assert len(graded_anew) == 7


def test_folders_that_begin_with_a_dot_are_passed_over_and_named(
    lesson: Lesson, submitted: Path
) -> None:
    hand_in(submitted, ".eve", ANSWERS["ada"])
    (submitted / ".git").mkdir()
    assert hidden_folders(submitted, [lesson]) == [".eve"]
    assert ".eve" not in {item.student for item in find_submissions(submitted, [lesson])}


def test_a_killed_worker_loses_nothing(grade: Run, lesson: Lesson, submitted: Path) -> None:
    expected = records(grade("undisturbed"))
    running = iter(grade("disturbed", workers=2))
    got = [next(running)]
    for worker in multiprocessing.active_children():
        worker.kill()
    got += list(running)
    assert records(iter(got)) == expected


def test_workers_send_no_message_that_a_kill_could_cut(
    grade: Run, submitted: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of half a message the coordinator would wait for the rest, without end."""
    hand_in(submitted, "long", ANSWERS["ada"] + "\n# " + "long " * 10_000)
    sizes, send = tmp_path / "sizes", Connection._send

    def noted(self: Any, data: Any, *more: Any) -> None:
        with sizes.open("a") as file:
            file.write(f"{len(data)}\n")
        send(self, data, *more)

    monkeypatch.setattr(Connection, "_send", noted)
    assert len(records(grade(workers=2))) == 8
    assert 0 < max(map(int, sizes.read_text().split())) <= select.PIPE_BUF


def test_a_killed_warm_parent_loses_nothing(grade: Run) -> None:
    expected = records(grade("undisturbed"))
    before = {child.pid for child in psutil.Process().children()}
    running = iter(grade("disturbed"))
    got = [next(running)]
    for child in psutil.Process().children():
        if child.pid not in before and "grader.kernel.parent" in child.cmdline():
            os.kill(child.pid, signal.SIGKILL)
    got += list(running)
    assert records(iter(got)) == expected


def test_nothing_is_left_running(grade: Run) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    records(grade(workers=2))
    with contextlib.suppress(psutil.NoSuchProcess):
        left = {child.pid for child in psutil.Process().children(recursive=True)} - before
        assert not left


def test_trusted_work_can_be_graded_without_a_sandbox(grade: Run, submitted: Path) -> None:
    for student in ("chen", "diego"):
        hand_in(submitted, student, ANSWERS["ada"])
    statuses = {record["student"]: record["status"] for record in records(grade(sandboxed=False))}
    assert statuses["ada"] == statuses["diego"] == "passed" and statuses["björn"] == "failed"


def test_a_folder_that_cannot_hold_verdicts_is_said(grade: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GraderError, match="file"):
        records(grade("file"))


def test_a_broken_solution_kernel_is_said(make_lesson: MakeLesson, grade: Run) -> None:
    page = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK
    make_lesson(page=page, kernels="def double(x):\n    return x.no_such_thing\n")
    with pytest.raises(GraderError, match="solution kernel itself fails"):
        records(grade())

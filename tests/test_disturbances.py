"""`grader grade` through deaths and disasters: the gradebook ends as that of an undisturbed run."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.course import find_repository, load_lessons
from grader.nbgrader_course import build_course
from solutions.sample_class import make_class

LESSON = "01_dot_products"
LEARNERS = 8
DEADLINE = 120  # seconds that one run may take
GRADER = [str(Path(sys.executable).parent / "grader"), "grade", "--timeout", "1"]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a class that nobody has graded."""
    folder = tmp_path_factory.mktemp("original")
    lessons = load_lessons(find_repository(Path(__file__).parent), [LESSON])
    build_course(folder, lessons, seed=11)
    make_class(lessons, folder / "submitted")
    for student in sorted((folder / "submitted").iterdir())[LEARNERS:]:
        shutil.rmtree(student)
    return folder


@pytest.fixture(scope="module")
def undisturbed(original: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The gradebook's scores after one run that nothing disturbed."""
    course = _copy(original, tmp_path_factory.mktemp("undisturbed"))
    done = _grade(course)
    assert done.returncode == 0, done.stderr
    return _scores(course)


def test_killed_at_random_moments_it_ends_as_if_nothing_had_been(
    original: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    course = _copy(original, tmp_path)
    rng = random.Random(5)
    for _ in range(4):
        process = _start(course)
        time.sleep(rng.uniform(1.0, 9.0))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=DEADLINE)
        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == []
    done = _grade(course)
    assert done.returncode == 0, done.stderr
    assert _scores(course) == undisturbed


def test_interrupted_by_the_teacher_it_says_so_and_goes_on_later(
    original: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    course = _copy(original, tmp_path)
    process = _start(course)
    time.sleep(6)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=DEADLINE)
    if process.returncode != 0:  # a quick machine may have been done by then
        assert process.returncode == 130 and "kept" in said and "Traceback" not in said
    assert _grade(course).returncode == 0
    assert _scores(course) == undisturbed


def test_a_locked_gradebook_is_said_and_loses_nothing(
    original: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    course = _copy(original, tmp_path)
    with sqlite3.connect(course / "gradebook.db") as holder:
        holder.execute("BEGIN EXCLUSIVE")
        done = _grade(course)
        _is_one_sentence(done, "gradebook")
        holder.rollback()
    assert _grade(course).returncode == 0
    assert _scores(course) == undisturbed


def test_a_damaged_gradebook_is_said_and_left_alone(original: Path, tmp_path: Path) -> None:
    course = _copy(original, tmp_path)
    (course / "gradebook.db").write_bytes(b"SQLite format 3\x00" + b"damaged" * 1000)
    before = (course / "gradebook.db").read_bytes()
    _is_one_sentence(_grade(course), "gradebook")
    assert (course / "gradebook.db").read_bytes() == before


def test_what_cannot_be_written_is_said(original: Path, tmp_path: Path) -> None:
    course = _copy(original, tmp_path)
    (course / "verdicts").write_text("a file where the folder should be", encoding="utf-8")
    _is_one_sentence(_grade(course), "verdicts")


def _copy(original: Path, folder: Path) -> Path:
    return Path(shutil.copytree(original, folder / "course"))


def _start(course: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*GRADER, "--course", str(course)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _grade(course: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GRADER, "--course", str(course)],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def _is_one_sentence(done: subprocess.CompletedProcess[str], about: str) -> None:
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("grader: ") and about in lines[0]
    assert "Traceback" not in done.stderr


def _scores(course: Path) -> dict[str, Any]:
    """Every score in the gradebook, by learner and cell."""
    with sqlite3.connect(course / "gradebook.db") as database:
        rows = database.execute(
            "SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, "
            "grade.manual_score, grade.needs_manual_grade FROM grade "
            "JOIN base_cell ON grade.cell_id = base_cell.id "
            "JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id "
            "JOIN submitted_assignment "
            "ON submitted_notebook.assignment_id = submitted_assignment.id"
        ).fetchall()
    found = {json.dumps(row[:2], ensure_ascii=False): row[2:] for row in rows}
    assert len(found) == len(rows) and found
    return found

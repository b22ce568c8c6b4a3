"""`grader grade` through deaths and disasters: the gradebook ends as that of an undisturbed run."""

from __future__ import annotations

import ctypes
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from recorded import contents

from grader.course import find_repository, load_lessons
from grader.kernel.sandbox import drop_capabilities
from grader.nbgrader_course import Course, build_course
from solutions.sample_class import make_class

LESSON = "01_dot_products"
SEED = 11
LEARNERS = 8
DEADLINE = 120  # seconds that one run may take
GRADER = [str(Path(sys.executable).parent / "grader"), "grade", "--timeout", "1"]
NO_NEW_PRIVS = 38  # prctl


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a class that nobody has graded."""
    folder = tmp_path_factory.mktemp("original")
    lessons = load_lessons(find_repository(Path(__file__).parent), [LESSON])
    build_course(folder, lessons, seed=SEED)
    make_class(lessons, folder / "submitted")
    for student in sorted((folder / "submitted").iterdir())[LEARNERS:]:
        shutil.rmtree(student)
    return folder


@pytest.fixture(scope="module")
def undisturbed(original: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The gradebook's contents after one run that nothing disturbed."""
    course = _copy(original, tmp_path_factory.mktemp("undisturbed"))
    done = _grade(course)
    assert done.returncode == 0, done.stderr
    return _contents(course)


def test_killed_at_random_moments_it_ends_as_if_nothing_had_been(
    original: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    course = _copy(original, tmp_path)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    rng = random.Random(5)
    for _ in range(5):
        process = _start(course, TMPDIR=str(temporary))
        time.sleep(rng.uniform(1.0, 9.0))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=DEADLINE)
        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == []
        assert not list(temporary.glob("attend-*"))
    done = _grade(course)
    assert done.returncode == 0, done.stderr
    assert _contents(course) == undisturbed


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
    assert _contents(course) == undisturbed


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
    assert _contents(course) == undisturbed


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


@pytest.mark.parametrize(
    ("kind", "times", "apart"),
    [("worker", 4, (0.3, 2.0)), ("warm parent", 3, (1.0, 4.0)), ("student kernel", 4, (2.5, 4.0))],
)
def test_whoever_is_killed_the_run_itself_ends_well(
    kind: str,
    times: int,
    apart: tuple[float, float],
    original: Path,
    undisturbed: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Student kernels die apart: a case at which one dies twice over is taken for its killer."""
    course = _copy(original, tmp_path)
    rng = random.Random(kind)
    process = _start(course)
    time.sleep(2)
    killed = 0
    while killed < times and process.poll() is None:
        time.sleep(rng.uniform(*apart))
        killed += _kill_one(process.pid, kind, rng)
    _, said = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, said
    assert killed, "it was over before anybody died"
    assert _contents(course) == undisturbed


def _kill_one(coordinator: int, kind: str, rng: random.Random) -> int:
    """Kill one process of a kind; how many died."""
    found = [
        process
        for process in psutil.Process(coordinator).children(recursive=True)
        if _kind(process, coordinator) == kind
    ]
    if not found:
        return 0
    try:
        rng.choice(found).kill()
    except psutil.NoSuchProcess:
        return 0
    return 1


def _kind(process: psutil.Process, coordinator: int) -> str:
    try:
        if "grader.kernel.parent" not in process.cmdline():
            return "worker" if process.ppid() == coordinator else "other"
        above = psutil.Process(process.ppid())
        return "student kernel" if above.cmdline() == process.cmdline() else "warm parent"
    except psutil.NoSuchProcess:
        return "gone"


@pytest.mark.parametrize("room", [10_000, "gradebook.db"])
def test_a_write_that_fails_half_way_is_said_and_loses_nothing(
    room: int | str, original: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """A file may not grow past a limit: writes fail in the middle, as on a full disk."""
    course = _copy(original, tmp_path)
    size = room if isinstance(room, int) else (course / room).stat().st_size + 8192
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    done = _grade(course, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, most)))
    _is_one_sentence(done, "")
    assert _grade(course).returncode == 0
    assert _contents(course) == undisturbed


FULL_DISK = """
set -e
mount -t tmpfs -o size=$3k tmpfs "$1"
cp -r "$2/." "$1"
shift 3
set +e
"$@"
code=$?
df -k "$0" >&2
mount -o remount,size=64m "$0"
"$@" || code=again$?
cp -r "$0" "$0.after"
exit $code
"""


def test_a_full_disk_is_said_and_loses_nothing(
    original: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """A disk of one megabyte more than the course, of a mount namespace's own."""
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "-r", "--mount"]
    disk = tmp_path / "disk"
    disk.mkdir()
    tried = subprocess.run([*own, "mount", "-t", "tmpfs", "tmpfs", disk], check=False)
    if tried.returncode != 0:
        pytest.skip("no mounts here; the limit on files above stands for the full disk")
    used = sum(path.stat().st_size for path in original.rglob("*")) // 1024
    command = [*GRADER, "--course", str(disk)]
    done = subprocess.run(
        [*own, "sh", "-c", FULL_DISK, str(disk), str(disk), str(original), str(used), *command],
        capture_output=True,
        text=True,
        timeout=2 * DEADLINE,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "grader: " in done.stderr and "Traceback" not in done.stderr
    assert _contents(Path(f"{disk}.after")) == undisturbed


@pytest.mark.parametrize("place", [".", "verdicts", "autograded", "gradebook.db"])
def test_what_is_read_only_is_said_and_loses_nothing(
    place: str, original: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    course = _copy(original, tmp_path)
    for name in ("verdicts", "autograded"):
        (course / name).mkdir(exist_ok=True)
    shut = [course / place] if place != "gradebook.db" else [course / place, course]
    for path in shut:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = _grade(course, _without_rights)
    for path in shut:
        path.chmod(0o755)
    _is_one_sentence(done, "")
    assert _grade(course).returncode == 0
    assert _contents(course) == undisturbed


def _without_rights() -> None:
    """Let modes bind root too: no capability, and none to be had by exec."""
    libc = ctypes.CDLL(None)
    assert libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    drop_capabilities(libc)


def _copy(original: Path, folder: Path) -> Path:
    return Path(shutil.copytree(original, folder / "course"))


def _start(course: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*GRADER, "--course", str(course)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        start_new_session=True,
    )


def _grade(
    course: Path, first: Callable[[], object] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run to the end; `first` is called in the new process, before the program."""
    return subprocess.run(
        [*GRADER, "--course", str(course)],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        preexec_fn=first,
    )


def _is_one_sentence(done: subprocess.CompletedProcess[str], about: str) -> None:
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("grader: ") and about in lines[0]
    assert "Traceback" not in done.stderr


def _contents(course: Path) -> dict[str, Any]:
    """All that the gradebook holds of the class, with the graded notebooks that belong to it."""
    found: dict[str, Any] = contents(Course(course, SEED))
    assert found["grades"] and len({row[:2] for row in found["grades"]}) == len(found["grades"])
    with sqlite3.connect(course / "gradebook.db") as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            found[f"rows of {name}"] = database.execute(f"SELECT count(*) FROM {name}").fetchone()
    for path in sorted((course / "autograded").rglob("*.ipynb")):
        found[str(path.relative_to(course))] = path.read_bytes()
    return found

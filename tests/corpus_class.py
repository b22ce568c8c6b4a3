"""Grades the whole corpus as one class with `grader grade`, once, and keeps what was seen."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from corpus import Entry, entries, hand_in, solved

from grader.course import Lesson, find_repository, load_lessons
from grader.grading import Settings
from grader.nbgrader_course import build_course

LESSONS = ("01", "02", "04")
CANARIES = (
    *("canary.txt", "verdicts/canary.json", "course.json"),
    *("nbgrader_config.py", "attend_config.py"),
)
SETTINGS = Settings(seed=20_26, timeout=2.0)
Records = dict[tuple[str, str, str], dict[str, Any]]


@dataclass(frozen=True)
class GradedClass:
    """A course whose submissions are the corpus, after grading."""

    course: Path
    scratch: Path  # where scratch folders were made
    lessons: dict[str, Lesson]
    records: Records  # by student, lesson, exercise
    before: dict[str, Any]  # what lay in the course and how, before grading
    orphans: list[str]  # processes that outlived the command
    output: str
    seconds: float

    def verdicts(self, student: str, lesson: str) -> dict[str, dict[str, Any]]:
        """One learner's records of one lesson, by exercise."""
        return {
            key[2]: record for key, record in self.records.items() if key[:2] == (student, lesson)
        }


@functools.cache
def graded_class() -> GradedClass:
    """The corpus and a learner who has solved everything, graded by the command."""
    home = Path(tempfile.mkdtemp(prefix="corpus-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    course, scratch = home / "course", home / "scratch"
    scratch.mkdir()
    lessons = make_course(course)
    before = snapshot(course)
    environment = os.environ | {"TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "grader.cli", "grade", "--course", str(course)]
    command += ["--workers", "3", "--timeout", str(SETTINGS.timeout)]
    command += ["--json", str(home / "records.json")]
    started = time.monotonic()
    ran = subprocess.run(
        [*command, *LESSONS],
        cwd=find_repository(),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=1200,
        check=False,
    )
    seconds = time.monotonic() - started
    output = ran.stdout.decode(errors="replace")
    assert ran.returncode == 0, output[-3000:]
    found = json.loads((home / "records.json").read_text(encoding="utf-8"))
    records = {(item["student"], item["lesson"], item["exercise"]): item for item in found}
    assert len(records) == len(found), "a verdict was written twice"
    return GradedClass(
        course, scratch, lessons, records, before, _orphans(scratch), output, seconds
    )


def make_course(course: Path, chosen: list[Entry] | None = None) -> dict[str, Lesson]:
    """Build a course whose class is the corpus (or some of it) beside one honest learner."""
    repository = find_repository()
    lessons = {lesson.name: lesson for lesson in load_lessons(repository, list(LESSONS))}
    build_course(course, list(lessons.values()), seed=SETTINGS.seed)
    (course / "canary.txt").write_text("as it was\n")
    (course / "verdicts").mkdir()
    (course / "verdicts" / "canary.json").write_text("{}\n")
    for lesson in lessons.values():
        folder = course / "submitted" / "control" / lesson.name
        folder.mkdir(parents=True)
        (folder / f"{lesson.name}.ipynb").write_text(json.dumps(solved(lesson)))
    for entry in chosen if chosen is not None else [*entries("attacks"), *entries("honest")]:
        hand_in(entry, lessons[entry.lesson], course, repository)
    return lessons


def snapshot(course: Path) -> dict[str, Any]:
    """Everything that a submission might change: bytes, modes, times, and what lies beside."""
    seen: dict[str, Any] = {}
    for name in CANARIES:
        path = course / name
        state = path.stat()
        seen[name] = (path.read_bytes(), state.st_mode, state.st_uid, state.st_mtime_ns)
        seen[f"attributes of {name}"] = os.listxattr(path)
    for folder in (course / "submitted", course / "release", course / "source"):
        for path in sorted(folder.rglob("*.ipynb")):
            if path.is_file() and path.stat().st_size < 1 << 20:
                seen[str(path.relative_to(course))] = path.read_bytes()
    return seen


def _orphans(scratch: Path) -> list[str]:
    """Processes that work in a scratch folder, a moment after all should have ended."""
    for _ in range(50):
        found = [_told(process) for process in psutil.process_iter() if _works_in(process, scratch)]
        if not found:
            break
        time.sleep(0.1)
    return found


def _works_in(process: psutil.Process, scratch: Path) -> bool:
    try:
        return str(process.cwd()).startswith(str(scratch))
    except psutil.Error:
        return False


def _told(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.Error:
        return str(process.pid)

"""What a kept verdict depends on: all that grading imports, and nothing of pages and commands."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY

from grader import grading
from grader.course import load_lessons
from grader.grading import APART, deciding_files
from grader.room.marking import solved

PACKAGE = REPOSITORY / "grader"
LESSON = "01_dot_products"
# Grades a notebook and lists the files of grader/ that are imported then: here, and in each student
# kernel, which is asked just before it ends.
GRADE = """
import json, sys
from pathlib import Path
import grader.engine
from grader.course import load_lessons
from grader.crew import Crew
from grader.grading import Settings
from grader.kernel.client import StudentKernel
from grader.submissions import find_submissions

LIST = '''[file.rpartition("/grader/")[2] for one in list(sys.modules.values())
    if "/grader/" in (file := str(getattr(one, "__file__", None)))]'''
ASK = f"import sys\\nraise RuntimeError('|'.join([*{LIST}, 'all']))"
student, end = set(), StudentKernel.close

def close(kernel):
    said = kernel.run_cell(ASK, 20)["message"].split("|")
    assert said.pop() == "all", "the list was cut off"
    student.update(said)
    end(kernel)

StudentKernel.close = close
lessons = load_lessons(Path(sys.argv[1]), [sys.argv[3]])
crew = Crew(lessons, Settings(seed=1))
(graded,) = map(crew.grade, find_submissions(Path(sys.argv[2]), lessons))
crew.close()
statuses = sorted({one.status for one in graded.verdicts})
print(json.dumps({"statuses": statuses, "here": eval(LIST), "student": sorted(student)}))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The files of grader/ that grading a submission has imported, on both sides of the pipe.

    One of its answers is wrong, so that what names mistakes is imported too.
    """
    (lesson,) = load_lessons(REPOSITORY, [LESSON])
    notebook = json.loads(solved(str(REPOSITORY), LESSON))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "score_matrix":
            cell["source"] = lesson.misconceptions("score_matrix")["no_transpose"].source
    submitted = tmp_path_factory.mktemp("submitted")
    path = submitted / "ada" / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", GRADE, str(REPOSITORY), str(submitted), LESSON],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = {key: set(value) for key, value in json.loads(ran.stdout.splitlines()[-1]).items()}
    assert "passed" in (statuses := found.pop("statuses")) and len(statuses) > 1
    return found


def deciding() -> set[str]:
    return {path.relative_to(PACKAGE).as_posix() for path in deciding_files()}


def imports_in(path: Path) -> Iterator[str]:
    """Every name that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_all_that_grading_imports_is_in_the_hash(imported: dict[str, set[str]]) -> None:
    assert {"crew.py", "wire.py", "kernel/client.py"} <= imported["here"]
    assert {"kernel/child.py", "kernel/shell.py", "attend/checks.py"} <= imported["student"]
    for side, files in imported.items():
        assert files - deciding() == set(), side
    assert "kernel/parent.py" in deciding()  # a forked child has forgotten where it came from


def test_nothing_in_the_hash_imports_what_is_not() -> None:
    """Not even inside a function, on a way that a test seldom takes."""
    apart = {f"grader.{name.removesuffix('.py')}" for name in APART}
    found = [
        f"{path.name}: {name}"
        for path in deciding_files()
        for name in imports_in(path)
        if ".".join(name.split(".")[:2]) in apart
    ]
    assert found == []


def test_pages_and_commands_make_no_verdict_stale() -> None:
    assert not {"room/room.py", "commands/grade.py", "report.py"} & deciding()
    assert [name for name in APART if not (PACKAGE / name).exists()] == []


def test_a_change_in_what_decides_is_a_change_of_the_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest reads the listed files, and nothing else of grader/."""
    (lesson,) = load_lessons(REPOSITORY, [LESSON])
    own = tmp_path / "own.py"
    own.write_text("1")
    monkeypatch.setattr(grading, "deciding_files", lambda: [own])
    before = grading.lesson_digest(lesson, grading.Settings(seed=1))
    own.write_text("2")
    assert grading.lesson_digest(lesson, grading.Settings(seed=1)) != before

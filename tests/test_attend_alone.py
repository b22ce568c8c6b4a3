"""The learner's check where there is little else: attend.zip, NumPy, matplotlib, and Python.

No IPython, no grader, no solutions/, no network, no process and no signal: what macOS, Windows and
Colab lack or forbid is forbidden here. They themselves are not tried.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, execute, notebook_of

from grader.build import attend_zip
from grader.course import Lesson, load_lessons
from grader.notebook import released
from grader.stub import solution_source

SHUT = """
import json, sys

class Shut:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in SHUT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

SHUT = {
    "IPython", "ipykernel", "ipywidgets", "grader", "solutions", "nbformat", "resource", "fcntl",
    "pwd", "grp", "termios", "pyseccomp", "psutil",
}
for name in [name for name in sys.modules if name.split(".")[0] in SHUT]:
    del sys.modules[name]
sys.meta_path.insert(0, Shut())

def refuse(event, args):
    if event in ("socket.connect", "os.fork", "os.system", "subprocess.Popen", "os.exec"):
        raise PermissionError(event)

sys.addaudithook(refuse)
sys.stdout.reconfigure(encoding=ENCODING)
names = {"__name__": "__main__"}
for cell in CELLS:
    try:
        exec(compile(cell, "<cell>", "exec"), names)
    except Exception as error:
        print("ENDED", type(error).__name__)
"""


def run_alone(folder: Path, cells: list[str], encoding: str = "utf-8") -> str:
    """What these cells print in an isolated Python, in a folder that holds attend.zip alone."""
    given = f"ENCODING, CELLS = {encoding!r}, {json.dumps(cells)}\n"
    done = subprocess.run(
        [sys.executable, "-I", "-c", given + SHUT], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(encoding)


def cells_of(lesson: Lesson, answers: dict[str, str]) -> list[str]:
    """The given cells, answers and checks of a lesson, in the page's order."""
    found = []
    for cell in released(lesson).cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in lesson.exercises:
            found.append(answers.get(name) or solution_source(lesson.kernels_source, name))
        elif name.startswith(("given_", "check_")):
            found.append(cell.source)
    return found


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return load_lessons(REPOSITORY, ["01"])[0]


def test_solved_every_check_is_ticked(lesson: Lesson, tmp_path: Path) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([lesson]))
    out = run_alone(tmp_path, cells_of(lesson, {}))
    assert "ENDED" not in out and "✗" not in out
    assert all(f"Check of {name}\n" in out for name in lesson.exercises)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_mistake_is_named_and_its_section_too(
    lesson: Lesson, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([lesson]))
    wrong = lesson.misconceptions("score_matrix")["no_transpose"]
    out = run_alone(tmp_path, cells_of(lesson, {"score_matrix": wrong.source}), encoding)
    assert "ENDED CheckFailed" in out and "Traceback" not in out
    assert wrong.sentence.encode(encoding, "replace").decode(encoding) in out
    assert "Read again: 3 ? All queries" in out.replace("·", "?")


def test_unwritten_exercises_are_all_that_stops_a_fresh_notebook(
    lesson: Lesson, tmp_path: Path
) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([lesson]))
    stubs = {
        name: f'def {name}(*a, **k):\n    raise NotImplementedError("{name} is not written yet")'
        for name in lesson.exercises
    }
    ended = [
        line
        for line in run_alone(tmp_path, cells_of(lesson, stubs)).splitlines()
        if "ENDED" in line
    ]
    assert ended == ["ENDED NotImplementedError"] * len(lesson.exercises)


def test_a_lesson_without_check_data_is_checked_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([]))
    cells = [
        "import sys; sys.path.insert(0, 'attend.zip')\nfrom attend import Checker",
        "with Checker('55_none')('f') as expect: expect('one', 1.5, 1)",
    ]
    assert "✗ not yet  one" in run_alone(tmp_path, cells)


def test_what_is_shut_is_shut(tmp_path: Path) -> None:
    cells = ["import IPython", "import resource", "import os; os.system('true')", "import grader"]
    out = run_alone(tmp_path, cells).split()
    missing = "ModuleNotFoundError"
    assert [word for word in out if word != "ENDED"] == [*[missing] * 2, "PermissionError", missing]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("def score_matrix(queries, keys):\n    return queries @ queries.T", "CheckFailed"),
        ("def score_matrix(queries, keys):\n    return queries @ keys.what", "CheckFailed"),
        ("def score_matrix(queries, keys):\n    raise NotImplementedError", "NotImplementedError"),
    ],
)
def test_in_a_notebook_no_frame_of_attend_is_shown(
    lesson: Lesson, tmp_path: Path, answer: str, said: str
) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([lesson]))
    run = execute(
        notebook_of(*cells_of(lesson, {"score_matrix": answer})), tmp_path, allow_errors=True
    )
    errors = [one for cell in run.cells for one in cell.outputs if one.output_type == "error"]
    assert errors[0].ename == said
    for error in errors:
        assert len(error.traceback) == 1 and "\n" not in error.traceback[0]
        assert not any(word in error.traceback[0] for word in ("Traceback", "attend", ".py"))

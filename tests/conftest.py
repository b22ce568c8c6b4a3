"""What the tests share: a tiny lesson made on the fly, student kernels, notebooks."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import nbformat
import pytest
from nbclient import NotebookClient
from xdist.scheduler import LoadFileScheduling

import solutions
from grader.course import Lesson, find_repository, load_lessons
from grader.grading import imports_of
from grader.kernel.client import StudentKernel
from grader.kernel.sources import WarmParent
from grader.notebook import given_source
from grader.stub import cut_stub, solution_source

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "attend", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("attend")

# What checks say of themselves goes nowhere: tests are not a learner's progress.
os.environ["ATTEND_EVENTS"] = os.devnull

REPOSITORY = find_repository(Path(__file__).parent)
SECRET_LENGTH = 25  # characters of a line that says something
COMMONPLACE = "except ValueError as error:"
MakeLesson = Callable[..., Lesson]

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend: {title: Tiny, goal: You test., needs: [], core: true, training_minutes: 0}
# ---

# %% [markdown]
# A tiny page.

"""
SETUP = """\
# %% given="setup"
import numpy as np
import torch
from attend import Checker
from torch import nn

check = Checker("99_tiny")

"""
NUMPY_SETUP = """\
# %% given="setup"
import numpy as np

"""
DOUBLE_SLOT = """\
# %% exercise="double" points={"idea": 12, "shapes": 8} minutes=10 difficulty=2 importance=5
from solutions.lesson_99_tiny.kernels import double

"""
DOUBLE_CHECK = """\
# %% check="double"
with check("double") as expect:
    expect("each is doubled", double(np.array([1.0, 2.0])), np.array([2.0, 4.0]))
"""
PLAIN_CHECK = """\
# %% check="double"
assert double(1) == 2
"""
KERNELS = '''\
"""Reference answers."""

import numpy as np


def _twice(x):
    return x * 2


def double(x: np.ndarray) -> np.ndarray:
    """Double every entry.

    Args:
        x: (..., n)
    """
    return _twice(x)
'''
CASES = '''\
"""Hidden cases."""

from grader.cases import case


@case("double", "idea", inputs=lambda rng: {"x": rng.standard_normal(5)}, axes=("entry",))
def one_row(k, x):
    return k.double(x)


@case("double", "shapes", inputs=lambda rng: {"x": rng.standard_normal((2, 3))})
def two_rows(k, x):
    return k.double(x)
'''
CANDIDATES = '''\
"""Wrong answers and right ones."""

from grader.cases import alternative, misconception


@misconception("double", "You squared; multiply by two.")
def squares(x):
    return x * x


@misconception("double", "You doubled the first row alone.", about="shapes")
def first_row_alone(x):
    return 2 * x if x.ndim == 1 else 2 * x[0]


@alternative("double")
def adds(x):
    return x + x


@alternative("double")
def divides(x):
    return x / 0.5
'''
PARTS = ("kernels", "hidden_tests", "misconceptions")


# The longest files, each of whose tests stands alone: spread over the workers, and last.
SPREAD = {"test_lessons_solved.py", "test_mutation.py", "test_naming.py", "test_proofs.py"}


class OneFileOrOneProof(LoadFileScheduling):
    """A file's tests share a worker, and so its fixtures; the proofs go to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if Path(file).name in SPREAD else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneFileOrOneProof:
    return OneFileOrOneProof(config, log)


@pytest.fixture
def make_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeLesson]:
    """Writes a lesson into a temporary solutions/ and returns it: `make_lesson(kernels=...)`."""
    home = tmp_path / "solutions"
    monkeypatch.setattr(solutions, "__path__", [*solutions.__path__, str(home)])
    made: list[str] = []

    def make(
        *,
        page: str = HEADER + SETUP + DOUBLE_SLOT + DOUBLE_CHECK,
        kernels: str = KERNELS,
        cases: str = CASES,
        candidates: str = CANDIDATES,
        name: str = "99_tiny",
    ) -> Lesson:
        folder = home / f"lesson_{name}"
        folder.mkdir(parents=True, exist_ok=True)
        _forget(folder.name)
        texts = {"lesson": page, **dict(zip(PARTS, (kernels, cases, candidates), strict=True))}
        for part, text in {"__init__": "", **texts}.items():
            (folder / f"{part}.py").write_text(text, encoding="utf-8")
        made.append(folder.name)
        return Lesson(folder)

    yield make
    for name in made:
        _forget(name)


def _forget(folder: str) -> None:
    """Let the next import of this lesson read its files anew."""
    import importlib
    import linecache

    importlib.invalidate_caches()
    linecache.clearcache()
    package = f"solutions.{folder}"
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
    if hasattr(solutions, folder):
        delattr(solutions, folder)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmParent]:
    """One warm parent for all tests, with what every lesson imports."""
    source = WarmParent(imports_of(load_lessons(REPOSITORY)))
    yield source
    source.close()


@pytest.fixture
def kernel(warm: WarmParent) -> Iterator[StudentKernel]:
    """A fresh sandboxed student kernel."""
    forked = warm.fork()
    yield forked
    forked.close()


def notebook_of(*cells: Any) -> Any:
    """A notebook of these code cells; a cell is its text, or (text, grade_id)."""
    notebook = nbformat.v4.new_notebook()
    for cell in cells:
        source, name = (cell, None) if isinstance(cell, str) else cell
        made = nbformat.v4.new_code_cell(source)
        if name:
            made.metadata["nbgrader"] = {"grade_id": name}
        notebook.cells.append(made)
    return notebook


def page_text(lesson: Lesson) -> str:
    """All that a page says, before anything is built of it."""
    return "\n".join(cell.source for cell in lesson.page.cells)


def freely_told(lesson: Lesson) -> str:
    """What a page may show of any lesson: its given cells, and hints that are lines of its own."""
    given = [given_source(lesson, cell) for cell in lesson.page.cells if cell.role == "given"]
    own = [line.strip() for line in lesson.kernels_source.splitlines()]
    text = page_text(lesson)
    return "\n".join([*given, *(line for line in own if line in text)])


def secret_lines(lesson: Lesson) -> dict[str, str]:
    """The lines that no learner may receive, with where each comes from.

    Every line of at least 25 characters of a solution that is not in its stub, and of a hidden
    case's text, but for what its own page tells, or another page freely.
    """
    found: dict[str, str] = {}
    for name in lesson.exercises:
        solution = solution_source(lesson.kernels_source, name)
        stub = cut_stub(solution, name)
        kept = {line.strip() for line in stub.splitlines()}
        for line in solution.splitlines():
            if line.strip() not in kept:
                found[line.strip()] = f"{lesson.name}, solution of {name}"
        for case in lesson.cases[name]:
            written = inspect.getsource(case.run)
            run = written[written.index(f"def {case.name}(") :]  # without its decorator
            for line in [*case.source.splitlines(), *run.splitlines()]:
                found[line.strip()] = f"{lesson.name}, hidden case {case.name}"
    told_text = "\n".join([page_text(lesson), *map(freely_told, load_lessons(REPOSITORY))])
    return {
        line: where
        for line, where in found.items()
        if len(line) >= SECRET_LENGTH and line != COMMONPLACE and line not in told_text
    }


def execute(notebook: Any, folder: Path, **options: Any) -> Any:
    """Run a notebook in a fresh kernel, in a folder that holds nothing but attend.zip."""
    folder_of = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, timeout=400, kernel_name="python3", resources=folder_of, **options
    )
    return client.execute()

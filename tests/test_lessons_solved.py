"""Every lesson, solved, runs from top to bottom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, execute

from grader.build import attend_zip
from grader.course import Lesson, load_lessons
from grader.notebook import source_notebook

every_lesson = pytest.mark.parametrize(
    "lesson", load_lessons(REPOSITORY), ids=lambda lesson: lesson.name
)


def without_hidden_tests(notebook: Any) -> Any:
    for cell in notebook.cells:
        cell.source = cell.source.split("### BEGIN HIDDEN TESTS")[0]
    return notebook


@every_lesson
def test_solved_it_runs_without_an_error(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([lesson]))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    execute(without_hidden_tests(source_notebook(lesson)), tmp_path)

"""nbgrader's own grading step, without a kernel: which verdicts it reads, and which it keeps."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from recorded import LESSON, NAME

from grader import nbgrader_plugin
from grader.grading import Verdict
from grader.notebook import released

SEED = 11


@pytest.fixture
def graded_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems of the notebooks that nbgrader's step has graded itself, by no kernel."""
    problems: list[str] = []

    def grade(*arguments: Any) -> list[Verdict]:
        problems.append(arguments[-1])
        return [
            Verdict(name, 0.0, item.total, "failed", None, "Anew.", 0.1)
            for name, item in LESSON.exercises.items()
        ]

    monkeypatch.setattr(nbgrader_plugin, "_grade", grade)
    return problems


def step_on(folder: str, *, content: str = "c", student: str = "ada", **settings: Any) -> str:
    """The outputs that nbgrader's step writes for one notebook."""
    notebook = copy.deepcopy(released(LESSON))
    notebook.metadata["attend_held"] = {"content": content, "problem": "half"}
    names = {"student": student, "assignment": NAME}
    step = nbgrader_plugin.TwoKernelExecute(**{"seed": SEED, "kept": folder, **settings})
    notebook, _ = step.preprocess(notebook, {"nbgrader": names})
    assert "attend_held" not in notebook.metadata
    return str([cell.get("outputs") for cell in notebook.cells])


def test_nbgraders_step_keeps_what_it_graded(graded_anew: list[str], tmp_path: Path) -> None:
    first = step_on(str(tmp_path))
    assert step_on(str(tmp_path)) == first and graded_anew == ["half"]
    step_on(str(tmp_path), content="another")
    assert len(graded_anew) == 2


@pytest.mark.parametrize("folder", ["", "in the way"])
def test_without_a_folder_of_verdicts_nbgraders_step_grades_each_time(
    graded_anew: list[str], tmp_path: Path, folder: str
) -> None:
    (tmp_path / "in the way").write_text("a file")
    where = str(tmp_path / folder) if folder else ""
    assert "Anew." in step_on(where) and "Anew." in step_on(where)
    assert graded_anew == ["half", "half"]


@pytest.mark.parametrize("damage", ["", "{}", '{"verdicts": [], "notebook": ""}', "Anew. Anew."])
def test_a_damaged_kept_verdict_is_graded_again(
    graded_anew: list[str], tmp_path: Path, damage: str
) -> None:
    step_on(str(tmp_path))
    (kept,) = tmp_path.glob("*.json")
    kept.write_text(damage if "Anew." not in damage else kept.read_text().replace("Anew.", "20"))
    assert "Anew." in step_on(str(tmp_path)) and len(graded_anew) == 2


def test_another_seed_patience_or_learner_is_another_verdict(
    graded_anew: list[str], tmp_path: Path
) -> None:
    for change in ({}, {"seed": SEED + 1}, {"timeout": 3.0}):
        step_on(str(tmp_path), **change)
    step_on(str(tmp_path), student="eve")
    assert len(graded_anew) == 4

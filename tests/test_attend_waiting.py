"""A cell that waits for an exercise says so in one sentence; every other error looks as ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from grader.attend import Checker, waiting

STUB = "def weights(x):\n    raise NotImplementedError('weights is not written yet')"
SENTENCE = "weights is not written yet: write it in its own cell further up, run that cell"


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A shell whose tracebacks are kept, as a notebook's first cell leaves it."""
    shell = InteractiveShell()
    shell.shown = []
    shell._showtraceback = lambda kind, error, lines: shell.shown.append(lines)
    monkeypatch.setattr(waiting, "shell", lambda: shell)
    yield shell
    shell.history_manager.end_session()


def test_a_picture_names_the_exercise_that_it_waits_for(notebook: Any) -> None:
    Checker("98_none")
    notebook.run_cell(STUB)
    ran = notebook.run_cell("[weights(x) for x in (1, 2)]")
    assert isinstance(ran.error_in_exec, NotImplementedError)
    ((told,),) = notebook.shown
    assert told.startswith(SENTENCE)


@pytest.mark.parametrize(
    "cell",
    ["1 / 0", "import torch\ntorch.zeros(2, device='meta').tolist()", "raise NotImplementedError"],
)
def test_other_errors_keep_their_tracebacks(notebook: Any, cell: str) -> None:
    Checker("98_none")
    notebook.run_cell(cell)
    (lines,) = notebook.shown
    assert len(lines) > 1 and "not written" not in "".join(lines)


def test_what_others_say_of_their_errors_stays(notebook: Any) -> None:
    said = []
    notebook.set_custom_exc((ImportError,), lambda *about, **more: said.append(about[1]))
    Checker("98_none")
    Checker("98_none")
    notebook.run_cell("import no_such_module")
    assert said == [ModuleNotFoundError] and notebook.shown == []
    notebook.run_cell(STUB + "\nweights(1)")
    assert notebook.shown[0][0].startswith(SENTENCE)

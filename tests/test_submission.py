"""Reading a submitted notebook in whatever state it is, and finding the answers in it."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import notebook_of
from hypothesis import given
from hypothesis import strategies as st

from grader import submission
from grader.notebook import write_notebook
from grader.submission import plain_python, program_of, read_notebook, rebuild

STUB = 'def f(x):\n    raise NotImplementedError("f is not written yet")'


def cell(source: str, name: str = "", **flags: bool) -> Any:
    made = nbformat.v4.new_code_cell(source, id=f"id-{name}" if name else f"id-{len(source)}")
    if name:
        made.metadata["nbgrader"] = {"grade_id": name, "solution": False, "grade": False, **flags}
    return made


@pytest.fixture
def template() -> Any:
    """A release: given imports, a free cell, the exercises f and g, each with its check."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        cell("import numpy as np", "given_setup", locked=True),
        cell("np.zeros(3)"),
        cell(STUB, "f", solution=True),
        cell("f(1)", "check_f", grade=True, locked=True),
        cell(STUB.replace("f", "g", 1).replace("f is", "g is"), "g", solution=True),
        cell("g(1)", "check_g", grade=True, locked=True),
    ]
    return notebook


def answered(template: Any, **answers: str) -> Any:
    """The release with these answers written in."""
    notebook = copy.deepcopy(template)
    for each in notebook.cells:
        name = each.metadata.get("nbgrader", {}).get("grade_id")
        each.source = answers.get(name, each.source)
    return notebook


def write(tmp_path: Path, data: bytes | str) -> Path:
    path = tmp_path / "lesson.ipynb"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def raw(*cells: Any) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_a_whole_notebook_is_read(tmp_path: Path, template: Any) -> None:
    notebook, problem = read_notebook(write(tmp_path, write_notebook(template)))
    assert problem is None
    assert [each.source for each in notebook.cells] == [each.source for each in template.cells]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_notebook_cut_short_says_so(tmp_path: Path, template: Any, share: float) -> None:
    data = write_notebook(template)
    notebook, problem = read_notebook(write(tmp_path, data[: int(share * len(data))]))
    assert notebook.cells == [] and problem is not None and "breaks off" in problem


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    text = raw({"cell_type": "code", "source": "é = 1"})
    notebook, problem = read_notebook(write(tmp_path, b"\xef\xbb\xbf" + text.encode()))
    assert problem is None and notebook.cells[0].source == "é = 1"


def test_a_link_is_not_followed(tmp_path: Path, template: Any) -> None:
    target = write(tmp_path, write_notebook(template))
    link = tmp_path / "link.ipynb"
    link.symlink_to(target)
    notebook, problem = read_notebook(link)
    assert notebook.cells == [] and problem is not None and "not a plain file" in problem


def test_a_folder_or_nothing_in_the_files_place_says_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.ipynb"):
        assert "not a plain file" in str(read_notebook(path)[1])


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "SIZE_LIMIT", 100)
    assert "larger than" in str(read_notebook(write(tmp_path, raw() + " " * 100))[1])


@pytest.mark.parametrize(
    "data",
    [
        b"not JSON",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"null",
        b"[]",
        b'{"cells": 3}',
        b'{"worksheets": []}',
        b'{"cells": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda data: str(data[:12]),
)
def test_what_is_no_notebook_says_so(tmp_path: Path, data: bytes) -> None:
    notebook, problem = read_notebook(write(tmp_path, data))
    assert notebook.cells == [] and problem


def test_a_cells_text_may_be_a_list_of_lines(tmp_path: Path) -> None:
    text = raw({"cell_type": "code", "source": ["x = 1\n", "y = 2"]})
    assert read_notebook(write(tmp_path, text))[0].cells[0].source == "x = 1\ny = 2"


def test_cells_of_no_known_form_are_left_out(tmp_path: Path) -> None:
    text = raw(
        *(None, 3, {}, {"cell_type": "raw", "source": "x"}, {"cell_type": "code", "source": 3}),
        {"cell_type": "code", "source": "kept", "metadata": None, "outputs": 7, "id": 5},
    )
    assert [each.source for each in read_notebook(write(tmp_path, text))[0].cells] == ["kept"]


def test_outputs_and_tags_are_left_behind(tmp_path: Path) -> None:
    metadata = {"tags": ["skip-execution"], "nbgrader": {"grade_id": "f", "points": 99}}
    text = raw({"cell_type": "code", "source": "x", "metadata": metadata, "outputs": [1]})
    (read,) = read_notebook(write(tmp_path, text))[0].cells
    assert read.metadata == {"nbgrader": {"grade_id": "f"}} and read.outputs == []


def test_half_a_character_can_be_written_out_again(tmp_path: Path, template: Any) -> None:
    text = raw({"cell_type": "code", "source": "x = '\ud800'"})
    notebook, problem = read_notebook(write(tmp_path, text))
    assert problem is None
    assert write_notebook(rebuild(notebook, template))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "metadata", "id", "nbgrader"]),
            inner | st.sampled_from(["code", "markdown"]),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(JSON_VALUES)
def test_any_json_is_read_and_rebuilt(tmp_path_factory: Any, data: Any) -> None:
    path = write(tmp_path_factory.getbasetemp(), json.dumps({"cells": [data, [data]]}))
    notebook, _ = read_notebook(path)
    template = notebook_of("given")
    program_of(notebook, template)
    assert write_notebook(rebuild(notebook, template))


def test_an_answer_is_found_by_its_tag(template: Any) -> None:
    notebook = notebook_of(("def f(x):\n    return 2", "f"))
    assert program_of(notebook, template).answer("f") == "def f(x):\n    return 2"


def test_an_answer_is_found_by_its_cells_id(template: Any) -> None:
    notebook = notebook_of("f = len")
    notebook.cells[0]["id"] = "id-f"
    assert program_of(notebook, template).answer("f") == "f = len"


@pytest.mark.parametrize(
    "text", ["def f(x):\n    return 2", "f = len", "from math import sqrt as f"]
)
def test_an_answer_is_found_by_what_it_defines(template: Any, text: str) -> None:
    assert program_of(notebook_of("x = 1", text), template).answer("f") == text


def test_an_answer_in_a_new_cell_beats_the_untouched_stub(template: Any) -> None:
    notebook = copy.deepcopy(template)
    notebook.cells.append(nbformat.v4.new_code_cell("def f(x):\n    return 2"))
    assert program_of(notebook, template).answer("f") == "def f(x):\n    return 2"


def test_an_exercise_without_a_cell_has_no_answer(template: Any) -> None:
    notebook = copy.deepcopy(template)
    del notebook.cells[2]
    program = program_of(notebook, template)
    assert program.answer("f") is None and program.answer("g") is not None


def test_of_two_answers_the_last_changed_one_counts_with_a_note(template: Any) -> None:
    notebook = notebook_of(("f = 1", "f"), ("f = 2", "f"), (STUB, "f"))
    program = program_of(notebook, template)
    assert program.answer("f") == "f = 2"
    assert program.notes == ("f: 2 cells answer it; the last one counts.",)


def test_given_cells_run_as_released(template: Any) -> None:
    notebook = notebook_of(("import os", "given_setup"), ("f = 1", "f"))
    steps = program_of(notebook, template).steps
    assert [step.source for step in steps if step.given] == ["import numpy as np"]


def test_a_helper_runs_only_where_an_answer_needs_it(template: Any) -> None:
    notebook = answered(template, f="def f(x):\n    return helper(x)")
    notebook.cells.insert(1, cell("def helper(x):\n    return constant"))
    notebook.cells.insert(1, cell("constant = 3"))
    notebook.cells.insert(1, cell("while True: pass"))
    steps = [step.source for step in program_of(notebook, template).steps]
    assert steps[:3] == [
        "import numpy as np",
        "constant = 3",
        "def helper(x):\n    return constant",
    ]
    assert "while True: pass" not in steps


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "%%time",
        "!ls",
        "files = !ls",
        "np.exp?",
        "  %timeit 1",
        "there = %pwd",
    ],
)
def test_a_helper_is_found_beside_a_magic(template: Any, line: str) -> None:
    notebook = answered(template, f="def f(x):\n    return mine(x)")
    indented = "if True:\n" if line.startswith(" ") else ""
    helper = f"{indented}{line}\ndef mine(x):\n    return x"
    notebook.cells.append(cell(helper))
    assert helper in [step.source for step in program_of(notebook, template).steps]


def test_a_name_that_a_shell_line_brings_is_found(template: Any) -> None:
    notebook = answered(template, f="def f(x):\n    return here")
    notebook.cells.append(cell("here = !pwd"))
    assert "here = !pwd" in [step.source for step in program_of(notebook, template).steps]


@pytest.mark.parametrize("text", ["x = 5 \\\n% 3", 's = """\n%d\n"""', "def f(:"])
def test_only_what_does_not_parse_loses_its_shell_lines(text: str) -> None:
    assert plain_python(text) == text


def test_a_long_line_of_signs_is_read_at_once() -> None:
    started = time.perf_counter()
    for signs in ("%" * 100_000, "?" * 100_000, "a" * 100_000 + " ?", "a = " * 50_000):
        plain_python(f"def f(:\n{signs}")
    assert time.perf_counter() - started < 5  # a fraction of a second; hours where it backtracks


def test_helpers_run_above_the_answers(template: Any) -> None:
    notebook = answered(template, f="def f(x, size=default):\n    return size")
    notebook.cells.append(cell("default = 3"))
    steps = [step.source for step in program_of(notebook, template).steps]
    assert steps.index("default = 3") == 1


def test_a_check_cell_is_no_helper(template: Any) -> None:
    notebook = answered(template, f="def f(x):\n    return helper", check_f="helper = 1")
    assert "helper = 1" not in [step.source for step in program_of(notebook, template).steps]


def test_a_cell_that_does_not_parse_is_run_as_it_is(template: Any) -> None:
    program = program_of(answered(template, f="def f(x:\n"), template)
    assert program.answer("f") == "def f(x:\n"


def test_rebuilding_puts_locked_cells_back(template: Any) -> None:
    notebook = answered(template, f="f = 1", check_f="print('2.0')", given_setup="np = None")
    rebuilt = {each.id: each for each in rebuild(notebook, template).cells}
    assert rebuilt["id-check_f"].source == "f(1)"
    assert rebuilt["id-given_setup"].source == "import numpy as np"
    assert rebuilt["id-f"].source == "f = 1"


def test_rebuilding_takes_metadata_from_the_release_alone(template: Any) -> None:
    notebook = copy.deepcopy(template)
    for each in notebook.cells:
        each.metadata["tags"] = ["skip-execution"]
        each.metadata.setdefault("nbgrader", {})["points"] = 99
    notebook.cells.append(cell("mine = 1"))
    notebook.cells[-1].metadata["tags"] = ["skip-execution"]
    rebuilt = rebuild(notebook, template)
    assert [each.metadata for each in rebuilt.cells[:-1]] == [
        each.metadata for each in template.cells
    ]
    assert rebuilt.cells[-1].metadata == {}


def test_rebuilding_keeps_own_cells_and_edits(template: Any) -> None:
    notebook = copy.deepcopy(template)
    notebook.cells[1].source = "np.ones(4)"
    notebook.cells.append(cell("mine = 1"))
    rebuilt = rebuild(notebook, template)
    assert rebuilt.cells[1].source == "np.ones(4)" and rebuilt.cells[-1].source == "mine = 1"


def test_rebuilding_brings_deleted_cells_back_once(template: Any) -> None:
    notebook = notebook_of(("f = 1", "f"), ("f = 2", "f"), ("f(9)", "check_f"), ("f(9)", "check_f"))
    rebuilt = rebuild(notebook, template)
    names = [each.metadata.get("nbgrader", {}).get("grade_id") for each in rebuilt.cells]
    assert names == ["given_setup", None, "f", "check_f", "g", "check_g"]


def test_rebuilding_writes_each_id_once(template: Any) -> None:
    notebook = copy.deepcopy(template)
    notebook.cells += [cell("mine = 1"), cell("mine = 2")]
    ids = [each.id for each in rebuild(notebook, template).cells]
    assert len(ids) == len(set(ids))

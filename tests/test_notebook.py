"""From a page to the instructor's source notebook and the learners' release."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import DOUBLE_CHECK, DOUBLE_SLOT, HEADER, KERNELS, SETUP, MakeLesson

from grader.errors import GraderError
from grader.notebook import lesson_minutes, release_notebook, source_notebook, write_notebook

PAGE = HEADER + SETUP + DOUBLE_SLOT + DOUBLE_CHECK


def named(notebook: Any) -> dict[str, Any]:
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader")
    }


def test_the_source_holds_solution_and_hidden_tests(make_lesson: MakeLesson) -> None:
    cells = named(source_notebook(make_lesson()))
    assert list(cells) == ["given_setup", "double", "check_double"]
    assert "return _twice(x)" in cells["double"].source and "def _twice" in cells["double"].source
    assert "grader.here.run('99_tiny', 'double', globals())" in cells["check_double"].source
    assert cells["check_double"].metadata.nbgrader["points"] == 20


def test_the_release_holds_stub_and_visible_check(make_lesson: MakeLesson) -> None:
    cells = named(release_notebook(source_notebook(make_lesson())))
    assert "_twice" not in cells["double"].source
    assert 'raise NotImplementedError("double is not written yet")' in cells["double"].source
    assert "HIDDEN" not in cells["check_double"].source
    assert cells["check_double"].source.startswith('with check("double") as expect:')
    assert not cells["given_setup"].metadata["editable"] and not cells["check_double"].metadata.get(
        "editable", True
    )


def test_the_source_is_not_changed_by_releasing_it(make_lesson: MakeLesson) -> None:
    source = source_notebook(make_lesson())
    before = write_notebook(source)
    release_notebook(source)
    assert write_notebook(source) == before


def test_two_builds_give_the_same_bytes(make_lesson: MakeLesson) -> None:
    first, second = (release_notebook(source_notebook(make_lesson())) for _ in range(2))
    assert write_notebook(first) == write_notebook(second)


def test_ids_survive_edits_elsewhere(make_lesson: MakeLesson) -> None:
    before = source_notebook(make_lesson(page=PAGE + "\n# %%\nprint(1)\n"))
    page = PAGE.replace("# A tiny page.", "# A longer page.\n\n# %% [markdown]\n# New.")
    after = source_notebook(make_lesson(page=page + "\n# %%\nprint(1)\n"))
    ids = {cell.source: cell.id for cell in after.cells}
    kept = [cell for cell in before.cells[1:] if ids.get(cell.source) == cell.id]
    assert len(kept) == len(before.cells) - 1


def test_an_answers_id_survives_a_new_kernel(make_lesson: MakeLesson) -> None:
    first = named(source_notebook(make_lesson()))["double"].id
    kernels = KERNELS.replace("x * 2", "2 * x").replace("every entry", "each entry")
    assert named(source_notebook(make_lesson(kernels=kernels)))["double"].id == first


def test_ids_differ_even_between_equal_cells(make_lesson: MakeLesson) -> None:
    page = PAGE + "\n# %%\nprint(1)\n\n# %%\nprint(1)\n"
    ids = [cell.id for cell in source_notebook(make_lesson(page=page)).cells]
    assert len(ids) == len(set(ids))


def test_the_title_says_what_the_page_is(make_lesson: MakeLesson) -> None:
    title = source_notebook(make_lesson()).cells[0].source
    assert title.startswith("# 99 · Tiny ★\n\n**You test.**")
    assert "20 points" in title and "A tiny page." in title


def test_the_header_above_an_exercise_says_points_and_rules(make_lesson: MakeLesson) -> None:
    slot = DOUBLE_SLOT.replace("importance=5", 'importance=5 day=true forbid=["einsum"]')
    notebook = source_notebook(make_lesson(page=HEADER + SETUP + slot + DOUBLE_CHECK))
    (header,) = [cell.source for cell in notebook.cells if cell.source.startswith("### Exercise")]
    assert header == (
        "### Exercise 1 of 1 · `double`\n\n20 points (idea 12, shapes 8) · about 10 minutes · "
        "difficulty 2 of 5 · importance 5 of 5 · on the one-day path\n\nNot allowed here: `einsum`"
    )


def test_hints_are_folded_one_by_one(make_lesson: MakeLesson) -> None:
    hints = '# %% [markdown] hints="double"\n# A nudge.\n#\n# +++\n#\n# More: 1 +++ 2.\n\n'
    page = HEADER + SETUP + DOUBLE_SLOT + hints + DOUBLE_CHECK
    (cell,) = [c for c in source_notebook(make_lesson(page=page)).cells if "<details>" in c.source]
    assert cell.source == (
        "<details><summary>Hint 1: a nudge</summary>\n\nA nudge.\n\n</details>\n\n"
        "<details><summary>Hint 2: more</summary>\n\nMore: 1 +++ 2.\n\n</details>"
    )


def test_a_given_cell_takes_the_kernels_own_text(make_lesson: MakeLesson) -> None:
    make_lesson()
    given = (
        '# %% given="earlier"\nlimit = 3\nfrom solutions.lesson_99_tiny.kernels import double\n'
        "assert limit\n\n"
    )
    later = make_lesson(name="99_zlater", page=HEADER + SETUP + given)
    source = named(release_notebook(source_notebook(later)))["given_earlier"].source
    assert source.startswith("limit = 3\ndef _twice(x):\n    return x * 2\n\n\ndef double(")
    assert source.endswith("return _twice(x)\n\n\nassert limit") and "solutions" not in source


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            HEADER + SETUP.replace("import numpy as np\n", "") + DOUBLE_SLOT + DOUBLE_CHECK,
            "uses np",
        ),
        (HEADER + DOUBLE_SLOT + SETUP + DOUBLE_CHECK, "the cell double uses np"),
        (PAGE.replace("check(", "chek("), "check_double uses chek"),
        (PAGE + "    expect('later', triple(1), 3)\n", "uses triple"),
        (HEADER + SETUP + DOUBLE_SLOT, "no check cell for double"),
    ],
)
def test_what_a_learner_could_not_run_fails_the_build(
    make_lesson: MakeLesson, page: str, said: str
) -> None:
    with pytest.raises(GraderError, match=said):
        source_notebook(make_lesson(page=page))


def test_a_check_may_not_lean_on_a_later_exercise(make_lesson: MakeLesson) -> None:
    page = HEADER + SETUP + DOUBLE_SLOT + DOUBLE_CHECK.replace("double(np", "triple(np")
    triple = DOUBLE_SLOT.replace("double", "triple") + DOUBLE_CHECK.replace("double", "triple")
    kernels = KERNELS + "\n\ndef triple(x):\n    return 3 * x\n"
    with pytest.raises(GraderError, match="check_double uses triple"):
        source_notebook(make_lesson(page=page + "\n" + triple, kernels=kernels))


def test_an_exercise_without_a_kernel_is_said(make_lesson: MakeLesson) -> None:
    with pytest.raises(GraderError, match="No function or class double"):
        source_notebook(make_lesson(kernels="def other():\n    pass\n"))


def test_minutes_count_exercises_reading_and_training(make_lesson: MakeLesson) -> None:
    words = "\n".join(["# word " * 20] * 50)  # 1,000 words: ten minutes
    page = PAGE.replace("# A tiny page.", words).replace(
        "training_minutes: 0", "training_minutes: 5"
    )
    assert lesson_minutes(make_lesson(page=page)) == 25

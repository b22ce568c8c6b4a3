"""Every lesson keeps to what docs/lessons.md asks of a page, and is built afresh."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from conftest import REPOSITORY

from grader.build import stale_files
from grader.course import Lesson, load_lessons
from grader.notebook import lesson_minutes, released
from grader.page import read_page
from grader.verify import LESSON_POINTS

LESSONS = load_lessons(REPOSITORY)
CORE_WORDS = 1800
HAN = "\u4e00-\u9fff"

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


@every_lesson
def test_its_points_sum_to_twenty(lesson: Lesson) -> None:
    assert sum(item.total for item in lesson.exercises.values()) == LESSON_POINTS


@every_lesson
def test_its_idea_is_worth_at_least_half(lesson: Lesson) -> None:
    for item in lesson.exercises.values():
        assert item.points.get("idea", 0) * 2 >= item.total, item.name


@every_lesson
def test_difficulty_and_importance_are_of_five(lesson: Lesson) -> None:
    for item in lesson.exercises.values():
        assert 1 <= item.difficulty <= 5 and 1 <= item.importance <= 5, item.name


@every_lesson
def test_it_fits_an_evening(lesson: Lesson) -> None:
    assert 10 <= lesson_minutes(lesson) <= 180


@pytest.mark.parametrize(
    "lesson",
    [lesson for lesson in LESSONS if lesson.page.header.get("core")],
    ids=lambda it: it.name,
)
def test_a_core_lesson_is_short_to_read(lesson: Lesson) -> None:
    assert prose_words(lesson) <= CORE_WORDS


def prose_words(lesson: Lesson) -> int:
    """The words of a page's markdown, without hints, code and formulas."""
    text = "\n".join(cell.source for cell in lesson.page.cells if cell.role == "markdown")
    text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$|`[^`]*`", " ", text)
    text = re.sub(r"</?[a-z][^<>]*>", " ", text)  # a tag; a lone < is a sign
    return len(re.findall(rf"[^\W\d_{HAN}][^\W{HAN}]*", text))


def test_words_are_counted_without_code_and_formulas(tmp_path: Path) -> None:
    text = (
        "# %% [markdown]\n# <b>Two</b> < words $x$ `code` > 键\n"
        "# $$\n# y\n# $$\n# ```\n# no\n# ```\n"
    )
    header = (
        "# ---\n# jupyter:\n#   jupytext:\n#     notebook_metadata_filter: all\n"
        "#   attend: {title: T, goal: G}\n# ---\n\n"
    )
    (tmp_path / "lesson.py").write_text(header + text)
    lesson = Lesson(tmp_path)
    assert read_page(tmp_path / "lesson.py").header["title"] == "T"
    assert prose_words(lesson) == 2


@every_lesson
def test_each_exercise_has_hints_and_a_check_below_it(lesson: Lesson) -> None:
    order = [(cell.role, cell.name) for cell in lesson.page.cells]
    for name in lesson.exercises:
        assert order.index(("check", name)) > order.index(("exercise", name)), name
        if ("hints", name) in order:
            assert order.index(("hints", name)) > order.index(("exercise", name)), name


@every_lesson
def test_what_it_needs_exists_and_comes_before(lesson: Lesson) -> None:
    for needed in lesson.page.header.get("needs", ()):
        assert str(needed).split("_")[0] < lesson.name.split("_")[0], needed


@every_lesson
def test_no_magic_and_no_shell_line_stands_in_it(lesson: Lesson) -> None:
    for cell in lesson.page.cells:
        if cell.role not in ("markdown", "hints"):
            assert not re.search(r"(?m)^\s*[%!]", cell.source), cell.source


@every_lesson
def test_its_notebook_opens_without_being_changed(lesson: Lesson) -> None:
    notebook = released(lesson)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))


def test_notebooks_are_what_solutions_build() -> None:
    assert stale_files(REPOSITORY, LESSONS) == []

"""Reading the course from disk: what an author got wrong is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import (
    CANDIDATES,
    CASES,
    DOUBLE_CHECK,
    DOUBLE_SLOT,
    HEADER,
    REPOSITORY,
    SETUP,
    MakeLesson,
)

from grader.cases import case, misconception
from grader.course import find_repository, load_lessons
from grader.errors import GraderError
from grader.page import read_page


def test_a_lesson_is_named_after_its_folder(make_lesson: MakeLesson) -> None:
    lesson = make_lesson()
    assert (lesson.name, lesson.title, list(lesson.exercises)) == ("99_tiny", "Tiny", ["double"])


def test_an_exercise_is_what_its_slot_says(make_lesson: MakeLesson) -> None:
    slot = DOUBLE_SLOT.replace("importance=5", 'importance=5 day=true forbid=["einsum"]')
    exercise = make_lesson(page=HEADER + SETUP + slot + DOUBLE_CHECK).exercises["double"]
    assert exercise.points == {"idea": 12.0, "shapes": 8.0} and exercise.total == 20
    assert (exercise.minutes, exercise.difficulty, exercise.importance) == (10, 2, 5)
    assert exercise.day and exercise.forbid == ("einsum",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (" minutes=10", "", "exercise double lacks minutes"),
        (' points={"idea": 12, "shapes": 8} minutes=10', "", "lacks minutes, points"),
        ('{"idea": 12, "shapes": 8}', "20", "the points of double are split by"),
        ('"shapes"', '"style"', "the points of double are split by"),
        ("minutes=10", 'minutes="ten"', "double"),
    ],
)
def test_a_slot_that_lacks_something_is_said(
    make_lesson: MakeLesson, old: str, new: str, said: str
) -> None:
    lesson = make_lesson(page=HEADER + SETUP + DOUBLE_SLOT.replace(old, new) + DOUBLE_CHECK)
    with pytest.raises(GraderError, match=f"99_tiny: .*{said}"):
        _ = lesson.exercises


def test_an_exercise_belongs_to_the_section_above_it(make_lesson: MakeLesson) -> None:
    prose = "# %% [markdown]\n# ## 1 · First\n\n# %% [markdown]\n# ## 2 · Then\n# words\n#\n"
    page = HEADER + SETUP + prose + "# ### A trap\n\n" + DOUBLE_SLOT + DOUBLE_CHECK
    assert make_lesson(page=page + prose).sections == {"double": "2 · Then"}
    assert make_lesson().sections == {"double": ""}


def test_two_exercises_of_one_name_are_said(make_lesson: MakeLesson) -> None:
    lesson = make_lesson(page=HEADER + SETUP + DOUBLE_SLOT + DOUBLE_SLOT)
    with pytest.raises(GraderError, match="two exercises are called double"):
        _ = lesson.exercises


@pytest.mark.parametrize("part", ["cases", "candidates"])
def test_a_test_of_no_exercise_is_said(make_lesson: MakeLesson, part: str) -> None:
    text = {"cases": CASES, "candidates": CANDIDATES}[part].replace('"double"', '"dubble"')
    with pytest.raises(GraderError, match="no exercise is called dubble"):
        getattr(make_lesson(**{part: text}), part)


@pytest.mark.parametrize(
    "page",
    [
        SETUP,
        HEADER.replace("title: Tiny, ", ""),
        HEADER.replace("attend: {title", "attend: [title"),
        HEADER.replace("attend: ", "attend: x "),
        "",
    ],
)
def test_a_bad_header_is_said(tmp_path: Path, page: str) -> None:
    path = tmp_path / "lesson_99" / "lesson.py"
    path.parent.mkdir()
    path.write_text(page)
    with pytest.raises(GraderError, match="lesson_99"):
        read_page(path)


def test_a_missing_or_unreadable_page_is_said(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="cannot be read"):
        read_page(tmp_path / "lesson.py")
    (tmp_path / "lesson.py").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(GraderError, match="cannot be read"):
        read_page(tmp_path / "lesson.py")


def test_cells_have_the_roles_that_their_metadata_says(make_lesson: MakeLesson) -> None:
    extra = '# %% [markdown] hints="double"\n# A nudge.\n\n# %%\nprint(1)\n\n'
    page = make_lesson(page=HEADER + SETUP + DOUBLE_SLOT + extra + DOUBLE_CHECK).page
    assert [(cell.role, cell.name) for cell in page.cells] == [
        ("markdown", ""),
        ("given", "setup"),
        ("exercise", "double"),
        ("hints", "double"),
        ("code", ""),
        ("check", "double"),
    ]


def test_lessons_are_found_by_name_and_number_in_order() -> None:
    found = load_lessons(REPOSITORY, ["02", "01_dot_products", "01"])
    assert [lesson.name for lesson in found] == ["01_dot_products", "02_softmax_and_weighted_sums"]


def test_an_unknown_lesson_is_said_with_those_there_are() -> None:
    with pytest.raises(GraderError, match=r"There is no lesson 'softmax'.*01_dot_products"):
        load_lessons(REPOSITORY, ["softmax"])


def test_the_repository_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    assert find_repository(REPOSITORY / "solutions" / "lesson_01_dot_products") == REPOSITORY
    assert find_repository(tmp_path) == REPOSITORY  # where the package was installed from


def test_a_case_or_misconception_of_no_known_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="style"):
        case("f", "style", inputs=lambda rng: {})
    with pytest.raises(ValueError, match="style"):
        misconception("f", "You did it wrong.", about="style")


def test_the_text_of_a_case_is_its_run_alone(make_lesson: MakeLesson) -> None:
    one_row, _ = make_lesson().cases["double"]
    assert one_row.source == "def one_row(k, x):\n    return k.double(x)"


def test_the_text_of_a_candidate_bears_the_exercises_name(make_lesson: MakeLesson) -> None:
    squares, *_ = make_lesson().candidates["double"]
    assert squares.source == "def double(x):\n    return x * x"

"""How mistakes are called: measured on a tiny lesson, and held to on every real one."""

from __future__ import annotations

import pytest
from conftest import (
    CANDIDATES,
    CASES,
    DOUBLE_CHECK,
    DOUBLE_SLOT,
    HEADER,
    KERNELS,
    REPOSITORY,
    SETUP,
    MakeLesson,
)

from grader.course import Lesson, load_lessons
from grader.naming import Naming, name_exercise

PAGE = (
    HEADER
    + SETUP
    + DOUBLE_SLOT
    + DOUBLE_CHECK.replace("np.array([1.0, 2.0])", "np.array([1.0, 3.0])").replace("4.0", "6.0")
)
ALMOST = """

@misconception("double", "You squared what is large.")
def squares_what_is_large(x):
    return np.where(x > 2.5, x * x, 2 * x)
"""
RECALL = 0.9  # in each lesson, of the misconceptions that the notebook's check crosses
WRONG = 0.05  # of the misconceptions that the library lacks, how many may get another's name
every_lesson = pytest.mark.parametrize(
    "lesson", load_lessons(REPOSITORY), ids=lambda lesson: lesson.name
)


def named(lesson: Lesson, exercise: str = "double") -> dict[tuple[str, str, str], Naming]:
    """Each record by kind, answer and place."""
    return {(one.kind, one.answer, one.place): one for one in name_exercise(lesson, exercise)}


def test_a_misconception_is_called_by_its_own_name_in_both_places(make_lesson: MakeLesson) -> None:
    found = named(make_lesson(page=PAGE))
    for place in ("hidden", "notebook"):
        one = found["misconception", "squares", place]
        assert (one.wrong, one.named, one.right) == (True, "squares", True)
        assert found["right", "adds", place].named is None
        assert found["left out", "squares", place].named is None


def test_a_name_that_holds_for_the_examples_alone_is_wrong(make_lesson: MakeLesson) -> None:
    page = PAGE.replace("[1.0, 3.0]", "[3.0, 3.0]").replace("[2.0, 6.0]", "[6.0, 6.0]")
    imports = CANDIDATES.replace("from grader", "import numpy as np\nfrom grader", 1)
    found = named(make_lesson(page=page, candidates=imports + ALMOST))
    both = found["misconception", "squares", "notebook"]
    assert (both.wrong, both.named) == (True, None)  # two fit
    alone = found["left out", "squares", "notebook"]
    assert (alone.named, alone.right) == ("squares_what_is_large", False)
    hidden = found["misconception", "squares", "hidden"]
    assert hidden.named == "squares"


def test_mutants_of_the_solution_and_of_misconceptions_are_tried(make_lesson: MakeLesson) -> None:
    found = named(make_lesson(page=PAGE)).values()
    mutants = [one for one in found if one.kind == "mutant" and one.place == "hidden"]
    assert any("x / 2" in one.answer for one in mutants) and all(one.wrong for one in mutants)
    assert any(one.kind == "near" and one.answer.startswith("squares: ") for one in found)


SECOND = '''

def quadruple(x: np.ndarray) -> np.ndarray:
    """Double twice.

    Args:
        x: (..., n)
    """
    return double(double(x))
'''
QUADRUPLE = """
@misconception("quadruple", "You took the fourth power.")
def fourth_power(x):
    return x**4

@misconception("quadruple", "You doubled once.")
def once(x):
    return 2 * x
"""


def two_exercises(make_lesson: MakeLesson) -> Lesson:
    """`quadruple` calls `double`; squared twice, it looks like its own misconception."""
    slot = DOUBLE_SLOT.replace("double", "quadruple")
    check = (
        '# %% check="quadruple"\nwith check("quadruple") as expect:\n'
        '    expect("two doublings", quadruple(np.array([3.0])), np.array([12.0]))\n'
    )
    return make_lesson(
        page=f"{PAGE}\n{slot}\n{check}",
        kernels=KERNELS + SECOND,
        cases=CASES
        + CASES.split('"""Hidden cases."""')[1]
        .replace("double", "quadruple")
        .replace("def ", "def four_times_"),
        candidates=CANDIDATES + QUADRUPLE,
    )


def test_what_calls_a_wrong_exercise_gets_no_name_of_its_own(make_lesson: MakeLesson) -> None:
    found = named(two_exercises(make_lesson), "quadruple")
    for place in ("hidden", "notebook"):
        one = found["earlier", "double: squares", place]
        assert (one.wrong, one.named, one.right) == (True, None, True)
        assert found["misconception", "fourth_power", place].named == "fourth_power"


def test_a_mutant_without_an_end_is_ended(
    make_lesson: MakeLesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.naming.PATIENCE", 0.2)
    kernels = KERNELS.replace(
        "return x * 2", "count = 0\n    while count < 1:\n        count += 1\n    return x * 2"
    )
    found = named(make_lesson(page=PAGE, kernels=kernels)).values()
    endless = [one for one in found if "count -= 1" in one.answer]
    assert endless and all(one.wrong and one.named is None for one in endless)


@every_lesson
def test_the_notebooks_check_names_most_mistakes_and_no_right_answer(lesson: Lesson) -> None:
    found = [
        one
        for name in lesson.exercises
        for one in name_exercise(lesson, name, ("right", "misconception", "left out"))
    ]
    assert [one for one in found if one.kind == "right" and (one.named or one.wrong)] == []
    assert [one for one in found if one.place == "hidden" and not one.right] == []
    seen = [one for one in found if one.place == "notebook" and one.wrong]
    known = [one for one in seen if one.kind == "misconception"]
    own = [one for one in known if one.named == one.answer]
    unnamed = {f"{one.exercise}: {one.answer}" for one in known} - {
        f"{one.exercise}: {one.answer}" for one in own
    }
    assert len(own) >= RECALL * len(known), unnamed
    wrong = [one for one in seen if not one.right]
    assert len(wrong) <= WRONG * len(known), wrong

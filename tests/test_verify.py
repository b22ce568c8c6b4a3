"""`grader verify` finds what is weak in a lesson's hidden tests: a weak lesson is made for each."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import (
    CANDIDATES,
    CASES,
    DOUBLE_SLOT,
    HEADER,
    NUMPY_SETUP,
    PLAIN_CHECK,
    MakeLesson,
)

from grader.course import Lesson
from grader.grading import Grader, Settings
from grader.kernel.sources import WarmParent
from grader.verify import Proof, check_lesson, count_candidates, spare_cases, verify_lesson

PAGE = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK


def prove(lesson: Lesson, warm: WarmParent) -> list[Proof]:
    return list(verify_lesson(lesson, warm, seeds=(0, 1)))


def failed(proofs: list[Proof]) -> list[str]:
    return [proof.candidate for proof in proofs if not proof.ok]


def test_a_sound_lesson_has_no_problem(make_lesson: MakeLesson, warm: WarmParent) -> None:
    lesson = make_lesson(page=PAGE)
    proofs = prove(lesson, warm)
    assert failed(proofs) == [] and check_lesson(lesson, proofs) == []
    assert len(proofs) == count_candidates(lesson) == 6


def test_each_candidate_is_proved_with_what_it_must_get(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    proofs = {proof.candidate: proof for proof in prove(make_lesson(page=PAGE), warm)}
    assert {name: (proof.expected, proof.points) for name, proof in proofs.items()} == {
        "solution": ("all", 20),
        "stub": ("none", 0),
        "squares": ("at most half", 0),
        "first_row_alone": ("less than all", 12),
        "adds": ("all", 20),
        "divides": ("all", 20),
    }
    assert proofs["first_row_alone"].killed_by == ("two_rows",)
    assert proofs["first_row_alone"].diagnosed == "first_row_alone"
    assert proofs["first_row_alone"].under == "seed 0"


@pytest.mark.parametrize(("drawn", "other"), [("float64", "float32"), ("float32", "float64")])
def test_an_answer_that_is_right_as_drawn_alone_is_reported(
    make_lesson: MakeLesson, warm: WarmParent, drawn: str, other: str
) -> None:
    one = (
        f'\n\n@alternative("double")\ndef as_drawn(x):\n    return 2 * x + (x.dtype != "{drawn}")\n'
    )
    cases = CASES.replace("})", f'.astype("{drawn}")}})')
    lesson = make_lesson(page=PAGE, cases=cases, candidates=CANDIDATES + one)
    (wrong,) = [proof for proof in prove(lesson, warm) if not proof.ok]
    assert (wrong.candidate, wrong.points, wrong.under) == ("as_drawn", 0, f"seed 0 in {other}")


@pytest.mark.parametrize(("drawn", "gradings"), [("float32", 3), ("float64", 4)])
def test_what_is_drawn_in_float32_is_not_graded_in_it_again(
    make_lesson: MakeLesson,
    warm: WarmParent,
    monkeypatch: pytest.MonkeyPatch,
    drawn: str,
    gradings: int,
) -> None:
    graded: list[Settings] = []
    monkeypatch.setattr(Grader, "grade", _noting(Grader.grade, graded))
    lesson = make_lesson(page=PAGE, cases=CASES.replace(")}", f').astype("{drawn}")}}'))
    proofs = prove(lesson, warm)
    assert len(graded) == gradings * len(proofs)


def _noting(grade: Any, graded: list[Settings]) -> Any:
    def noted(self: Grader, *args: Any, **options: Any) -> Any:
        graded.append(self.settings)
        return grade(self, *args, **options)

    return noted


def test_a_case_that_only_repeats_another_is_to_spare(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    again = CASES.split("@case")[1].replace("def one_row", "def one_more_row")
    lesson = make_lesson(page=PAGE, cases=f"{CASES}\n\n@case{again}")
    exercise = lesson.exercises["double"]
    spare = spare_cases(exercise, lesson.cases["double"], prove(lesson, warm))
    assert spare == ["one_more_row"]


BLIND = """
from grader.cases import case

@case("double", "idea", inputs=lambda rng: {"x": rng.standard_normal(5)})
def only_its_shape(k, x):
    return k.double(x).shape

@case("double", "shapes", inputs=lambda rng: {"x": rng.standard_normal((2, 3))})
def two_rows(k, x):
    return k.double(x).shape
"""


def test_a_wrong_answer_that_no_case_kills_is_reported(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    proofs = prove(make_lesson(page=PAGE, cases=BLIND), warm)
    assert "squares" in failed(proofs)


def test_a_right_answer_that_loses_points_is_reported(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    wrong = '\n\n@alternative("double")\ndef not_quite(x):\n    return x * 2.001\n'
    proofs = prove(make_lesson(page=PAGE, candidates=CANDIDATES + wrong), warm)
    assert failed(proofs) == ["not_quite"]


def test_an_answer_that_is_right_under_one_seed_alone_is_reported(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    flaky = '\n\n@alternative("double")\ndef lucky(x):\n    return 2 * x + (abs(x).max() > 1)\n'
    cases = CASES.replace("rng.standard_normal(5)", "rng.integers(0, 2, 1) + rng.random(1)")
    lesson = make_lesson(page=PAGE, candidates=CANDIDATES + flaky, cases=cases)
    assert "lucky" in failed(list(verify_lesson(lesson, warm, seeds=range(6))))


def test_a_wrong_answer_that_some_draws_hide_is_reported(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    flaky = (
        '\n\n@misconception("double", "You add 1 to some.")\n'
        "def of_the_drawn(x):\n    return 2 * x + (x.ndim == 1 or abs(x).max() > 1)\n"
    )
    cases = CASES.replace("rng.standard_normal((2, 3))", "2 * rng.random((2, 1))")
    lesson = make_lesson(page=PAGE, candidates=CANDIDATES + flaky, cases=cases)
    proofs = list(verify_lesson(lesson, warm, seeds=range(6)))
    (told,) = [problem for problem in check_lesson(lesson, proofs) if "drawn" in problem]
    assert "of_the_drawn gets 0 or 8 points" in told and failed(proofs) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {
                "cases": CASES + '\n\n@case("double", "idea", inputs=lambda rng: {})\n'
                "def needless(k):\n    return 3\n"
            },
            "no misconception needs the case needless",
        ),
        (
            {"page": PAGE.replace('"idea": 12', '"idea": 11')},
            "its points sum to 19, not 20",
        ),
        (
            {"page": PAGE.replace('"idea": 12, "shapes": 8', '"idea": 8, "shapes": 12')},
            "less than half its points stand for the idea",
        ),
        (
            {"page": PAGE.replace('"idea": 12', '"idea": 10, "gradient": 2')},
            "no case tests gradient, which has points",
        ),
        (
            {"cases": CASES.replace('"shapes"', '"edge cases"')},
            "cases test edge cases, which has no points",
        ),
        (
            {"cases": "LIMIT = 2\n" + CASES.replace("return k", "return LIMIT * k", 1)},
            "the case one_row uses LIMIT",
        ),
        ({"candidates": CANDIDATES.split("@alternative")[0]}, "fewer than two alternatives"),
        (
            {
                "candidates": CANDIDATES.replace("@misconception", "@no", 1)
                .replace("@no", "# @no")
                .replace('# @no("double", "You squared; multiply by two.")', "")
            },
            "fewer than two misconceptions",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_defect_of_the_tests_is_reported(
    make_lesson: MakeLesson, warm: WarmParent, change: dict[str, str], problem: str
) -> None:
    lesson = make_lesson(**{"page": PAGE, **change})
    assert any(problem in said for said in check_lesson(lesson, prove(lesson, warm)))

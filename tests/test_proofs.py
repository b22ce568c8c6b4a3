"""`grader verify` over every exercise of every lesson: the hidden tests are themselves tested."""

from __future__ import annotations

import pytest
from conftest import REPOSITORY

from grader.course import Lesson, load_lessons
from grader.kernel.sources import WarmParent
from grader.verify import check_exercise, verify_lesson

SEEDS = (0, 1)
EXERCISES = [
    pytest.param(lesson, name, id=f"{lesson.name.split('_')[0]}-{name}")
    for lesson in load_lessons(REPOSITORY)
    for name in lesson.exercises
]


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_right_answers_get_all_and_wrong_ones_lose(
    lesson: Lesson, exercise: str, warm: WarmParent
) -> None:
    proofs = list(verify_lesson(lesson, warm, SEEDS, only=exercise))
    wrong = [f"{proof.candidate} got {proof.points:g}" for proof in proofs if not proof.ok]
    assert wrong == []
    assert list(check_exercise(lesson, lesson.exercises[exercise], proofs)) == []
    unnamed = [
        f"{proof.candidate} is called {proof.diagnosed}"
        for proof in proofs
        if proof.kind == "misconception" and proof.diagnosed != proof.candidate
    ]
    assert unnamed == []
    assert all(proof.diagnosed is None for proof in proofs if proof.kind != "misconception")

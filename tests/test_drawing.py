"""Cases drawn from a seed, answered by the solution, judged by it."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import CANDIDATES, CASES, DOUBLE_SLOT, HEADER, NUMPY_SETUP, PLAIN_CHECK, MakeLesson

from grader.course import Lesson
from grader.drawing import Prepared, Result, answer_case, earned_points, judge
from grader.errors import GraderError

PAGE = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK
Answer = Any


def prepared(lesson: Lesson, seed: int = 0) -> Prepared:
    return Prepared(lesson, "double", seed)


def results(drawn: Prepared, answer: Answer) -> list[Result]:
    return [answer_case(item, SimpleNamespace(double=answer)) for item in drawn.drawn]


def test_one_seed_draws_the_same_inputs_and_another_others(make_lesson: MakeLesson) -> None:
    lesson = make_lesson(page=PAGE)
    packed = [[item.packed for item in prepared(lesson, seed).drawn] for seed in (0, 0, 1)]
    assert packed[0] == packed[1] != packed[2]


def test_a_new_case_leaves_the_others_inputs_alone(make_lesson: MakeLesson) -> None:
    before = prepared(make_lesson(page=PAGE)).drawn
    earlier = CASES.split("@case")[1].replace("def one_row", "def an_earlier_row")
    more = CASES.replace("@case", f"@case{earlier}@case", 1)
    after = prepared(make_lesson(page=PAGE, cases=more)).drawn
    by_name = {item.case.name: item.packed for item in after}
    assert len(after) == 3 and all(by_name[item.case.name] == item.packed for item in before)


def test_no_run_sees_what_another_did_to_the_inputs(make_lesson: MakeLesson) -> None:
    first, *_ = prepared(make_lesson(page=PAGE)).drawn
    first.fresh_inputs()["x"][:] = 0
    assert first.fresh_inputs()["x"].all()


def test_the_solution_itself_is_right(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE))
    assert all(judge(item, answer_case(item, drawn.lesson.names())) is None for item in drawn.drawn)


def test_a_wrong_value_is_described_with_the_lessons_axes(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE))
    said = judge(drawn.drawn[0], results(drawn, lambda x: 3 * x)[0])
    assert said is not None and said.startswith("the result at entry 0: expected")


MASKED = """
import numpy as np

from grader.cases import case


def numbers_and_mask(rng):
    return {"x": np.ones((2, 3)), "mask": np.array([[True, False, True]])}


@case("double", "idea", inputs=numbers_and_mask, axes=("query", "key"))
def a_masked_row(k, x, mask):
    return np.where(mask, k.double(x), 0)
"""


@pytest.mark.parametrize(
    ("column", "said"), [(1, "key 1, which is masked: exp"), (2, "key 2: exp")]
)
def test_a_wrong_value_at_a_masked_place_is_said_to_be_masked(
    make_lesson: MakeLesson, column: int, said: str
) -> None:
    (drawn,) = prepared(make_lesson(page=PAGE, cases=MASKED)).drawn
    value = drawn.expected.copy()
    value[1, column] = 0.25
    assert f"query 1, {said}" in str(judge(drawn, Result(value)))


def test_an_error_is_described(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE))
    assert (
        judge(drawn.drawn[0], results(drawn, lambda x: x.nothing)[0]) == "it raised AttributeError"
    )


def test_a_right_value_on_changed_inputs_is_wrong(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE))

    def in_place(x: Any) -> Any:
        x *= 2
        return x

    first = results(drawn, in_place)[0]
    assert first.changed and "work on a copy" in str(judge(drawn.drawn[0], first))


JUDGED = """
import numpy as np

from grader.cases import case


def close_to_one(got, expected):
    return None if abs(got - 1) < 0.5 else f"{got} is far from 1"


@case("double", "idea", inputs=lambda rng: {"x": np.ones(1)}, judge=close_to_one)
def judged(k, x):
    return float(k.double(x)[0] / 2)
"""


@pytest.mark.parametrize(
    ("answer", "said"),
    [(lambda x: 2.4 * x, None), (lambda x: 6 * x, "3.0 is far from 1"), (len, "TypeError")],
)
def test_a_cases_own_judge_decides(make_lesson: MakeLesson, answer: Answer, said: Any) -> None:
    drawn = prepared(make_lesson(page=PAGE, cases=JUDGED))
    problem = judge(drawn.drawn[0], results(drawn, answer)[0])
    assert problem is None if said is None else said in str(problem)


def test_a_judge_that_meets_a_strange_value_calls_it_wrong(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE, cases=JUDGED))
    for value in ("text", None, [1], {"a": 1}, np.ones(3)):
        assert judge(drawn.drawn[0], Result(value))


CALLED = """
from grader.cases import Callback, case


@case("double", "idea", inputs=lambda rng: {"model": Callback(lambda x: 2 * x)})
def asks_once(k, model):
    return k.double(model)
"""


def test_calls_of_a_callback_are_part_of_the_result(make_lesson: MakeLesson) -> None:
    kernels = "def double(model):\n    return model(1)\n"
    drawn = prepared(make_lesson(page=PAGE, kernels=kernels, cases=CALLED))
    assert drawn.drawn[0].expected == {"result": 2, "calls": [[[1], {}]]}
    once, twice = (
        judge(drawn.drawn[0], results(drawn, answer)[0])
        for answer in (lambda model: model(1), lambda model: [model(1), model(1)][0])
    )
    assert once is None and twice is not None


def test_a_solution_that_fails_is_the_authors_to_mend(make_lesson: MakeLesson) -> None:
    with pytest.raises(GraderError, match="99_tiny/double/one_row: AttributeError"):
        prepared(make_lesson(page=PAGE, kernels="def double(x):\n    return x.nothing\n"))


def test_a_misconception_is_recognised_by_all_its_results(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE))
    assert drawn.diagnose(results(drawn, lambda x: x**2)) == "squares"
    assert drawn.diagnose(results(drawn, lambda x: x * x if x.ndim == 1 else x)) is None
    assert drawn.sentence("squares") == "You squared; multiply by two."
    assert drawn.sentence(None) is None


RAISING = """

@misconception("double", "You halved its length.")
def halves_the_length(x):
    return x if x.ndim == 1 else x.reshape(7)
"""


def test_an_errors_own_words_are_needed_where_nothing_else_is_wrong(
    make_lesson: MakeLesson,
) -> None:
    raising = RAISING.replace("return x if", "return 2 * x if")
    drawn = prepared(make_lesson(page=PAGE, candidates=CANDIDATES + raising))
    twice = results(drawn, lambda x: 2 * x)[0]
    (own,) = {item.words for item in drawn.wrong_results["halves_the_length"] if item.error}
    for words, named in ((own, "halves_the_length"), ("in other words", None)):
        assert drawn.diagnose([twice, Result(error="ValueError", words=words)]) == named
    assert drawn.diagnose([twice, Result(error="TypeError", words=own)]) is None


def test_beside_a_wrong_value_an_errors_type_will_do(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE, candidates=CANDIDATES + RAISING))
    once = results(drawn, lambda x: x)[0]
    assert drawn.diagnose([once, Result(error="ValueError", words="other")]) == "halves_the_length"


def test_what_python_says_of_a_misconception_bears_the_exercises_name(
    make_lesson: MakeLesson,
) -> None:
    needy = (
        '\n\n@misconception("double", "You asked for more.")\ndef needs_two(x, y):\n    return x\n'
    )
    drawn = prepared(make_lesson(page=PAGE, candidates=CANDIDATES + needy))
    said = drawn.wrong_results["needs_two"][0].words
    assert said == "double() missing 1 required positional argument: 'y'"


def test_a_misconception_can_be_left_out(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE))
    assert drawn.diagnose(results(drawn, lambda x: x**2), without="squares") is None


def test_two_misconceptions_that_answer_alike_name_none(make_lesson: MakeLesson) -> None:
    twin = '\n\n@misconception("double", "Squared too.")\ndef powers(x):\n    return x**2\n'
    drawn = prepared(make_lesson(page=PAGE, candidates=CANDIDATES + twin))
    assert drawn.diagnose(results(drawn, lambda x: x * x)) is None


def test_a_requirement_is_all_or_nothing(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE)).drawn
    points = {"idea": 12.0, "shapes": 8.0}
    assert earned_points(points, drawn, [True, True]) == 20
    assert earned_points(points, drawn, [True, False]) == 12
    assert earned_points(points, drawn, [False, True]) == 8
    both = [drawn[0], dataclasses.replace(drawn[0])]
    assert earned_points(points, both, [True, False]) == 0


def test_a_requirement_that_no_case_tests_earns_nothing(make_lesson: MakeLesson) -> None:
    drawn = prepared(make_lesson(page=PAGE)).drawn
    assert earned_points({"idea": 12.0, "gradient": 8.0}, drawn, [True, True]) == 12

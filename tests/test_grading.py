"""Verdicts: every status provoked, by what learners hand in and by what would cheat."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from conftest import (
    CANDIDATES,
    CASES,
    DOUBLE_CHECK,
    DOUBLE_SLOT,
    HEADER,
    KERNELS,
    SETUP,
    MakeLesson,
    notebook_of,
)

from grader.grading import Grader, Settings, Verdict, imports_of, lesson_digest
from grader.kernel.sources import WarmParent
from grader.messages import NEXT_STEPS
from grader.notebook import released

RIGHT = "def double(x):\n    return 2 * x"
QUICK = Settings(timeout=1.0, budget=20.0)
Grade = Callable[..., Verdict]


@pytest.fixture
def grade(make_lesson: MakeLesson, warm: WarmParent) -> Grade:
    """Grades one answer to the tiny lesson's exercise."""
    lesson = make_lesson()

    def grade_answer(*cells: Any, settings: Settings = QUICK) -> Verdict:
        named = [(each, "double") if isinstance(each, str) else each[0] for each in cells]
        (verdict,) = Grader(lesson, warm, settings).grade(notebook_of(*named))
        return verdict

    return grade_answer


def test_a_right_answer_passes_without_a_word(grade: Grade) -> None:
    verdict = grade(RIGHT)
    assert (verdict.status, verdict.points, verdict.max_points) == ("passed", 20, 20)
    assert verdict.message == "" and verdict.failed_cases == ()


def test_part_of_the_points_is_partial_and_names_the_misconception(grade: Grade) -> None:
    verdict = grade("def double(x):\n    return x * 2 if x.ndim == 1 else x[0] * 2")
    assert (verdict.status, verdict.points) == ("partial", 12)
    assert verdict.misconception == "first_row_alone"
    assert "You doubled the first row alone." in verdict.message
    assert "Points lost for: shapes; kept for: idea." in verdict.message


HEADING = "# %% [markdown]\n# ## 1 · Twice as much\n\n"


@pytest.mark.parametrize(
    "answer", ["def double(x):\n    return x + 1", "def double(x):\n    raise ValueError", ""]
)
def test_the_section_to_read_again_is_named(
    make_lesson: MakeLesson, warm: WarmParent, answer: str
) -> None:
    lesson = make_lesson(page=HEADER + SETUP + HEADING + DOUBLE_SLOT + DOUBLE_CHECK)
    (verdict,) = Grader(lesson, warm, QUICK).grade(notebook_of((answer, "double")))
    assert verdict.message.splitlines()[-1] == 'Read again: the section "1 · Twice as much".'


def test_where_a_small_map_differs_is_drawn_without_its_values(grade: Grade) -> None:
    verdict = grade(
        "def double(x):\n    x = 2 * x\n    if x.ndim == 2:\n        x[:, 1] = 0\n    return x"
    )
    drawn = ["Yours differs at ■ (rows: axis 0, columns: axis 1):", "□ ■ □", "□ ■ □"]
    assert "\n".join(drawn) in verdict.message


TWO_SLOTS = DOUBLE_SLOT + DOUBLE_SLOT.replace("double", "quadruple")
TWO_KERNELS = f"{KERNELS}\n\ndef quadruple(x):\n    return double(double(x))\n"
FOUR_TIMES = CASES.split('cases."""')[1].replace("double", "quadruple").replace("def ", "def four_")
FOURTH = (
    '\n\n@misconception("quadruple", "The fourth power.")\ndef fourth_power(x):\n    return x**4\n'
)


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        (["return x * x", "return double(double(x))"], ["squares", None]),
        (["return x * x", "return mine(x)"], ["squares", None]),
        (["return x * x", "return x**4"], ["squares", "fourth_power"]),
        (["return x * 2", "return x**4"], [None, "fourth_power"]),
    ],
)
def test_an_answer_that_calls_a_wrong_one_is_sent_there_first(
    make_lesson: MakeLesson, warm: WarmParent, answers: list[str], named: list[str | None]
) -> None:
    checks = DOUBLE_CHECK + "\n" + DOUBLE_CHECK.replace("double", "quadruple")
    lesson = make_lesson(
        page=HEADER + SETUP + TWO_SLOTS + checks,
        kernels=TWO_KERNELS,
        cases=CASES + FOUR_TIMES,
        candidates=CANDIDATES + FOURTH,
    )
    names = ("double", "quadruple")
    cells = [
        (f"def {name}(x):\n    {answer}", name) for name, answer in zip(names, answers, strict=True)
    ]
    helper = "def mine(x):\n    return double(double(x))"
    verdicts = Grader(lesson, warm, QUICK).grade(notebook_of(*cells, helper))
    assert [verdict.misconception for verdict in verdicts] == named
    calls = "Your answer calls `double`, which is not right either."
    assert (calls in verdicts[1].message) is (named[1] is None)


def test_a_wrong_answer_fails_and_says_what_was_expected(grade: Grade) -> None:
    verdict = grade("def double(x):\n    return x + 1")
    assert (verdict.status, verdict.points, verdict.misconception) == ("failed", 0, None)
    assert "expected" in verdict.message and "got" in verdict.message
    assert verdict.failed_cases == ("one_row", "two_rows")


def test_an_answer_that_changes_its_inputs_fails(grade: Grade) -> None:
    verdict = grade("def double(x):\n    x *= 2\n    return x")
    assert verdict.status == "failed" and "changed the arrays it was given" in verdict.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("def double(x):\n    return x @ x.y", "line 2 of your cell: `return x @ x.y`"),
        ("def double(x)\n    return 2 * x", "SyntaxError"),
        ("def double(x, y):\n    return 2 * x", "missing 1 required positional argument"),
        ("double = None", "TypeError"),
        ("def double(x):\n    raise SystemExit", "SystemExit"),
        ("raise ValueError('mine')\ndef double(x):\n    return 2 * x", "ValueError: mine"),
        ("def double(x):\n    import os\n    os.fork()", "no new processes and no network"),
        ("def double(x):\n    return open('/etc/passwd').read()", "no files but Python's own"),
        ("def twice(x):\n    return 2 * x", "does not define `double`"),
    ],
)
def test_an_answer_that_raises_is_an_error_that_is_shown(
    grade: Grade, answer: str, said: str
) -> None:
    verdict = grade(answer)
    assert (verdict.status, verdict.points) == ("error", 0)
    assert said in verdict.message


@pytest.mark.parametrize(
    "answer",
    [
        'def double(x):\n    raise NotImplementedError("double is not written yet")',
        "",
        "   \n",
    ],
)
def test_what_is_not_written_is_missing(grade: Grade, answer: str) -> None:
    verdict = grade(answer)
    assert (verdict.status, verdict.points) == ("missing", 0)


def test_a_deleted_cell_is_missing(grade: Grade) -> None:
    assert grade(("x = 1",)).status == "missing"


@pytest.mark.parametrize(
    "answer",
    [
        "def double(x):\n    while True: pass",
        "def double(x):\n    try:\n        while True: pass\n    finally:\n        double(x)",
        "while True: pass\ndef double(x):\n    return 2 * x",
    ],
)
def test_what_does_not_end_is_a_timeout(grade: Grade, answer: str) -> None:
    verdict = grade(answer)
    assert (verdict.status, verdict.points) == ("timeout", 0)
    assert "did not finish in time" in verdict.message and NEXT_STEPS["timeout"] in verdict.message


def test_a_hang_loses_its_own_case_alone(grade: Grade) -> None:
    verdict = grade("def double(x):\n    while x.ndim == 2: pass\n    return 2 * x")
    assert (verdict.status, verdict.points) == ("timeout", 12)
    assert verdict.failed_cases == ("two_rows",)


@pytest.mark.parametrize(
    "body", ["return np.ones((1 << 20, 1 << 20)) * 2", "return torch.ones(1 << 40)"]
)
def test_asking_for_too_much_memory_is_said(grade: Grade, body: str) -> None:
    verdict = grade(f"def double(x):\n    {body}")
    assert (verdict.status, verdict.points) == ("memory", 0)


@pytest.mark.parametrize(
    "answer",
    [
        "import ctypes\ndef double(x):\n    ctypes.string_at(0)",
        "import os\ndef double(x):\n    os._exit(0)",
        "import os\nos._exit(0)\ndef double(x):\n    return 2 * x",
    ],
)
def test_a_dead_kernel_is_a_crash(grade: Grade, answer: str) -> None:
    verdict = grade(answer)
    assert (verdict.status, verdict.points) == ("crashed", 0)
    assert NEXT_STEPS["crashed"] in verdict.message


def test_a_crash_loses_its_own_case_alone(grade: Grade) -> None:
    verdict = grade("import os\ndef double(x):\n    x.ndim == 1 or os._exit(0)\n    return 2 * x")
    assert (verdict.status, verdict.points) == ("crashed", 12)


def test_bytes_forged_on_the_pipe_earn_nothing(grade: Grade) -> None:
    verdict = grade(
        "import os\ndef double(x):\n    for handle in range(3, 40):\n"
        "        try: os.write(handle, b'\\0' * 4096)\n        except OSError: pass\n"
        "    return 2 * x"
    )
    assert verdict.points == 0 and verdict.status in ("tampered", "crashed")


def test_a_forged_verdict_earns_nothing(grade: Grade) -> None:
    """A submission that answers in the server's place still has to know the answer."""
    verdict = grade(
        "import gc\ndef double(x):\n"
        "    (server,) = [o for o in gc.get_objects() if type(o).__name__ == '_Server']\n"
        "    server.reply(case=0, value=True, passed=True, unchanged=True)\n"
        "    server.reply(case=1, value=True, passed=True, unchanged=True)\n"
        "    server.reply(done=True)\n    return 0"
    )
    assert verdict.points == 0


@pytest.mark.parametrize(
    "answer",
    [
        "class Yes:\n    __eq__ = lambda s, o: True\ndef double(x):\n    return Yes()",
        "def double(x):\n    return None",
        "import numpy as np\nclass A(np.ndarray): pass\ndef double(x):\n    return (2 * x).view(A)",
        "def double(x):\n    return [1, 2, 3, 4, 5]",
        "import numpy as np\ndef double(x):\n    return x * np.nan",
    ],
)
def test_what_only_pretends_to_be_right_fails(grade: Grade, answer: str) -> None:
    verdict = grade(answer)
    assert (verdict.status, verdict.points) == ("failed", 0)


def test_breaking_the_tools_breaks_nothing(grade: Grade) -> None:
    answer = (
        "import numpy as np, sys\nnp.testing.assert_allclose = lambda *a, **k: None\n"
        "np.allclose = np.isclose = lambda *a, **k: True\nsys.displayhook = None\n"
        "def double(x):\n    return x"
    )
    assert grade(answer).points == 0


def test_a_helper_cell_of_ones_own_is_used(grade: Grade) -> None:
    verdict = grade(("def helper(x):\n    return 2 * x",), "def double(x):\n    return helper(x)")
    assert verdict.status == "passed"


def test_a_broken_cell_that_no_answer_needs_costs_nothing(grade: Grade) -> None:
    assert grade(("import os; os._exit(0)",), RIGHT, ("while True: pass",)).status == "passed"


def test_the_last_of_two_answers_counts_and_the_learner_is_told(grade: Grade) -> None:
    verdict = grade("def double(x):\n    return x", RIGHT)
    assert verdict.status == "passed" and "2 cells answer it" in verdict.message


def test_nothing_printed_reaches_the_message(grade: Grade) -> None:
    verdict = grade("def double(x):\n    print('printed', x)\n    return x")
    assert "printed" not in verdict.message


def test_an_unreadable_notebook_says_why_for_each_exercise(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    (verdict,) = Grader(make_lesson(), warm, QUICK).grade(notebook_of(), "It breaks off.")
    assert (verdict.status, verdict.points, verdict.max_points) == ("unreadable", 0, 20)
    assert "It breaks off." in verdict.message


FORBIDDING = DOUBLE_SLOT.replace("importance=5", 'importance=5 forbid=["matmul", "einsum"]')


@pytest.mark.parametrize(
    "answer",
    [
        "def double(x):\n    return np.einsum('...i->...i', 2 * x)",
        "from numpy import matmul\ndef double(x):\n    return 2 * x",
        "def double(x):\n    name = 'ein' + 'sum'\n    t = torch.from_numpy(x)\n"
        "    return getattr(torch, name)('...->...', 2 * t).numpy()",
    ],
)
def test_a_forbidden_call_earns_nothing(
    make_lesson: MakeLesson, warm: WarmParent, answer: str
) -> None:
    lesson = make_lesson(page=HEADER + SETUP + FORBIDDING)
    lesson = make_lesson(page=HEADER + SETUP + FORBIDDING + '\n# %% check="double"\nassert True\n')
    (verdict,) = Grader(lesson, warm, QUICK).grade(notebook_of((answer, "double")))
    assert (verdict.status, verdict.points) == ("forbidden", 0)
    assert "does not allow it" in verdict.message


TWO_SLOT = """
# %% exercise="quadruple" points={"idea": 4} minutes=5 difficulty=1 importance=1
from solutions.lesson_99_tiny.kernels import quadruple

# %% check="quadruple"
assert quadruple(1) == 4
"""
TWO_KERNELS = KERNELS + "\n\ndef quadruple(x):\n    return double(double(x))\n"
TWO_CASES = (
    CASES
    + """

@case("quadruple", "idea", inputs=lambda rng: {"x": rng.standard_normal(4)})
def four_times(k, x):
    return k.quadruple(x)
"""
)


@pytest.fixture
def two(make_lesson: MakeLesson) -> Any:
    """The tiny lesson with a second exercise, which builds on the first."""
    page = HEADER + SETUP + DOUBLE_SLOT + '# %% check="double"\nassert double(1) == 2\n' + TWO_SLOT
    return make_lesson(page=page, kernels=TWO_KERNELS, cases=TWO_CASES)


@pytest.mark.parametrize(
    ("killer", "status"),
    [("while True: pass", "timeout"), ("import os; os._exit(0)", "crashed")],
)
def test_a_cell_that_kills_the_kernel_spares_the_others(
    two: Any, warm: WarmParent, killer: str, status: str
) -> None:
    notebook = notebook_of(
        (f"{killer}\ndef double(x):\n    return 2 * x", "double"),
        ("def quadruple(x):\n    return 4 * x", "quadruple"),
    )
    first, second = Grader(two, warm, QUICK).grade(notebook)
    assert (first.status, second.status) == (status, "passed")


def test_a_call_that_kills_the_kernel_spares_the_others(two: Any, warm: WarmParent) -> None:
    notebook = notebook_of(
        ("import os\ndef double(x):\n    os._exit(0)", "double"),
        ("def quadruple(x):\n    return 4 * x", "quadruple"),
    )
    first, second = Grader(two, warm, QUICK).grade(notebook)
    assert (first.status, second.status) == ("crashed", "passed")


def test_a_stub_whose_signature_names_a_broken_answer_is_missing(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    page = HEADER + SETUP + DOUBLE_SLOT + '# %% check="double"\nassert double(1) == 2\n' + TWO_SLOT
    kernels = TWO_KERNELS.replace("def quadruple(x)", "def quadruple(x, by=double)")
    lesson = make_lesson(page=page, kernels=kernels, cases=TWO_CASES)
    (stub,) = (cell.source for cell in released(lesson).cells if "def quadruple(" in cell.source)
    notebook = notebook_of(("def double(x):\n    return (", "double"), (stub, "quadruple"))
    first, second = Grader(lesson, warm, QUICK).grade(notebook)
    assert (first.status, second.status) == ("error", "missing")
    assert second.message.startswith("`quadruple` is not written yet.")


def test_an_answer_that_needs_an_unwritten_one_says_which(two: Any, warm: WarmParent) -> None:
    notebook = notebook_of(
        ('def double(x):\n    raise NotImplementedError("double is not written yet")', "double"),
        ("def quadruple(x):\n    return double(double(x))", "quadruple"),
    )
    first, second = Grader(two, warm, QUICK).grade(notebook)
    assert (first.status, second.status) == ("missing", "missing")
    assert "`double` is not written yet" in first.message
    assert "double is not written yet" in second.message
    assert "`quadruple` is not written yet" not in second.message


def test_a_spent_budget_ends_in_verdicts(two: Any, warm: WarmParent) -> None:
    notebook = notebook_of(
        ("def double(x):\n    while True: pass", "double"),
        ("def quadruple(x):\n    return 4 * x", "quadruple"),
    )
    settings = Settings(timeout=1.0, budget=0.5)
    verdicts = Grader(two, warm, settings).grade(notebook)
    assert [verdict.status for verdict in verdicts] == ["timeout", "timeout"]


def test_one_exercise_alone_can_be_graded(two: Any, warm: WarmParent) -> None:
    notebook = notebook_of(("def quadruple(x):\n    return 4 * x", "quadruple"))
    (verdict,) = Grader(two, warm, QUICK).grade(notebook, only="quadruple")
    assert (verdict.exercise, verdict.status) == ("quadruple", "passed")


def test_the_same_seed_gives_the_same_verdicts(make_lesson: MakeLesson, warm: WarmParent) -> None:
    answer = notebook_of(("def double(x):\n    return x.round(3) * 2", "double"))
    lesson = make_lesson()

    def graded(seed: int) -> Verdict:
        (verdict,) = Grader(lesson, warm, Settings(seed=seed)).grade(answer)
        return dataclasses.replace(verdict, seconds=0.0)

    assert graded(3) == graded(3)
    assert graded(3).message != graded(4).message


def test_a_record_keeps_the_names_of_hidden_cases_out(grade: Grade) -> None:
    verdict = grade("def double(x):\n    return x + 1")
    record = verdict.record("ada", "99_tiny")
    assert "failed_cases" not in record
    assert list(record) == [
        *("student", "lesson", "exercise", "points", "max_points", "status", "misconception"),
        *("message", "seconds"),
    ]


def test_imports_of_given_cells_are_made_ready(make_lesson: MakeLesson) -> None:
    assert imports_of([make_lesson()]) == ["attend", "numpy", "torch"]


def test_the_digest_changes_with_lesson_and_settings(make_lesson: MakeLesson) -> None:
    first = lesson_digest(make_lesson(), QUICK)
    assert lesson_digest(make_lesson(), QUICK) == first
    assert lesson_digest(make_lesson(), dataclasses.replace(QUICK, seed=1)) != first
    assert lesson_digest(make_lesson(cases=CASES + "\n# more\n"), QUICK) != first
    assert lesson_digest(make_lesson(candidates=CANDIDATES + "\n# more\n"), QUICK) != first

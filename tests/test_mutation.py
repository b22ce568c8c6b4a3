"""Mutants: what is made, what is said of it, and every exercise of every lesson proved by them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import (
    CANDIDATES,
    CASES,
    DOUBLE_SLOT,
    HEADER,
    KERNELS,
    NUMPY_SETUP,
    PLAIN_CHECK,
    REPOSITORY,
    MakeLesson,
    secret_lines,
)

from grader.course import Lesson, load_lessons
from grader.kernel.sources import WarmParent
from grader.kill_matrix import (
    JSON_FILE,
    PAGE_FILE,
    entry,
    matrix_text,
    page,
    read_matrix,
    updated,
)
from grader.mutants import mutants_of
from grader.mutation import SHARE, Kills, killed_share, prove_exercise, share_problems
from grader.trials import Trial

LESSONS = load_lessons(REPOSITORY)
EXERCISES = [
    pytest.param(lesson, name, id=f"{lesson.name.split('_')[0]}-{name}")
    for lesson in LESSONS
    for name in lesson.exercises
]
REFRESH = "run `grader verify --mutants --write`"


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_mutants_are_killed_or_right_and_the_matrix_is_fresh(
    lesson: Lesson, exercise: str, warm: WarmParent
) -> None:
    kills = prove_exercise(lesson, exercise, warm)
    assert list(kills.problems) == []
    written = read_matrix(REPOSITORY).get(lesson.name, {}).get(exercise)
    assert written == entry(kills), f"{JSON_FILE} is stale: {REFRESH} {lesson.name}"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_enough_of_a_lesson_s_mutants_are_killed(lesson: Lesson) -> None:
    exercises = read_matrix(REPOSITORY).get(lesson.name)
    assert exercises, f"{JSON_FILE} has no {lesson.name}: {REFRESH} {lesson.name}"
    mutants = [mutant["status"] for item in exercises.values() for mutant in item["mutants"]]
    assert mutants.count("killed") >= SHARE * (len(mutants) - mutants.count("equivalent"))


def test_the_files_in_docs_hold_every_exercise_and_nothing_else() -> None:
    matrix = read_matrix(REPOSITORY)
    assert {lesson: list(exercises) for lesson, exercises in matrix.items()} == {
        lesson.name: list(lesson.exercises) for lesson in LESSONS
    }
    assert (REPOSITORY / JSON_FILE).read_text(encoding="utf-8") == matrix_text(matrix), REFRESH
    assert (REPOSITORY / PAGE_FILE).read_text(encoding="utf-8") == page(matrix), REFRESH


def test_the_files_in_docs_hold_no_line_of_a_solution_or_hidden_test() -> None:
    texts = [(REPOSITORY / name).read_text(encoding="utf-8") for name in (JSON_FILE, PAGE_FILE)]
    secrets = {line for lesson in LESSONS for line in secret_lines(lesson)}
    assert [line for line in secrets for text in texts if line in text] == []


# what is made


def changes(body: str, arguments: str = "q, k, mask=None") -> dict[str, set[str]]:
    """The changed lines by kind, of a kernel with this body."""
    found: dict[str, set[str]] = {}
    for mutant in mutants_of(f"def kernel({arguments}):\n    {body}\n"):
        found.setdefault(mutant.kind, set()).add(mutant.change)
    return found


@pytest.mark.parametrize(
    ("body", "kind", "change"),
    [
        ("return q.sum(axis=-1)", "axis", "return q.sum(axis=0)"),
        ("return q.sum(axis=-1)", "axis", "return q.sum()"),
        ("return q.softmax(-1)", "axis", "return q.softmax(-2)"),
        ("return q.sum(-1, keepdim=True)", "keepdim", "return q.sum(-1)"),
        ("return q.sum(-1, keepdims=True)", "constant", "return q.sum(-1, keepdims=False)"),
        ("return torch.where(q, k)", "swapped", "return torch.where(k, q)"),
        ("return q @ k", "swapped", "return k @ q"),
        ("return q @ k", "operator", "return q * k"),
        ("return q / 8", "operator", "return q * 8"),
        ("return q / 8", "left out", "return q"),
        ("return np.exp(q)", "left out", "return q"),
        ("return q.masked_fill(~k, 0)", "left out", "return q"),
        ("return q.masked_fill(~k, 0)", "operator", "return q.masked_fill(k, 0)"),
        ("return -q", "left out", "return q"),
        ("return q < k", "comparison", "return q <= k"),
        ("return q < k", "comparison", "return q > k"),
        ("return q == k", "comparison", "return q != k"),
        ("return q and k", "condition", "return q or k"),
        ("return 2 * q", "constant", "return 3 * q"),
        ("return 2 * q", "constant", "return -2 * q"),
        ("return 0.5 * q", "constant", "return 1.0 * q"),
        ("return q + torch.inf", "constant", "return q + 10000.0"),
        ("return q[:, None]", "index", "return q[None, :]"),
        ("return q[1:]", "index", "return q[:]"),
        ("return q.mean()", "function", "return q.sum()"),
        ("return q.tril()", "function", "return q.triu()"),
        ("return q", "name", "return k"),
        ("return q", "statement", "delete return q"),
        ("return q.sum(k)", "argument", "return q.sum(None)"),
        ("return {'sdpa': q}", "string", "return {'SDPA': q}"),
        ("raise ValueError('no')", "error", "raise RuntimeError('no')"),
    ],
)
def test_it_makes(body: str, kind: str, change: str) -> None:
    assert change in changes(body)[kind]


@pytest.mark.parametrize(
    ("first", "second", "change"),
    [
        ("if mask is None:", "    q = k", "if True:"),
        ("if mask is None:", "    q = k", "if not (mask is None):"),
        ("for row in q:", "    k += row", "delete for row in q: k += row"),
        ("while q > k:", "    q -= 1", "delete while q > k: q -= 1"),
    ],
)
def test_it_takes_blocks_apart(first: str, second: str, change: str) -> None:
    found = changes(f"{first}\n    {second}\n    return q")
    assert change in set().union(*found.values())


def test_parentheses_go_where_the_meaning_asks_for_them() -> None:
    assert "return q * (mask - k)" in changes("return q * (k - mask)")["swapped"]
    assert "return mask - (q - k)" in changes("return q - k - mask")["swapped"]
    assert "return q * (k)" in changes("return q * (k - mask)")["left out"]


CLASS = '''\
class Layer(nn.Module):
    """Docstring 1."""

    def __init__(self, width: int = 3) -> None:
        """Docstring 2."""
        super().__init__()
        self.query: nn.Module = nn.Linear(width, width)
        self.key = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.query(x)  # a comment 4
'''


def test_attributes_of_one_object_are_taken_for_one_another() -> None:
    assert "return self.key(x)" in [mutant.change for mutant in mutants_of(CLASS)]


def test_signatures_docstrings_annotations_and_comments_stay() -> None:
    for mutant in mutants_of(CLASS):
        for kept in ("Docstring 1.", "Docstring 2.", "width: int = 3) -> None", ": nn.Module ="):
            assert kept in mutant.source or mutant.change.startswith("delete self.query"), mutant
        assert "comment" not in mutant.change


def test_the_words_of_an_error_stay() -> None:
    found = changes('raise ValueError(f"got {q - 1}", q)')
    assert found == {
        "error": {'raise RuntimeError(f"got {q - 1}", q)'},
        "statement": {'delete raise ValueError(f"got {q - 1}", q)'},
    }


def test_only_what_a_learner_writes_is_changed() -> None:
    text = """\
def kernel(q):
    q = q + 1
    ### BEGIN SOLUTION
    q = q * 3
    ### END SOLUTION
    return q
"""
    assert {mutant.line for mutant in mutants_of(text)} == {4}


def test_helpers_and_constants_that_travel_along_are_changed() -> None:
    text = """\
_SMALL = 1e-5
def _add(x):
    return x + _SMALL
def kernel(x):
    return _add(x)
"""
    assert {mutant.line for mutant in mutants_of(text)} == {1, 3, 5}


def test_each_mutant_is_one_change_that_compiles_and_comes_once() -> None:
    mutants = mutants_of("def kernel(q, k):\n    return q.sum(-1, keepdim=True) / k\n")
    assert len({mutant.source for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        compile(mutant.source, "<mutant>", "exec")
        assert mutant.line == 2


def test_the_same_bytecode_is_proved_to_be_the_same_program() -> None:
    mutants = mutants_of("def kernel(q):\n    return (2 + 0) * q\n")
    same = [mutant.change for mutant in mutants if mutant.same]
    assert same == ["return (2) * q"]


# what is said of it

PAGE = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK
EITHER_WAY = KERNELS.replace("return x * 2", "return np.multiply(x, 2)")
LISTED = """
from grader.cases import equivalent, survivor

UNKILLED = [{}]
"""
TURNED = "return np.multiply(2, x)"


def prove(lesson: Lesson, warm: WarmParent) -> Kills:
    return prove_exercise(lesson, "double", warm)


def one(kills: Kills, change: str) -> Trial:
    (found,) = (trial for trial in kills.mutants if trial.change == change)
    return found


def test_good_tests_kill_every_mutant(make_lesson: MakeLesson, warm: WarmParent) -> None:
    kills = prove(make_lesson(page=PAGE), warm)
    assert kills.problems == () and {trial.status for trial in kills.mutants} == {"killed"}
    assert one(kills, "return x * 3").killed_by == ("one_row", "two_rows")
    assert one(kills, "return x * 3").seen


WEAK = CASES.replace("return k.double(x)", "return abs(k.double(x))")


def test_a_planted_weak_test_is_found(make_lesson: MakeLesson, warm: WarmParent) -> None:
    kills = prove(make_lesson(page=PAGE, cases=WEAK), warm)
    assert one(kills, "return x * -2").status == "survived"
    said = [problem for problem in kills.problems if "return x * -2" in problem]
    assert said == [
        "99_tiny/double: the visible check stops the mutant `return x * -2`, and no hidden case "
        "does under every seed."
    ]


def test_a_mutant_that_one_seed_alone_kills_is_no_killed_one(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    # The first seed draws a number under 0.56 here, the second one above it.
    sometimes = "np.floor(rng.random(1) + 0.44)"
    cases = CASES.replace("rng.standard_normal(5)", sometimes)
    cases = "import numpy as np\n" + cases.replace(
        "rng.standard_normal((2, 3))", "np.zeros((2, 3))"
    )
    blind = PAGE.replace("assert double(1) == 2", "assert double(0) == 0")
    kills = prove(make_lesson(page=blind, cases="import numpy as np\n" + cases), warm)
    trial = one(kills, "return x * 3")
    assert (trial.status, trial.killed_by) == ("survived", ("one_row",))
    assert any("`return x * 3` under every seed" in problem for problem in kills.problems)


def test_a_later_seed_is_asked_for_no_more_than_one_loss(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    # The second seed alone shows the mutant in the first case; the other case shows it under both.
    sometimes = "np.floor(rng.random(1) + 0.44)"
    cases = "import numpy as np\n" + CASES.replace("rng.standard_normal(5)", sometimes)
    trial = one(prove(make_lesson(page=PAGE, cases=cases), warm), "return x * 3")
    assert (trial.status, trial.killed_by) == ("killed", ("two_rows",))


def test_a_planted_equivalent_must_be_listed(make_lesson: MakeLesson, warm: WarmParent) -> None:
    kills = prove(make_lesson(page=PAGE, kernels=EITHER_WAY), warm)
    assert kills.problems == (
        f"99_tiny/double: no case kills the mutant `{TURNED}` at all: add one, or list it in "
        "UNKILLED with the reason why it is a right answer.",
    )


def test_a_listed_equivalent_is_excused_with_its_reason(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    listed = LISTED.format(f'equivalent("double", "a product has no order", "{TURNED}")')
    kills = prove(make_lesson(page=PAGE, kernels=EITHER_WAY, cases=CASES + listed), warm)
    assert kills.problems == ()
    assert one(kills, TURNED).status == "equivalent"
    assert one(kills, TURNED).reason == "a product has no order"
    assert killed_share(kills.mutants) == 1.0


def test_a_listed_survivor_stays_alive_and_counts(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    listed = LISTED.format(f'survivor("double", "for the test", "{TURNED}")')
    kills = prove(make_lesson(page=PAGE, kernels=EITHER_WAY, cases=CASES + listed), warm)
    assert kills.problems == () and one(kills, TURNED).status == "survived"
    assert killed_share(kills.mutants) < 1.0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("return x * 3", "which is killed: one_row, two_rows"),
        ("return x * 7", "which is no mutant's line"),
    ],
)
def test_a_stale_listing_is_a_problem(
    make_lesson: MakeLesson, warm: WarmParent, change: str, problem: str
) -> None:
    listed = LISTED.format(f'equivalent("double", "for the test", "{change}")')
    kills = prove(make_lesson(page=PAGE, cases=CASES + listed), warm)
    assert kills.problems == (f"99_tiny/double: UNKILLED lists `{change}`, {problem}.",)


def test_a_right_answer_that_the_visible_check_stops_is_a_problem(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    narrow = PAGE.replace("assert double(1) == 2", "assert type(double(1)) is int")
    kills = prove(make_lesson(page=narrow), warm)
    assert kills.problems == (
        "99_tiny/double: the visible check stops the alternative divides, and no hidden case "
        "does under every seed.",
    )


def test_a_misconception_that_no_case_kills_is_a_problem(
    make_lesson: MakeLesson, warm: WarmParent
) -> None:
    wrong = '@misconception("double", "You added 0.")\ndef adds_nothing(x):\n    return x + x + 0\n'
    kills = prove(make_lesson(page=PAGE, candidates=CANDIDATES + "\n\n" + wrong), warm)
    (problem,) = kills.problems
    assert "no case kills the misconception adds_nothing at all" in problem


ENDLESS = KERNELS.replace(
    "return x * 2", "left = 2\n    while left > 1:\n        left -= 1\n    return x * 2 * left"
)


def test_a_mutant_that_never_ends_is_killed(
    make_lesson: MakeLesson, warm: WarmParent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.trials.PATIENCE", 0.5)
    kills = prove(make_lesson(page=PAGE, kernels=ENDLESS), warm)
    assert one(kills, "left += 1").killed_by == ("one_row", "two_rows")


def test_too_few_killed_is_a_problem(make_lesson: MakeLesson, warm: WarmParent) -> None:
    kills = prove(make_lesson(page=PAGE), warm)
    assert share_problems([kills]) == []
    alive = replace(kills.mutants[0], status="survived", reason="for the test")
    few = replace(kills, mutants=(alive, *kills.mutants[1:]))
    assert share_problems([few]) == [
        f"99_tiny: {killed_share(few.mutants):.1%} of its mutants are killed; 95% is asked."
    ]


# the matrix

KILLS = Kills(
    lesson="99_tiny",
    exercise="double",
    cases={"one_row": "idea", "two_rows": "shapes"},
    candidates=(
        Trial("solution", "solution", "survived", (), False),
        Trial("first_row_alone", "misconception", "killed", ("two_rows",), True),
    ),
    mutants=(
        Trial("0a1b2c3d", "constant", "killed", ("one_row", "two_rows"), True, 3, "return x * 3"),
        Trial("4e5f6a7b", "constant", "killed", ("two_rows",), False, 3, "return x * 1"),
        Trial("8c9d0e1f", "axis", "equivalent", (), False, 4, "return x.T", "it has one axis"),
    ),
    problems=(),
)


def test_the_page_says_what_kills_what() -> None:
    text = page({"99_tiny": {"double": entry(KILLS)}})
    for line in (
        "| 99 tiny | 1 | 2 | 1 of 1 | 1 of 1 | 3 | 1 | 2 (100.0 %) | 50.0 % |",
        "| one row (idea) | · | 1 | 0 |",
        "| two rows (shapes) | ● | 2 | 1 |",
        "- Misconceptions: 1 first row alone.",
        "- Mutants: axis 1, constant 2.",
        "- Equivalent: axis in line 4: it has one axis.",
    ):
        assert line in text.splitlines(), line


def test_neither_file_shows_a_mutant_s_line() -> None:
    matrix = {"99_tiny": {"double": entry(KILLS)}}
    for text in (page(matrix), matrix_text(matrix)):
        assert "return x" not in text


def test_the_json_is_json_and_holds_every_trial() -> None:
    matrix = {"99_tiny": {"double": entry(KILLS)}}
    assert json.loads(matrix_text(matrix)) == matrix
    rows = [mutant["killed_by"] for mutant in matrix["99_tiny"]["double"]["mutants"]]
    assert rows == ["11", "01", "00"]


def test_other_lessons_stay_and_those_that_are_gone_go() -> None:
    old = {"98_old": {"gone": {}}, "97_kept": {"kept": {"cases": {}}, "dropped": {}}}
    new = updated(old, [KILLS], {"97_kept": ["kept"], "99_tiny": ["double", "not_yet"]})
    assert new == {"97_kept": {"kept": {"cases": {}}}, "99_tiny": {"double": entry(KILLS)}}


def test_a_record_says_where_it_belongs() -> None:
    first, *_, last = KILLS.records()
    assert first["exercise"] == "double" and first["kind"] == "solution"
    assert last["change"] == "return x.T" and last["killed_by"] == []

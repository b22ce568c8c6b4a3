"""The notebooks' own checks: what is ticked, what a cross says, what the cell raises."""

import contextlib
import json
import linecache
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.attend import WORD_VECTORS, Checker, checks
from grader.attend.checks import CheckFailed, NotWritten
from grader.attend.lines import Line, html
from grader.attend.recording import Recorder, decode, encode

ROOT = Path(__file__).parents[1]
SUMS_DOWN = "Your columns sum to 1: take the sum over the last axis."
UNSCALED = "You did not divide."

check = Checker("98_no_such_lesson")


def score_matrix(queries: Any, keys: Any) -> Any:
    raise NotImplementedError("score_matrix")


def know(monkeypatch: pytest.MonkeyPatch, **misconceptions: tuple[str, dict[str, Any]]) -> None:
    """Give the checks these misconceptions, name=(sentence, answers), as their check data.

    The answers are to the examples "rows", "shape" and "later"; the place of an error holds it.
    """
    examples = ["rows", "shape", "later"]
    known: dict[str, Any] = {}
    for name, (sentence, answers) in misconceptions.items():
        raised = {w: v for w, v in answers.items() if isinstance(v, Exception)}
        known[name] = {
            "sentence": sentence,
            "answers": {w: encode(v) for w, v in answers.items() if w not in raised},
        }
        for at, error in raised.items():
            known[name]["stopped"] = {"at": at, "error": f"{type(error).__name__}: {error}"}
    data = {"softmax": {"examples": examples, "misconceptions": known}}
    monkeypatch.setattr(checks, "check_data", lambda lesson: data)


def test_a_right_value_is_ticked(capsys: pytest.CaptureFixture[str]) -> None:
    with check("softmax") as expect:
        expect("each row sums to 1", np.ones(2), np.ones(2))
    assert capsys.readouterr().out == "Check of softmax\n  ✓ right    each row sums to 1\n"


def test_a_wrong_value_is_crossed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("each row sums to 1", np.array([1.0, 3.0]), np.ones(2))
    out = capsys.readouterr().out
    assert "✗ not yet  each row sums to 1" in out
    facts = ["Expected: [1., 1.]", "What came: [1., 3.]", "expected 1, got 3", "Next: Change"]
    places = [out.index(fact) for fact in facts]
    assert places == sorted(places)


def test_what_follows_a_wrong_value_is_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed, match="softmax: 1 of 2 not right"), check("softmax") as expect:
        expect("first", 1.0, 2.0)
        expect("second", 2.0, 2.0)
    assert "✓ right    second" in capsys.readouterr().out


def test_a_single_number_as_tolerance_is_absolute() -> None:
    with check("accuracy") as expect:
        expect("about 0.985", 0.98, 0.985, tolerance=0.01)
    with pytest.raises(CheckFailed), check("accuracy") as expect:
        expect("about 98.5", 97.6, 98.5, tolerance=0.01)


def test_an_unwritten_exercise_is_named() -> None:
    with pytest.raises(NotImplementedError, match=r"^score_matrix is not written yet: write it in"):
        with check("score_matrix") as expect:
            expect("shape", score_matrix(1, 2), 3)


def test_the_method_that_is_unwritten_is_named() -> None:
    class Block:
        def forward(self) -> None:
            raise NotImplementedError("Block is not written yet")

    code = Block.forward.__code__
    Block.forward.__code__ = code.replace(co_qualname="Block.forward")  # as at the top of a cell
    with pytest.raises(NotImplementedError, match=r"^Block is not written yet: write `forward` in"):
        with check("Block") as expect:
            expect("shape", Block().forward(), 3)  # type: ignore[func-returns-value]


def test_an_unwritten_exercise_shows_under_the_name_of_the_stubs_error() -> None:
    assert NotWritten.__name__ == "NotImplementedError"


def test_another_exercise_that_is_unwritten_is_named() -> None:
    with pytest.raises(NotImplementedError, match=r"^score_matrix is not written yet, and weights"):
        with check("weights") as expect:
            expect("shape", score_matrix(1, 2), 3)


def test_an_exercise_whose_cell_has_not_run_is_said_so() -> None:
    with pytest.raises(CheckFailed, match="softmax is not known yet: run the cell above first"):
        with check("softmax") as expect:
            expect("shape", softmax(1), 3)  # type: ignore[name-defined]  # noqa: F821


def test_an_error_names_the_learners_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    def weights() -> Any:
        return np.linalg.inv(np.zeros((2, 3)))

    with pytest.raises(CheckFailed), check("weights") as expect:
        expect("shape", weights(), 3)
    out = capsys.readouterr().out
    assert "LinAlgError: Last 2 dimensions" in out
    assert "weights`: `return np.linalg.inv(np.zeros((2, 3)))`" in out


def stopped_by(code: str, capsys: pytest.CaptureFixture[str], **given: Any) -> str:
    """What a check says where the learner's `answer`, with this body, raises."""
    name = f"<cell {code}>"
    body = "".join(f"    {line}\n" for line in code.splitlines())
    source = (
        f"def answer():\n{body}\nwith check('answer') as expect:\n    expect('one', answer(), 1)\n"
    )
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    with pytest.raises(CheckFailed):
        names = {"check": Checker("98_none"), "np": np, "torch": torch}
        exec(compile(source, name, "exec"), names | given)
    return capsys.readouterr().out


BATCH = {"queries": np.ones((2, 2, 3)), "keys": np.ones((2, 4, 3))}
ROWS = {"queries": np.ones((2, 3)), "keys": np.ones((4, 3)), "weights": np.ones(4)}
TENSOR_BATCH = {name: torch.tensor(array) for name, array in BATCH.items()}
TENSORS = {name: torch.tensor(array) for name, array in ROWS.items()}


@pytest.mark.parametrize(
    ("code", "given", "told"),
    [
        ("return queries @ keys.T", BATCH, "`queries` has shape (2, 2, 3); `keys` has shape (2, 4"),
        ("return queries @ keys.T", BATCH, "`.T` reverses all axes of a batch"),
        ("return queries @ keys", ROWS, "here they are 3 and 4. A transpose may be missing."),
        ("return queries @ keys", TENSORS, "here they are 3 and 4. A transpose may be missing."),
        (
            "return [q @ k for q, k in zip(queries, keys[:, :2])]",
            ROWS,
            "Both sides are single rows",
        ),
        ("return queries[None] @ keys", ROWS, "here they are 3 and 4. A transpose may be missing."),
        (
            "gaps = queries[None]\nreturn gaps @ keys",
            ROWS,
            "They have 3 and 2 axes: a sum over one",
        ),
        ("return queries.sum() @ keys", ROWS, "A single number stands here where an array belongs"),
        ("return np.einsum('ij,jk->ik', queries, keys)", BATCH, "Your recipe names no batch axes"),
        ("return np.einsum('bij,bkj->bik', queries, keys)", ROWS, "The recipe has not as many"),
        ("return np.einsum('bij,bkj->bik', queries, keys)", TENSORS, "The recipe has not as many"),
        ("return torch.einsum('ij,kj->ik', queries, keys)", TENSOR_BATCH, "The recipe has not as"),
        ("return queries[:, None] + keys[None, :]", BATCH, "count from the end: `a[..., None]`"),
        ("return weights[-1:2].max()", ROWS, "a negative start counts from the end"),
        ("return torch.amax(weights[-1:2], -1)", TENSORS, "a negative start counts from the end"),
        ("return weights[1.5:]", ROWS, "whole numbers: make them so with `int(...)`"),
        ("return np.take_along_axis(keys, np.argmax(keys, -1), -2)", ROWS, "`indices[..., None]`"),
        ("return np.take_along_axis(keys, np.zeros((2, 1), int), -1)", ROWS, "the right one? The"),
        ("rows, sizes = keys.shape\nreturn rows", BATCH, "Count from the end: `a.shape[-1]`"),
        ("first, second = keys\nreturn first", ROWS, "must be returned: `return first, second`"),
        ("return [][0]", {}, "there may be none at all"),
        ("return {'sdpa': 1}['added']", {}, "no entry called 'added': is a name misspelt?"),
        ("pair = 1, 2\nreturn pair['added']", {}, "only a dict has them"),
        ("return (keys, 1).shape", ROWS, "A tuple came where one array belongs"),
        ("return [keys].shape", ROWS, "A list came where an array belongs"),
        ("mask = None\nreturn keys & mask", ROWS, "`mask` is None on this line"),
        ("return len(print())", {}, "a function may lack its `return`"),
        ("return weights * keys", ROWS, "here (4,) meets (4, 3). A trailing axis may be missing"),
        ("return weights * keys", TENSORS, "here 4 meets 3. A trailing axis may be missing"),
        ("return keys / keys.sum(axis=1)", ROWS, "`keepdims=True` leaves a 1 in its place"),
        ("return keys / keys.sum(1)", TENSORS, "`keepdim=True` leaves a 1 in its place"),
        ("return queries * keys", TENSORS, "here 2 meets 4.\n"),
        ("a = keys.T\nreturn queries * a", TENSORS, "the product of matrices is `@`"),
        ("return queries + queries[:, :2]", ROWS, "Sizes are lined up from the right"),
        ("a = queries[:, :2]\nreturn queries + a", ROWS, "`np.concatenate([a, b], axis=-1)`"),
        ("return queries + keys.unsqueeze(0)", TENSORS, "This line makes an axis of size 1."),
        ("return queries @ keys.transpose(0, 1)", TENSOR_BATCH, "Swap the last two only"),
        ("a = queries[..., None]\nreturn a @ keys", TENSORS, "`squeeze(-1)` takes it away"),
        ("return torch.cat([queries, keys[:, :2]])", TENSORS, "`dim=-1` joins features"),
        ("return queries.gather(-1, keys.long()[0])", TENSORS, "`index.unsqueeze(-1)` picks one"),
        ("return queries[keys > 0]", TENSORS, "their shape must be that of the axes"),
        ("return queries[keys > 0]", ROWS, "their shape must be that of the axes"),
        ("return torch.tensor([[1], [2, 3]])", {}, "The rows are of different lengths"),
        ("return np.array([[1], [2, 3]])", {}, "The rows are of different lengths"),
        ("a = [2, 1].sort()\nreturn [*a]", {}, "`sort` changes what it is called on"),
        (
            "keys = [1].append(2)\nreturn keys[0]",
            ROWS,
            "Call it on a line of its own, without `=`.",
        ),
        ("a = print()\nreturn a[0]", {}, "`a` is None on this line. Look where it gets its"),
        ("return np.exp(None) + sum(None)", {}, "`None` is handed on in this line"),
        ("import math\nreturn math.exp(keys)", ROWS, "`np.exp`, `np.log` and `np.sqrt`"),
        ("return 1 if keys > 0 else 0", ROWS, "Choose entry by entry with `np.where`"),
        ("return 1 if keys > 0 else 0", TENSORS, "Choose entry by entry with `np.where`"),
        ("a = np.arange(3)\na /= 2.0", {}, "Make a new array: `b = a / 2`"),
        ("a = torch.arange(3)\na /= 2.0", {}, "Make a new tensor: `b = a / 2`"),
        ("if False:\n    best = 1\nreturn best", {}, "`best` has no value when this line runs"),
        ("return besst", {}, "`besst` has no value: a misspelt name"),
        ("assert False", {}, "What the `assert` on this line demands does not hold."),
    ],
)
def test_an_error_is_told_in_plain_words(
    code: str, given: dict[str, Any], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in stopped_by(code, capsys, **given)


@pytest.mark.parametrize(
    ("got", "wanted", "told"),
    [
        ((np.ones(2),), np.ones(2), "A comma at the end of the `return` line makes a tuple"),
        ((np.ones(2), 1), np.ones(2), "You return 2 values, and one is asked for here."),
        ([1, 2], np.ones(2), "`np.array` makes one of numbers"),
        ([torch.ones(2)], torch.ones(1, 2), "`torch.stack` one of several arrays"),
        (0, np.ones(2), "A plain number stands for no array."),
        (np.ones(2), np.array([True, False]), "True and False are asked for"),
        (torch.ones(2), torch.tensor([True, False]), "True and False are asked for"),
        (np.ones(2, int), np.ones(2), "what comes after the point is cut off"),
        (torch.ones(2), torch.ones(2).long(), "whole numbers are asked for"),
    ],
)
def test_a_value_of_another_kind_is_told_in_plain_words(
    got: Any, wanted: Any, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CheckFailed), check("kinds") as expect:
        expect("it", got, wanted)
    (cause,) = (line for line in capsys.readouterr().out.splitlines() if "Likely cause" in line)
    assert told in cause


def test_only_of_a_function_that_returns_nothing_a_return_is_missed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for body, forgotten in (("x + 1", True), ("return None", True), ("return x, None", False)):
        names = calling(f"def first(x): {body}", check=Checker("98_none"))
        with pytest.raises(CheckFailed):
            exec("with check('first') as expect:\n    expect('two', None, 2)", names)
        out = capsys.readouterr().out
        assert ("did you forget `return`?" in out) is forgotten
        assert ("None came from a `return` that says None" in out) is not forgotten


def test_nothing_is_said_of_an_axis_that_is_not_seen_to_be_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for code in ("return queries * keys", "return queries + keys[:, :2]"):
        assert "trailing axis" not in stopped_by(code, capsys, **TENSORS)


def test_an_error_in_the_checks_own_line_is_about_what_was_returned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = calling("def first(x): return np.ones(2)", check=Checker("98_none"), np=np)
    cell = "with check('first') as expect:\n    expect('one', first(1)[0, 1], 1.0)"
    with pytest.raises(CheckFailed):
        exec(compile(cell, "<the check's own>", "exec"), names)
    assert "This line of the check reads what you returned." in capsys.readouterr().out


def test_values_that_have_changed_places_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    cell = (
        "with check('first') as expect:\n    output, weights = first(1)\n"
        "    expect('output', output, 1.0)\n    expect('weights', weights, {})"
    )
    for weights, told in ((2.0, True), (3.0, False)):
        names = calling("def first(x): return 2.0, 1.0", check=Checker("98_none"))
        with pytest.raises(CheckFailed):
            exec(cell.format(weights), names)
        assert ("have changed places" in capsys.readouterr().out) is told


def test_an_error_inside_a_given_function_is_told_at_the_learners_own_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = "def softmax(x):\n    return x / x.max()\n"
    answer = "def answer(x):\n    return softmax(x[-1:2])\n"
    names: dict[str, Any] = {"check": Checker("98_none"), "np": np}
    for name, source in (("<given>", given), ("<answer>", answer)):
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        exec(compile(source, name, "exec"), names)
    with pytest.raises(CheckFailed):
        exec("with check('answer') as expect:\n    expect('one', answer(np.ones(4)), 1)", names)
    out = capsys.readouterr().out
    assert "Line 2 of the cell of `answer`: `return softmax(x[-1:2])`, in `softmax`" in out


def test_writing_into_the_callers_array_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    out = stopped_by("global WORDS\nWORDS -= 1", capsys, WORDS=WORD_VECTORS)
    assert "writes into an array that belongs to the caller" in out


def test_an_error_names_the_example_and_what_was_not_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = ["one row", "a batch", "axis 0", "whole numbers"]
    monkeypatch.setattr(checks, "check_data", lambda lesson: {"softmax": {"examples": examples}})
    with pytest.raises(CheckFailed, match="1 of 4 not right yet, and 2 not reached"):
        with check("softmax") as expect:
            expect("one row", 1, 1)
            raise ValueError("no")
    assert "✗ not yet  Stopped at: a batch (ValueError)" in capsys.readouterr().out


def test_in_a_changed_check_no_example_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "check_data", lambda lesson: {"softmax": {"examples": ["one"]}})
    with pytest.raises(CheckFailed, match=r"1 of 2 not right yet\. Open"):
        with check("softmax") as expect:
            expect("my own", 1, 1)
            raise ValueError("no")
    assert "ValueError: the check stopped here" in capsys.readouterr().out


def test_the_cause_and_what_to_do_next_are_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed), check("score_matrix") as expect:
        expect("two rows", np.zeros((3, 2)), np.zeros((2, 3)))
        expect("four rows", np.zeros((3, 4)), np.zeros((4, 3)))
    out = capsys.readouterr().out
    assert out.count("Next: ") == out.count("Likely cause: ") == 1


def test_values_that_print_alike_get_more_digits(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("near zero", np.array([3e-7, 1.0]), np.array([0.0, 1.0]))
    out = capsys.readouterr().out
    assert "Expected: [0., 1.]" in out and "What came: [3.e-07, 1.e+00]" in out


def test_lines_before_an_error_stay(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed), check("weights") as expect:
        expect("first", 1, 1)
        raise ValueError("no")
    assert "✓ right    first" in capsys.readouterr().out


def test_an_interrupt_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt), check("weights"):
        raise KeyboardInterrupt


@pytest.mark.parametrize("error", [CheckFailed("one line"), NotWritten("one line")])
def test_the_notebook_shows_no_frames(error: Any) -> None:
    assert error._render_traceback_() == ["one line"]


def test_swapped_axes_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed), check("score_matrix") as expect:
        expect("two rows", np.zeros((3, 2)), np.zeros((2, 3)))
    assert "two axes have changed places" in capsys.readouterr().out


def test_the_misconception_that_fits_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": np.array([0.25, 0.75]), "shape": (1, 2)}))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("shape", (1, 2), (1, 2))
        expect("rows", np.array([0.25, 0.75]), np.array([0.5, 0.5]))
    assert f"Likely cause: {SUMS_DOWN}" in capsys.readouterr().out


def test_a_misconception_that_answers_one_example_otherwise_is_not_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": 0.25, "later": 7.0}))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.25, 0.5)
        expect("later", 1.0, 1.0)
    assert "Likely cause" not in capsys.readouterr().out


def test_a_misconception_that_fits_only_right_values_is_not_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"shape": (1, 2)}))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("shape", (1, 2), (1, 2))
        expect("rows", 0.25, 0.5)
    assert "Likely cause" not in capsys.readouterr().out


def test_of_two_misconceptions_that_fit_none_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": 0.25}), unscaled=(UNSCALED, {"rows": 0.25}))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.25, 0.5)
    assert "Likely cause" not in capsys.readouterr().out


def test_a_later_example_decides_between_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(
        monkeypatch,
        down=(SUMS_DOWN, {"rows": 0.25, "later": 1.0}),
        unscaled=(UNSCALED, {"rows": 0.25, "later": 2.0}),
    )
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.25, 0.5)
        expect("later", 2.0, 1.0)
    assert f"Likely cause: {UNSCALED}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (ValueError("sizes 2 and 3"), True),
        (ValueError("sizes 2 and 4"), False),
        (TypeError("sizes 2 and 3"), False),
    ],
)
def test_an_error_in_the_same_place_with_the_same_words_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: Exception,
    named: bool,
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": 0.5, "shape": ValueError("sizes 2 and 3")}))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.5, 0.5)
        raise given
    assert (f"Likely cause: {SUMS_DOWN}" in capsys.readouterr().out) is named


def test_an_error_in_another_place_is_not_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": 0.5, "shape": ValueError("no")}))
    with pytest.raises(CheckFailed), check("softmax"):
        raise ValueError("no")
    assert "Likely cause" not in capsys.readouterr().out


@pytest.mark.parametrize(("words", "times"), [("mine", 1), ("in other words", 0)])
def test_of_wrong_values_and_then_an_error_both_must_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, times: int
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": 0.25, "shape": ValueError("mine")}))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.25, 0.5)
        raise ValueError(words)
    assert capsys.readouterr().out.count(SUMS_DOWN) == times


def test_an_answer_where_the_misconception_raises_an_error_is_not_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": 0.25, "shape": ValueError("mine")}))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.25, 0.5)
        expect("shape", (2, 3), (2, 3))
    assert SUMS_DOWN not in capsys.readouterr().out


def test_an_answer_that_varies_fits_what_is_wrong_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = {"sentence": SUMS_DOWN, "answers": {"later": encode(7.0)}, "varies": ["rows"]}
    checker = Checker("98_none", {"softmax": {"misconceptions": {"down": data}}})
    for rows, later, named in ((0.1, 7.0, True), (0.5, 7.0, False), (0.1, 9.0, False)):
        with pytest.raises(CheckFailed), checker("softmax") as expect:
            expect("rows", rows, 0.5)
            expect("later", later, 1.0)
        assert (SUMS_DOWN in capsys.readouterr().out) is named


def test_what_mostly_varies_names_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = {"sentence": SUMS_DOWN, "answers": {"later": encode(7.0)}, "varies": ["rows", "more"]}
    checker = Checker("98_none", {"softmax": {"misconceptions": {"down": data}}})
    with pytest.raises(CheckFailed), checker("softmax") as expect:
        expect("rows", 0.1, 0.5)
        expect("more", 0.2, 0.5)
        expect("later", 7.0, 1.0)
    assert SUMS_DOWN not in capsys.readouterr().out


@pytest.mark.parametrize("value", [True, np.bool_(True), torch.tensor(True), None])
def test_one_true_that_agrees_names_nothing_and_two_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: Any
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, {"rows": value, "later": value, "shape": (1, 2)}))
    for more, named in ((False, False), (value, True)):
        with pytest.raises(CheckFailed), check("softmax") as expect:
            expect("rows", value, False)
            expect("shape", (1, 2), (1, 2))
            if more is not False:
                expect("later", more, False)
        assert (SUMS_DOWN in capsys.readouterr().out) is named


ONE = {"rows": 0.25, "shape": (1, 2), "later": 1.0}
OTHER = {"rows": 0.5, "shape": (2, 1), "later": 1.0}


@pytest.mark.parametrize(
    ("shape", "later", "named"),
    [((2, 1), 1.0, True), ((2, 2), 1.0, False), ((2, 1), 7.0, False)],
)
def test_of_two_mistakes_at_once_each_is_named_at_its_own_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    shape: tuple[int, int],
    later: float,
    named: bool,
) -> None:
    know(monkeypatch, down=(SUMS_DOWN, ONE), unscaled=(UNSCALED, OTHER))
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.25, 0.5)
        expect("shape", shape, (1, 2))
        expect("later", later, 1.0)
    out = capsys.readouterr().out
    assert (SUMS_DOWN in out, UNSCALED in out) == (named, named)
    assert not named or out.index(SUMS_DOWN) < out.index("not yet  shape") < out.index(UNSCALED)


def test_of_two_pairs_that_fit_none_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = ("You did not divide at all.", OTHER)
    know(monkeypatch, down=(SUMS_DOWN, ONE), unscaled=(UNSCALED, OTHER), twin=twin)
    with pytest.raises(CheckFailed), check("softmax") as expect:
        expect("rows", 0.25, 0.5)
        expect("shape", (2, 1), (1, 2))
    out = capsys.readouterr().out
    assert SUMS_DOWN not in out and UNSCALED not in out


def test_two_that_both_show_in_values_are_no_pair(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = {"rows": 0.25, "later": 1.0}, {"rows": 0.5, "later": 2.0}
    for later, named in ((2.0, False), (np.nan, True)):
        know(monkeypatch, down=(SUMS_DOWN, one), unscaled=(UNSCALED, {**other, "later": later}))
        with pytest.raises(CheckFailed), check("softmax") as expect:
            expect("rows", 0.25, 0.5)
            expect("later", later, 1.0)
        assert (UNSCALED in capsys.readouterr().out) is named


def calling(source: str, **given: Any) -> dict[str, Any]:
    """A notebook's names after a cell that defines `first` and `second`."""
    names: dict[str, Any] = {"__name__": "__main__", "check": check, "np": np, **given}
    exec(source, names)
    return names


SECOND_CHECK = "with check('second') as expect:\n    expect('three', second(1), 3)"


@pytest.mark.parametrize(
    ("second", "sent"),
    [
        ("def second(x): return first(x)", True),
        ("def second(x): return helper(x)\ndef helper(x): return [first(y) for y in [x]][0]", True),
        ("class second:\n    def __new__(cls, x): return first(x)", True),
        ("def second(x): return np.abs(x)", False),
        ("second = np.abs", False),
        ("def second(x):\n    first = np.abs\n    return first(x)", False),
    ],
)
def test_what_calls_a_wrong_exercise_is_sent_there_first(
    capsys: pytest.CaptureFixture[str], second: str, sent: bool
) -> None:
    names = calling(f"def first(x): return x\n{second}", check=Checker("98_none"))
    for cell in ("with check('first') as expect:\n    expect('two', first(1), 2)", SECOND_CHECK):
        with pytest.raises(CheckFailed):
            exec(cell, names)
    said = "`second` calls `first`, and the check of `first` was not right when it last ran."
    assert (said in capsys.readouterr().out) is sent


def test_once_the_called_exercise_is_right_it_is_not_blamed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = calling("def first(x): return x\ndef second(x): return first(x)")
    names["check"] = Checker("98_none")
    for wanted in (2, 1):
        with contextlib.suppress(CheckFailed):
            exec(f"with check('first') as expect: expect('it', first(1), {wanted})", names)
    capsys.readouterr()
    with pytest.raises(CheckFailed):
        exec(SECOND_CHECK, names)
    assert "Likely cause" not in capsys.readouterr().out


def test_the_section_to_read_again_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    checker = Checker("98_none", {"softmax": {"section": "1 · Weights"}})
    with pytest.raises(CheckFailed), checker("softmax") as expect:
        expect("rows", 0.25, 0.5)
        expect("later", 0.25, 0.5)
        raise ValueError("no")
    assert capsys.readouterr().out.count("Read again: 1 · Weights") == 1


def test_html_escapes_what_it_shows() -> None:
    shown = html("softmax", [Line("a < b", False, came="<script>")])
    assert "<script>" not in shown and "a &lt; b" in shown


def test_html_marks_with_sign_and_word_and_folds_the_facts() -> None:
    shown = html("softmax", [Line("one", True), Line("two", False, came="3")])
    assert "✓ right" in shown and "✗ not yet" in shown
    assert shown.count("<details") == 1


def test_what_torch_has_no_way_to_do_is_no_unwritten_exercise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CheckFailed), check("weights"):
        torch.zeros(2, device="meta").tolist()
    assert "NotImplementedError" in capsys.readouterr().out


def test_a_line_that_names_torch_itself_can_fail(capsys: pytest.CaptureFixture[str]) -> None:
    out = stopped_by("return torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 3, 4))", capsys)
    assert "RuntimeError: Expected size for first two dimensions" in out


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, "word", 0.5, float("inf"), 1j, [1, (2.0, "a")], {"k": [1], 2: None},
        np.array([[1.5, -np.inf], [np.nan, 0.0]]), np.array([True, False]), np.float32(0.5),
        np.zeros((0, 3)), np.arange(3), np.array(["a", "bc"]), np.array([1 + 2j]),
        np.dtype("float32"),
    ],
)  # fmt: skip
def test_values_survive_being_written_down(value: Any) -> None:
    back = decode(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_tensors_survive_being_written_down(dtype: torch.dtype) -> None:
    tensor = torch.tensor([[1.0, 0.0]]).to(dtype)
    back = decode(json.loads(json.dumps(encode(tensor))))
    assert back.dtype == dtype and torch.equal(back, tensor)


def test_seven_digits_are_written_down() -> None:
    assert encode(1 / 3) == 0.3333333


def test_a_function_cannot_be_written_down() -> None:
    with pytest.raises(TypeError, match="a function cannot be written down"):
        encode(lambda: None)


def test_a_recorder_keeps_what_came_and_where_it_stopped() -> None:
    recorder = Recorder()
    with recorder("softmax") as expect:
        expect("first", 1.5, 2.0)
        expect("second", [][0], 1.0)
    assert recorder.answers == {"softmax": {"first": 1.5}}
    assert recorder.stopped == {"softmax": "IndexError: list index out of range"}


def test_a_recorder_notes_an_array_as_it_was() -> None:
    recorder, array = Recorder(), np.ones(2)
    with recorder("softmax") as expect:
        expect("before", array, array)
        array[:] = 0
    assert decode(recorder.answers["softmax"]["before"]).tolist() == [1.0, 1.0]


def test_a_recorder_refuses_two_expectations_of_one_sentence() -> None:
    recorder = Recorder()
    with recorder("softmax") as expect:
        expect("same", 1, 1)
        expect("same", 2, 2)
    assert recorder.stopped["softmax"] == "ValueError: two expectations of softmax say 'same'"


def test_the_zip_finds_its_check_data_and_needs_no_torch(tmp_path: Path) -> None:
    data = {"answers": {"rows": encode(np.array([0.25]))}, "sentence": SUMS_DOWN}
    with zipfile.ZipFile(tmp_path / "attend.zip", "w") as archive:
        for source in (ROOT / "grader" / "attend").glob("*.py"):
            archive.write(source, f"attend/{source.name}")
        exercises = {"softmax": {"examples": ["rows"], "misconceptions": {"down": data}}}
        archive.writestr("attend/checks/02_softmax.json", json.dumps({"exercises": exercises}))
    code = (
        "import sys; sys.path.insert(0, 'attend.zip')\n"
        "import numpy as np\n"
        "from attend import Checker\n"
        "try:\n"
        "    with Checker('02_softmax')('softmax') as expect:\n"
        "        expect('rows', np.array([0.25]), np.array([0.5]))\n"
        "except Exception as error: print(type(error).__name__, 'torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert f"Likely cause: {SUMS_DOWN}" in done.stdout
    assert "CheckFailed False" in done.stdout

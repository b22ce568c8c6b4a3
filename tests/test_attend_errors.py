"""What a check says of an error: of a module, of another error than is asked for, of none."""

import linecache
from typing import Any

import pytest
import torch

from grader.attend import Checker
from grader.attend.checks import CheckFailed

PARTS = "class Parts(nn.Module):\n    def __init__(self):\n"
READY = PARTS + "        super().__init__()\n"
LOADED = "Parts().load_state_dict({'a.weight': torch.ones(2, 3), 'a.bias': torch.ones(2)})"


@pytest.mark.parametrize(
    ("written", "called", "told"),
    [
        (PARTS + "        self.a = nn.Linear(2, 3)", "Parts()", "Call `super().__init__()` first"),
        (PARTS + "        self.a = nn.Parameter(torch.ones(2))", "Parts()", "Call `super()"),
        (PARTS + "        self.a = 2", "list(Parts().parameters())", "Call `super()"),
        (
            READY + "        self.a = nn.Linear(2, 3)",
            LOADED,
            "`a.weight` is (3, 2) in your module, and (2, 3) is asked for. The two sizes have",
        ),
        (
            READY + "        self.b = nn.Linear(3, 2)",
            LOADED,
            "your module lacks `a.weight`, `a.bias`. It has `b.weight`, `b.bias` instead.",
        ),
        (READY + "        self.a = [nn.Linear(3, 2)]", LOADED, "What stands in a plain list"),
        (
            READY + "        self.a, self.b = nn.Linear(3, 2), nn.Linear(1, 1)",
            LOADED,
            "Your module has `b.weight`, `b.bias` besides what the docstring asks for.",
        ),
        (
            READY + "        self.a = nn.Linear(3, 2)",
            "Parts().c",
            "`c` is not there: is it misspelt",
        ),
        (
            READY + "        self.a = nn.Linear(6, 6)",
            "Parts().a(torch.ones(2, 3, 2))",
            "A linear layer reads 6 features here, and the last axis of what comes holds 2.",
        ),
        (
            READY + "        self.a = nn.Embedding(3, 2)",
            "Parts().a(torch.tensor([1, 3]))",
            "not below the number of the table's rows",
        ),
        (READY, "~torch.ones(2)", "A mask holds True and False, and this one holds other numbers."),
        (
            READY + "        self.a = nn.Linear(2, 2)",
            "Parts().a.weight[:1].mul_(2)",
            "This line changes a parameter in place, and gradients are recorded.",
        ),
        (
            READY + "        self.a = nn.Linear(2, 2)\n        self.a.weight = torch.ones(2)",
            "Parts()",
            "A parameter does not take a plain tensor.",
        ),
        (READY, "torch.ones(4).reshape(2, 4 / 2)", "divide with `//`"),
        (
            "def read(a):\n    rows, columns = a.shape\n    return rows",
            "read(torch.ones(3))",
            "This line takes a shape of 2 sizes apart, and here are fewer. Count from the end",
        ),
        (
            "def read(a):\n    rows, columns = a.shape\n    return rows",
            "read(torch.ones(2, 3, 4))",
            "of 2 sizes apart, and with a batch there are more. Count from the end",
        ),
        ("def first(a):\n    [one] = a\n    return one", "first([])", "none: what came is empty."),
        ("def both(a):\n    b, c = a\n    return b", "both([1])", "`return first, second`."),
        (READY, "torch.ones(3).shape[1]", "so count from the end, `a.shape[-1]`."),
        (
            "def read(cell, tokens, state): return cell(tokens, state)",
            "read(nn.GRU(2, 3), torch.ones(4, 5).long(), torch.ones(1, 4, 3))",
            "Token numbers become vectors in the embedding.",
        ),
        (
            "def read(cell, vectors, state): return cell(vectors, state)",
            "read(nn.GRU(2, 3), torch.ones(4, 5, 2), torch.ones(4, 3))",
            "The RNN's state has an axis more than this",
        ),
        (
            "def turned(mask=None):\n    return ~mask",
            "turned()",
            "`mask` may be None, and is so on this line. Ask first: `if mask is not None:`.",
        ),
        (
            "def biased(layer):\n    return layer.bias[0]",
            "biased(nn.Linear(2, 2, bias=False))",
            "`layer.bias` may be None, and is so on this line.",
        ),
    ],
)
def test_an_error_of_a_module_is_told_in_plain_words(
    written: str, called: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {"torch": torch, "nn": torch.nn, "check": Checker("98_modules")}
    name = f"<cell of {abs(hash((written, called)))}>"
    linecache.cache[name] = (len(written), None, written.splitlines(keepends=True), name)
    exec(compile(written, name, "exec"), names)
    with pytest.raises(CheckFailed):
        exec(f"with check('turned') as expect:\n    expect('it', {called}, 1)", names)
    assert told in capsys.readouterr().out


WAITS = (
    "with check('first') as expect:\n    try:\n        came = first(1)\n"
    "    except ValueError:\n        came = 'ValueError'\n    expect('refused', came, 'ValueError')"
)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("assert x > 1", "asks for a `ValueError` here, and your code raises `AssertionError`."),
        ("return [0][x]", "asks for a `ValueError` here, and your code raises `IndexError`."),
        ("return None", "asks for a `ValueError` here, and your code raises none."),
        ("return ValueError('no')", "You return the error as a value"),
        ("raise ValueErorr", "`ValueErorr` has no value: a misspelt name"),
    ],
)
def test_another_error_than_the_one_that_is_asked_for_is_told(
    body: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {"check": Checker("98_waits")}
    exec(f"def first(x): {body}", names)
    linecache.cache["<waits>"] = (len(WAITS), None, WAITS.splitlines(keepends=True), "<waits>")
    with pytest.raises(CheckFailed):
        exec(compile(WAITS, "<waits>", "exec"), names)
    assert told in capsys.readouterr().out


def test_an_error_that_is_returned_and_read_by_the_check_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reads = WAITS.replace("first(1)", "first(1)[0]")
    names: dict[str, Any] = {"check": Checker("98_waits")}
    exec("def first(x): return ValueError(x)", names)
    linecache.cache["<reads>"] = (len(reads), None, reads.splitlines(keepends=True), "<reads>")
    with pytest.raises(CheckFailed):
        exec(compile(reads, "<reads>", "exec"), names)
    assert "You return the error as a value" in capsys.readouterr().out


def test_a_cell_that_was_stopped_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), Checker("98_stopped")("softmax") as expect:
        expect("rows", 1, 1)
        raise KeyboardInterrupt
    out = capsys.readouterr().out
    assert "✓ right    rows" in out and "You stopped the cell here." in out

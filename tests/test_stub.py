"""Cutting the learner's stub from the solution kernel's own source."""

from __future__ import annotations

import pytest

from grader.errors import GraderError
from grader.stub import cut_stub, free_names, solution_source


def stub(kernels: str, exercise: str) -> str:
    return cut_stub(solution_source(kernels, exercise), exercise)


def test_signature_and_docstring_stay_and_the_body_goes() -> None:
    kernels = '''
import numpy as np

def mean(
    x: np.ndarray, *, axis: int = -1
) -> np.ndarray:
    """Average.

    Args:
        x: (..., n)
    """
    total = x.sum(axis)
    return total / x.shape[axis]
'''
    expected = '''\
def mean(
    x: np.ndarray, *, axis: int = -1
) -> np.ndarray:
    """Average.

    Args:
        x: (..., n)
    """
    raise NotImplementedError("mean is not written yet")'''
    assert stub(kernels, "mean") == expected


def test_a_function_without_docstring_keeps_its_signature() -> None:
    assert stub("def f(x):\n    return x\n", "f") == (
        'def f(x):\n    raise NotImplementedError("f is not written yet")'
    )


@pytest.mark.parametrize(
    ("kernel", "left"),
    [
        ("def f(x): return x * 2", "def f(x):"),
        ("def f(x): y = x; return y", "def f(x):"),
        ('def f(x): "Doc."; return x', 'def f(x):\n    "Doc."'),
        ("def f(\n    x,\n): return x * 2", "def f(\n    x,\n):"),
        ("def f(x='ü'): return x * 2", "def f(x='ü'):"),
        ("def f(x):\n    # doubled\n\n    # at last\n    return x * 2", "def f(x):"),
        ("def f(x):\n    @cache\n    def g():\n        return x\n    return g()", "def f(x):"),
    ],
)
def test_the_body_goes_wherever_it_begins(kernel: str, left: str) -> None:
    cut = stub(f"{kernel}\n", "f")
    assert cut == f'{left}\n    raise NotImplementedError("f is not written yet")'
    compile(cut, "<stub>", "exec")


def test_a_method_on_one_line_keeps_its_signature() -> None:
    cut = stub("class F:\n    def a(self): return 1\n    def _b(self): return 2\n", "F")
    assert cut.splitlines() == [
        "class F:",
        "    def a(self):",
        '        raise NotImplementedError("F is not written yet")',
    ]


def test_the_stub_raises_the_error_that_names_the_exercise() -> None:
    names: dict = {}
    exec(stub("def f(x):\n    return x\n", "f"), names)
    with pytest.raises(NotImplementedError, match="f is not written yet"):
        names["f"](1)


def test_helpers_travel_with_the_solution_in_the_files_order() -> None:
    kernels = (
        "_a = 1\ndef _b():\n    return _a\ndef _c():\n    return 2\ndef f():\n    return _b()\n"
    )
    assert solution_source(kernels, "f") == (
        "_a = 1\n\n\ndef _b():\n    return _a\n\n\ndef f():\n    return _b()"
    )


def test_helpers_go_from_the_stub() -> None:
    kernels = "def _b():\n    return 'secret'\n\ndef f():\n    return _b()\n"
    assert "secret" not in stub(kernels, "f") and "_b" not in stub(kernels, "f")


def test_other_exercises_stay_behind() -> None:
    kernels = "def g():\n    return 1\n\ndef f():\n    return g()\n"
    assert solution_source(kernels, "f") == "def f():\n    return g()"


def test_decorators_stay() -> None:
    kernels = "@torch.no_grad()\n@other\ndef f(x):\n    return x\n"
    assert stub(kernels, "f").startswith("@torch.no_grad()\n@other\ndef f(x):\n    raise")


REGION = '''
def f(x):
    """Doc."""
    rows = len(x)
    ### BEGIN SOLUTION
    secret = rows
    return secret
    ### END SOLUTION
'''


def test_what_stands_outside_a_region_stays() -> None:
    assert stub(REGION, "f") == (
        'def f(x):\n    """Doc."""\n    rows = len(x)\n'
        '    raise NotImplementedError("f is not written yet")'
    )


def test_a_trailing_end_mark_travels_with_the_solution() -> None:
    assert solution_source(REGION, "f").endswith("### END SOLUTION")


def test_a_region_in_the_middle_keeps_what_follows() -> None:
    kernels = "def f(x):\n    ### BEGIN SOLUTION\n    y = 1\n    ### END SOLUTION\n    return y\n"
    assert stub(kernels, "f").endswith('written yet")\n    return y')


def test_a_marked_helper_below_is_not_let_through() -> None:
    kernels = """
def f(x):
    ### BEGIN SOLUTION
    y = _h(x)
    ### END SOLUTION
    return y

def _h(x):
    secret = 1
    ### BEGIN SOLUTION
    return secret
    ### END SOLUTION
"""
    assert "secret" not in stub(kernels, "f") and "_h" not in stub(kernels, "f")


def test_a_region_without_end_is_refused() -> None:
    with pytest.raises(GraderError, match="has no"):
        stub("def f(x):\n    ### BEGIN SOLUTION\n    return x\n", "f")


CLASS = '''
class Scale(nn.Module):
    """A learned scale."""

    start = 1.0

    def __init__(self, start: float) -> None:
        """Store it."""
        super().__init__()
        self.scale = secret(start)

    @torch.no_grad()
    def forward(self, x):
        """Scale x."""
        return self._go(x)

    def _go(self, x):
        return secret(x)

    def __len__(self) -> int:
        """Count."""
        return secret(2)
'''


def test_a_class_keeps_its_public_face() -> None:
    assert (
        stub(CLASS, "Scale")
        == '''\
class Scale(nn.Module):
    """A learned scale."""

    start = 1.0

    def __init__(self, start: float) -> None:
        """Store it."""
        raise NotImplementedError("Scale is not written yet")

    @torch.no_grad()
    def forward(self, x):
        """Scale x."""
        raise NotImplementedError("Scale is not written yet")

    def __len__(self) -> int:
        """Count."""
        raise NotImplementedError("Scale is not written yet")'''
    )


def test_a_private_method_goes_with_its_decorator() -> None:
    kernels = (
        "class A:\n    def f(self):\n        return 1\n\n"
        "    @staticmethod\n    def _g():\n        return 2\n"
    )
    assert stub(kernels, "A") == (
        'class A:\n    def f(self):\n        raise NotImplementedError("A is not written yet")'
    )


def test_an_exercise_that_is_not_there_is_named() -> None:
    with pytest.raises(GraderError, match="No function or class f"):
        solution_source("def g():\n    pass\n", "f")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def f(x: np.ndarray) -> torch.Tensor: ...", {"np", "torch"}),
        ("def f(x):\n    return helper(x) + len(x)", {"helper"}),
        ("def f(x=default): ...", {"default"}),
        ("class A(nn.Module):\n    def f(self):\n        return A.g + F", {"nn", "F"}),
        ("import numpy as np\nnp.zeros(2)", set()),
        ("x = [y for y in rows if y > limit]", {"rows", "limit"}),
        (
            "def outer():\n    z = 1\n    def inner():\n        return z + w\n    return inner",
            {"w"},
        ),
        ("def f():\n    return f", set()),
        ("with check('a') as expect:\n    expect(1)", {"check"}),
    ],
)
def test_free_names_are_those_that_other_cells_must_bring(code: str, names: set[str]) -> None:
    assert free_names(code) == names

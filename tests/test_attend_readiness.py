"""Lesson 00's self-test: what it says of right, wrong and missing answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.attend import show_readiness


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (1, 12, "1  ✓ right"),
        (3, np.array([20, 50]), "3  ✓ right"),
        (4, [[19, 22], [43, 50]], "4  ✓ right"),
        (4, [[19, 22], [43]], "4  ✗ not yet: read https://d2l.ai/"),
        (5, "six", "5  ✗ not yet"),
        (3, [20, None], "3  no answer yet"),
    ],
)
def test_each_answer_is_judged_alone(
    question: int, answer: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_readiness({question: answer})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and lines[question - 1].startswith(said)
    assert all("no answer yet" in line for line in lines if not line.startswith(str(question)))

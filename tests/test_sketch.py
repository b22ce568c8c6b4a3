"""The small map of where a result differs: what is drawn, and what is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from grader.sketch import places_that_differ

WANTED = np.arange(12.0).reshape(3, 4)
WRONG = WANTED + np.array([[0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
DRAWN = ["□ ■ □ □", "□ ■ □ □", "□ □ □ □"]


def test_a_column_that_is_wrong_shows_as_one() -> None:
    head, *rows = places_that_differ(WRONG, WANTED, ("query", "key"))
    assert head == "Yours differs at ■ (rows: query, columns: key):"
    assert rows == DRAWN


def test_no_value_is_shown() -> None:
    told = "".join(places_that_differ(WRONG, WANTED, ("query", "key")))
    assert not any(letter.isdigit() for letter in told)


def test_of_more_axes_the_last_two_are_drawn_where_the_first_differs() -> None:
    wanted = torch.from_numpy(np.stack([WANTED, WANTED]))
    got = torch.from_numpy(np.stack([WANTED, WRONG]))
    head, *rows = places_that_differ(got, wanted, ("head", "query", "key"))
    assert head == "Yours differs at ■, at head 1 (rows: query, columns: key):" and rows == DRAWN


@pytest.mark.parametrize(
    ("got", "wanted"),
    [((WANTED, WRONG), (WANTED, WANTED)), ({"a": [WANTED, WRONG]}, {"a": [WANTED, WANTED]})],
)
def test_of_several_values_the_first_that_differs_is_drawn(got: Any, wanted: Any) -> None:
    assert places_that_differ(got, wanted)[1:] == DRAWN


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (WANTED, WANTED),
        (WANTED + 1, WANTED),  # everywhere
        (WANTED + np.eye(3, 4) * [1, 0, 0, 0], WANTED),  # in one place
        (np.ones((9, 9)), np.eye(9)),
        (np.zeros((3, 4)) > 0, np.eye(3, 4) > 0),
        (np.zeros((3, 4), int), np.eye(3, 4).astype(int)),
        (np.zeros(4), np.arange(4.0)),
        (np.zeros((4, 3)), np.eye(3, 4)),
        (None, WANTED),
        ("text", WANTED),
        ([], [WANTED]),
        ({}, {"a": WANTED}),
        (np.zeros((0, 4)), np.zeros((0, 4))),
        (np.array([["a", "b"]]), np.zeros((1, 2))),
    ],
    ids=lambda value: str(np.shape(value) if isinstance(value, np.ndarray) else value)[:20],
)
def test_nothing_is_drawn_where_it_would_say_nothing_or_too_much(got: Any, wanted: Any) -> None:
    assert places_that_differ(got, wanted) == []

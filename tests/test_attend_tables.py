"""Expected beside yours: what is drawn, how differences show, and what is left to words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from grader.attend.lines import compared, html, text
from grader.attend.tables import side_by_side

WANTED = np.array([[0.5, 0.25], [0.0, 1.0]])
CAME = np.array([[0.5, 0.75], [0.0, -1.0]])


def tables(expected: Any, got: Any) -> list[Any]:
    return list(BeautifulSoup(side_by_side(expected, got), "html.parser").find_all("table"))


def test_both_values_are_written_out_under_their_names() -> None:
    left, right = tables(WANTED, CAME)
    assert (left.caption.text, right.caption.text) == ("Expected", "Yours")
    assert [cell.text for cell in left.tbody.find_all("td")] == ["0.5", "0.25", "0", "1"]
    assert [cell.text for cell in right.tbody.find_all("td")] == ["0.5", "≠ 0.75", "0", "≠ −1"]


def test_rows_and_columns_have_headings_that_can_be_read_aloud() -> None:
    for table in tables(WANTED, CAME):
        assert [cell["scope"] for cell in table.find_all("th")] == ["col", "col", "row", "row"]


def test_a_difference_has_a_sign_and_a_frame_beside_its_colour() -> None:
    wrong = [cell for cell in tables(WANTED, CAME)[1].find_all("td") if "≠" in cell.text]
    assert all("outline: 3px solid" in cell["style"] for cell in wrong)


@pytest.mark.parametrize("shade", np.linspace(0, 1, 11))
def test_letters_stand_out_from_every_colour(shade: float) -> None:
    values = np.array([0.0, shade, 1.0])
    for cell in tables(values, values + 1)[0].tbody.find_all("td"):
        style = dict(part.split(": ") for part in cell["style"].split("; "))
        face = np.array([int(style["background"][at : at + 2], 16) for at in (1, 3, 5)]) / 255
        linear = np.where(face <= 0.04045, face / 12.92, ((face + 0.055) / 1.055) ** 2.4)
        light = float(linear @ [0.2126, 0.7152, 0.0722])
        bright, dark = (1.05, light + 0.05) if style["color"] == "white" else (light + 0.05, 0.05)
        assert bright / dark >= 4.5  # WCAG 2, level AA


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 3.0]])),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array([True, False]), np.array([True, True])),
        ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 5.0]]),
        (np.array([1.0, 0.0]), np.array([1.0, np.nan])),
        (np.array([1.0, -np.inf]), np.array([1.0, 0.0])),
    ],
)
def test_every_small_map_is_drawn(expected: Any, got: Any) -> None:
    left, right = tables(expected, got)
    assert "≠" in right.text and "≠" not in left.text


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (np.zeros((9, 2)), np.ones((9, 2))),
        (np.zeros((2, 2, 2)), np.ones((2, 2, 2))),
        (np.zeros((2, 3)), np.ones((3, 2))),
        (np.zeros((0, 3)), np.ones((0, 3))),
        (np.zeros((2, 2)), np.zeros((2, 2)) > 0),
        (np.zeros(2), np.zeros(2, int)),
        (np.zeros(2) + 1j, np.ones(2) + 1j),
        (np.array([1.0, 2.0]), np.array([1.0, 2.00001])),
        ([[1.0], [2.0, 3.0]], [[1.0], [2.0, 4.0]]),
        ([[1.0, "a"]], [[1.0, "b"]]),
        ((2, 3), (3, 2)),
        (1.0, 2.0),
        ("a", None),
    ],
    ids=lambda value: str(np.shape(value)) if isinstance(value, np.ndarray) else str(value)[:20],
)
def test_everything_else_is_left_to_words(expected: Any, got: Any) -> None:
    assert side_by_side(expected, got) == ""


def test_in_a_check_the_tables_stand_in_the_place_of_the_values() -> None:
    line = compared("rows", CAME, WANTED, "they differ", "softmax")
    shown = BeautifulSoup(html("softmax", [line]), "html.parser").text
    assert "Yours" in shown and "What came" not in shown and "Difference" in shown
    plain = text("softmax", [line])
    assert "What came: [[ 0.5 ,  0.75]" in plain and "≠" not in plain


def test_the_tolerance_of_the_check_holds_in_its_tables() -> None:
    near = WANTED + np.array([[0.01, 0], [0, 1]])
    drawn = side_by_side(WANTED, near, (0.0, 0.1))
    assert drawn.count("≠") == 1

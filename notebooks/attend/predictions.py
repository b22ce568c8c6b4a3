"""A committed guess beside the truth, with the places where they differ marked."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .comparison import numbers
from .output import emit, escape
from .pictures import (
    LETTERS,
    NUMBERED,
    Array,
    Labels,
    as_array,
    as_map,
    cell_text,
    colour_limits,
    draw_map,
    hatch_cell,
    label_cells,
    map_size,
    show,
    write_cell,
)

__all__ = ["show_prediction"]

FIRST = "Write your prediction first, then run this cell again: the truth appears beside it."


def show_prediction(
    prediction: Any,
    truth: Any,
    rows: Labels | None = None,
    columns: Labels | None = None,
    alt: str = "",
    tolerance: float | None = None,
) -> None:
    """Show a guess, the truth, and where they differ; without a guess, no truth.

    Args:
        prediction: the guess: a map, a curve, a few numbers, one number, a shape or a word; None
            (or a list with None in it) while it is not written.
        truth: the same kind of thing.
        rows: the label of each row of a map.
        columns: the label of each column, or of each number.
        tolerance: how far off still counts as right; by default 2 % of the largest true
            value, and nothing for whole numbers. The page says which.
    """
    if _unwritten(prediction):
        emit(f"<p>{FIRST}</p>", FIRST)
        return
    guess, fact = _drawable(prediction), _drawable(truth)
    if guess is None or fact is None or guess.shape != fact.shape:
        _show_table(prediction, truth)
        _note(_wanted_form(prediction, truth))
        return
    allowed = _allowed(fact, tolerance)
    near = _near(guess, fact, allowed)
    if fact.ndim == 1 and fact.size > NUMBERED:
        _show_curves(guess, fact, near, alt)
    else:
        _show_panels(guess, fact, near, rows, columns, alt)
    within = f"A guess within {allowed:.3g} of the truth" if allowed else "Only an exact guess"
    _note(f"{within} counts as right. {_wanted_scale(guess, fact)}")


def _note(words: str) -> None:
    if words.strip():
        emit(f"<p>{escape(words.strip())}</p>", words.strip())


def _wanted_form(prediction: Any, truth: Any) -> str:
    """What form a guess of another length or shape should have."""
    guess, fact = _sizes(prediction), _sizes(truth)
    if guess == fact or () in (guess, fact):
        return ""
    if len(fact) == 1:
        came = f"has {guess[0]}" if len(guess) == 1 else f"has the shape {guess}"
        values = "1 value" if fact[0] == 1 else f"{fact[0]} values, one after another"
        return f"Write {values}: your guess {came}."
    return f"Write a guess of shape {fact}: yours has {guess}."


def _sizes(value: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        return ()
    try:
        return np.shape(value)
    except ValueError:  # rows of different lengths
        return (len(value),)


def _wanted_scale(guess: Array, fact: Array) -> str:
    """A word on percentages, where the guess is about 100 times too small or too large."""
    mine, true = (np.abs(one[np.isfinite(one)].astype(float)) for one in (guess, fact))
    if not mine.size or not true.size or not mine.sum() or not true.sum():
        return ""
    times = true.sum() / mine.sum()
    if 30 < times < 300 and mine.max() <= 1 < true.max() <= 100:
        return "The truth is in percent: write numbers from 0 to 100, 50 and not 0.5."
    if 30 < 1 / times < 300 and true.max() <= 1 < mine.max() <= 100:
        return "The truth is a share: write numbers from 0 to 1, 0.5 and not 50."
    return ""


def _unwritten(value: Any) -> bool:
    if value is None or value is Ellipsis:
        return True
    if isinstance(value, list | tuple):
        return any(_unwritten(one) for one in value)
    array = numbers(value)
    return array is not None and array.size > 0 and bool(np.isnan(array).all())


def _drawable(value: Any) -> Array | None:
    """The array to draw; None for single numbers, shapes, words and what is no map."""
    if isinstance(value, tuple) and all(isinstance(one, int) for one in value):
        return None
    try:
        array = as_array(value)
    except (TypeError, ValueError, RecursionError):
        return None
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    return array if array.ndim in (1, 2) and array.size else None


def _allowed(fact: Array, tolerance: float | None) -> float:
    """How far off still counts as right."""
    if tolerance is not None:
        return float(tolerance)
    finite = np.abs(fact[np.isfinite(fact)].astype(float))
    whole = fact.dtype.kind in "biu"
    return 0.0 if whole or not finite.size else 0.02 * float(finite.max())


def _near(guess: Array, fact: Array, allowed: float) -> Array:
    close = np.isclose(guess, fact, rtol=0, atol=allowed + 1e-9, equal_nan=True)
    return np.asarray(close)


def _score(near: Array) -> str:
    return f"{int(near.sum())} of {near.size} right"


def _show_panels(
    guess: Array,
    fact: Array,
    near: Array,
    rows: Labels | None,
    columns: Labels | None,
    alt: str,
) -> None:
    maps = [as_map(guess), as_map(fact)]
    width, height = map_size(maps[1])
    stacked = guess.ndim == 1
    size = (width, 3 * height) if stacked else (3 * width, height)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(*((3, 1) if stacked else (1, 3)))
    limits = colour_limits(maps)
    for ax, cells, title in zip(axes, maps, ("Your guess", "The truth"), strict=False):
        draw_map(ax, cells, rows, columns, title=title, limits=limits)
    with np.errstate(invalid="ignore"):  # both may be -inf
        gaps = maps[1] - maps[0]
    _draw_difference(axes[2], gaps, np.atleast_2d(near))
    label_cells(axes[2], maps[1].shape, rows, columns, f"Truth − guess: {_score(near)}")
    words = f"Your guess beside the truth, and where they differ: {_score(near)}."
    show(figure, f"{alt} {words}".strip())


def _draw_difference(ax: Axes, gaps: Array, near: Array) -> None:
    """White where the guess is right; hatched elsewhere, with what must be added to the guess."""
    ax.imshow(np.ones((*gaps.shape, 3)), aspect="equal")
    ax.add_patch(Rectangle((-0.5, -0.5), *gaps.shape[::-1], fill=False, edgecolor="#555555"))
    for (row, column), right in np.ndenumerate(near):
        gap = float(gaps[row, column])
        if not right:
            hatch_cell(ax, row, column)
        if max(gaps.shape) <= NUMBERED:
            sign = "+" if gap > 0 else ""
            text = "=" if right else sign + cell_text(gap)
            write_cell(ax, row, column, text, "white" if right else None)


def _show_curves(guess: Array, fact: Array, near: Array, alt: str) -> None:
    figure = Figure(figsize=(9, 5), layout="constrained")
    ax = figure.subplots()
    places = np.arange(fact.size)
    ax.plot(places, fact, color="#0072B2", linewidth=3, label="the truth")
    ax.plot(places, guess, color="#D55E00", linewidth=3, linestyle="--", label="your guess")
    ax.fill_between(
        places, guess, fact, facecolor="none", edgecolor="#777777", hatch="//", linewidth=0,
        label="the difference",
    )  # fmt: skip
    ax.legend(fontsize=LETTERS)
    ax.tick_params(labelsize=LETTERS - 1)
    ax.set_title(f"Your guess and the truth ({_score(near)})", fontsize=LETTERS + 1)
    words = f"Your guess dashed, the truth solid, the gap between them hatched: {_score(near)}."
    show(figure, f"{alt} {words}".strip())


def _show_table(prediction: Any, truth: Any) -> None:
    mine, true = (_words(value) for value in (prediction, truth))
    right = _equal(prediction, truth)
    verdict = "✓ right" if right else "✗ they differ"
    cells = "".join(
        f'<tr><th style="text-align: left">{escape(head)}</th>'
        f'<td style="text-align: left; white-space: pre">{escape(text)}</td></tr>'
        for head, text in (("Your guess", mine), ("The truth", true), ("", verdict))
    )
    plain = f"Your guess: {mine}\nThe truth: {true}\n{verdict}"
    emit(f'<table style="font-size: 120%">{cells}</table>', plain)


def _equal(prediction: Any, truth: Any) -> bool:
    guess, fact = numbers(prediction), numbers(truth)
    if guess is not None and fact is not None and guess.shape == fact.shape:
        return bool(_near(guess, fact, _allowed(fact, None)).all())
    if isinstance(truth, tuple | list) and isinstance(prediction, tuple | list):
        return len(prediction) == len(truth) and all(map(_equal, prediction, truth))
    return guess is None and fact is None and bool(prediction == truth)


def _words(value: Any) -> str:
    array = numbers(value)
    if array is not None and array.ndim:
        if array.size > NUMBERED**2:
            return f"an array of shape {array.shape}"
        return f"shape {array.shape}\n" + np.array2string(array, precision=3, suppress_small=True)
    if array is not None and array.dtype.kind == "f":
        return f"{float(array):.4g}"
    return str(tuple(value)) if isinstance(value, tuple) else str(value)

"""What was expected beside what came, as two small tables in the colours of every map here.

HTML, and no figure: it is there at once, can be read aloud, and grows with the letters of the page.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import to_hex

from .comparison import numbers, wrong_positions
from .output import escape
from .pictures import EVEN, MASKED, NUMBERED, PALETTE, colour_limits, luminance

__all__ = ["side_by_side"]

Array = np.ndarray[Any, Any]

SHADES = 64  # that a table tells apart
HEAD = "font-weight: normal; opacity: 0.75; text-align: center; padding: 0 0.4em"
CELL = "text-align: right; padding: 0.1em 0.5em; font-family: monospace"
FRAME = "outline: 3px solid #a83f00; font-weight: bold"


def side_by_side(expected: Any, got: Any, tolerance: tuple[float, float] | None = None) -> str:
    """Two tables as HTML; empty where the values are no small maps of one shape.

    A place that differs has a sign and a frame, so that it shows without its colour.

    Args:
        expected, got: (rows, columns), at most 8 by 8, or one row; numbers or True and False.
        tolerance: (relative, absolute), as for the comparison.
    """
    wanted, came = _map(expected), _map(got)
    if wanted is None or came is None or wanted.shape != came.shape:
        return ""
    if wanted.dtype.kind != came.dtype.kind:
        return ""
    wrong = wrong_positions(came, wanted, tolerance)
    words = _words(wanted), _words(came)
    if (wrong & (words[0] == words[1])).any():
        return ""  # four digits do not tell them apart; in words there are more
    limits = colour_limits([wanted.astype(float), came.astype(float)])
    left = _table("Expected", wanted, words[0], np.zeros_like(wrong), limits)
    right = _table("Yours", came, words[1], wrong, limits)
    flow = "display: flex; flex-wrap: wrap; gap: 1.5em; padding: 0.2em 0 0.6em 1.5em"
    return f'<div style="{flow}">{left}{right}</div>'


def _map(value: Any) -> Array | None:
    """The value as (rows, columns), where it is small enough to be written out."""
    array = _rows(value) if isinstance(value, list) else numbers(value)
    if array is None or array.ndim not in (1, 2) or array.dtype.kind == "c":
        return None
    fits = 1 < array.size and max(array.shape) <= NUMBERED
    return np.atleast_2d(array) if fits else None


def _rows(value: list[Any]) -> Array | None:
    """Lists of numbers as an array, where all rows are of one length."""
    try:
        return numbers(np.array(value, dtype=float))
    except (TypeError, ValueError):
        return None


def _words(cells: Array) -> Array:
    """Each number in words: True, 3, 0.125, −inf."""
    if cells.dtype == bool:
        return cells.astype(str)
    flat = [f"{cell:.4g}".replace("-", "\N{MINUS SIGN}") for cell in cells.ravel().tolist()]
    return np.array(flat, dtype=object).reshape(cells.shape)


def _table(
    title: str, cells: Array, words: Array, wrong: Array, limits: tuple[float, float]
) -> str:
    shares = (cells.astype(float) - limits[0]) / (limits[1] - limits[0])
    known = np.isfinite(shares)
    shades = np.clip(np.where(known, shares, 0) * SHADES, 0, SHADES - 1).astype(int)
    head = "".join(f'<th scope="col" style="{HEAD}">{place}</th>' for place in range(len(cells[0])))
    rows = "".join(
        f'<tr><th scope="row" style="{HEAD}">{row}</th>'
        + "".join(
            _cell(words[row, column], wrong[row, column], shades[row, column], known[row, column])
            for column in range(cells.shape[1])
        )
        + "</tr>"
        for row in range(cells.shape[0])
    )
    return (
        '<table style="border-collapse: separate; border-spacing: 4px; margin: 0">'
        f'<caption style="caption-side: top; font-weight: bold; text-align: left">{title}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(words: str, wrong: bool, shade: int, known: bool) -> str:
    face, letters = _palette()[shade] if known else (MASKED, "black")
    frame, sign = (f"; {FRAME}", "≠ ") if wrong else ("", "")
    look = f"background: {face}; color: {letters}; {CELL}{frame}"
    return f'<td style="{look}">{sign}{escape(words)}</td>'


@lru_cache(maxsize=1)
def _palette() -> list[tuple[str, str]]:
    """Each shade, with the colour of the letters that stand out from it."""
    colours = matplotlib.colormaps[PALETTE](np.linspace(0, 1, SHADES))
    return [(to_hex(one), "black" if luminance(one) > EVEN else "white") for one in colours]

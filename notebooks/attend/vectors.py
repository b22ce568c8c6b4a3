"""Arrows in the plane, each told apart by its label, its colour and its kind of line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes

from .pictures import LETTERS, Labels, as_array
from .sentence import WORD_COLOURS

__all__ = ["draw_vectors"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
STROKES = ("-", "--", "-.", ":")


def draw_vectors(
    ax: Axes,
    vectors: Any,
    labels: Labels,
    colours: Mapping[str, str] | Sequence[str] | None = None,
) -> None:
    """Draw arrows from the origin, each with its label, its colour and its kind of line.

    Args:
        vectors: (arrows, 2).
        labels: the label of each arrow; a word of the sentence takes its own colour.
        colours: by label, or one for each arrow.
    """
    ends = as_array(vectors)
    if ends.ndim != 2 or ends.shape[1] != 2:
        raise ValueError(f"draw_vectors draws vectors of shape (arrows, 2), got {ends.shape}")
    drawn = sum(line.get_gid() == "arrow" for line in ax.lines)
    palette = WORD_COLOURS if colours is None else colours
    for place, ((x, y), label) in enumerate(zip(ends, labels, strict=True), start=drawn):
        colour = COLOURS[place % len(COLOURS)]
        if isinstance(palette, Mapping):
            colour = palette.get(str(label), colour)
        else:
            colour = palette[place - drawn]
        _draw_arrow(ax, float(x), float(y), str(label), colour, STROKES[place % len(STROKES)])
    _frame_arrows(ax)


def _draw_arrow(ax: Axes, x: float, y: float, label: str, colour: str, stroke: str) -> None:
    ax.plot([0, x], [0, y], linestyle=stroke, color=colour, linewidth=3, gid="arrow")
    turn = np.degrees(np.arctan2(y, x)) - 90
    head: Any = (3, 0, turn) if x or y else "o"
    ax.plot([x], [y], marker=head, markersize=14, color=colour)
    length = float(np.hypot(x, y)) or 1.0
    ax.annotate(
        label,
        (x, y),
        xytext=(14 * x / length, 14 * y / length) if x or y else (0, -20),
        textcoords="offset points",
        ha=("center", "left", "right")[_sign(x, length)],
        va=("center", "bottom", "top")[_sign(y, length)],
        fontsize=LETTERS,
        color="black",
        path_effects=[patheffects.withStroke(linewidth=3, foreground="white")],
    )


def _sign(part: float, length: float) -> int:
    """1, -1, or 0 where the arrow hardly leans that way: an index into the sides of a label."""
    return 0 if abs(part) < 0.15 * length else int(np.sign(part))


def _frame_arrows(ax: Axes) -> None:
    """Room for labels around every arrow so far, the same scale on both axes, a cross at zero."""
    box = ax.dataLim
    pad = 0.25 * max(box.width, box.height, 1e-9)
    ax.set_xlim(min(box.x0, 0) - pad, max(box.x1, 0) + pad)
    ax.set_ylim(min(box.y0, 0) - pad, max(box.y1, 0) + pad)
    ax.set_aspect("equal")
    if not ax.get_gid():
        ax.set_gid("arrows")
        ax.axhline(0, color="#888888", linewidth=1, zorder=0)
        ax.axvline(0, color="#888888", linewidth=1, zorder=0)
        ax.grid(color="#dddddd", linewidth=0.8)
        ax.set_axisbelow(True)
    ax.tick_params(labelsize=LETTERS - 1)

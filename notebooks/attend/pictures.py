"""Pictures of attention: maps with numbers in their cells, figures with alt text.

One palette (cividis), one way to mark what is masked (hatching), letters readable at three metres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .comparison import numbers
from .output import emit, picture_html

__all__ = ["draw_map", "show", "show_map", "show_maps"]

Array = np.ndarray[Any, Any]
Labels = Sequence[Any]
Limits = tuple[float, float]

PALETTE = "cividis"
LETTERS = 14  # points: readable from the back of a room
CELL = 0.85  # inches: five letters fit
CROWDED = 70  # letters that fit below a map of full width
NUMBERED = 8  # a map with more rows or columns than this shows colours only
MASKED = "#f2f2f2"
HATCH = "//"
EVEN = 0.179  # the luminance against which black and white stand out alike

# Pages draw their own figures too; these must be as readable as the ones drawn here.
READABLE: dict[Any, Any] = {
    "font.size": LETTERS,
    "axes.titlesize": LETTERS + 1,
    "lines.linewidth": 2.0,
    "image.cmap": PALETTE,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
matplotlib.rcParams.update(READABLE)


def show(figure: Figure, alt: str) -> None:
    """Show a figure with alt text, and close it.

    Args:
        figure: a matplotlib figure.
        alt: what the figure shows, in words, for those who cannot see it.
    """
    emit(picture_html(figure, alt), alt)


def draw_map(
    ax: Axes,
    values: Any,
    rows: Labels | None = None,
    columns: Labels | None = None,
    mask: Any = None,
    title: str = "",
    limits: Limits | None = None,
) -> None:
    """Draw one map on an axis.

    Args:
        values: (rows, columns), an array, tensor or nested list; one axis makes one row.
        rows, columns: the label of each.
        mask: (rows, columns), True where a cell may be attended to; the others are hatched.
        limits: the values at the two ends of the colours; by default the smallest and the largest.
    """
    cells = as_map(values)
    allowed = allowed_cells(mask, cells)
    scale = Normalize(*(limits or colour_limits([cells[allowed]])))
    coloured = allowed & np.isfinite(cells)
    colours = matplotlib.colormaps[PALETTE].with_extremes(bad=MASKED)
    ax.imshow(np.ma.masked_where(~coloured, cells), cmap=colours, norm=scale, aspect="equal")
    for row, column in np.argwhere(~allowed):
        hatch_cell(ax, row, column)
    if max(cells.shape) <= NUMBERED:
        for (row, column), value in np.ndenumerate(cells):
            face = colours(scale(value)) if coloured[row, column] else None
            write_cell(ax, row, column, cell_text(value), face)
    label_cells(ax, cells.shape, rows, columns, title)


def show_map(
    values: Any,
    rows: Labels | None = None,
    columns: Labels | None = None,
    mask: Any = None,
    title: str = "",
    alt: str = "",
    limits: Limits | None = None,
) -> None:
    """Show a figure with one map; the arguments are those of `draw_map`, and `alt` of `show`."""
    cells = as_map(values)
    figure = Figure(figsize=map_size(cells), layout="constrained")
    draw_map(figure.subplots(), cells, rows, columns, mask, title, limits)
    show(figure, alt or describe(title or "A map", cells, rows, columns, mask))


def show_maps(
    values: Mapping[str, Any],
    rows: Any = None,
    columns: Any = None,
    masks: Any = None,
    alt: str = "",
    limits: Limits | None = None,
) -> None:
    """Show several maps beside one another, with one colour scale.

    Args:
        values: title to map.
        rows, columns: the labels of every map, or title to labels.
        masks: one mask for every map, or title to mask.
    """
    maps = {title: as_map(one) for title, one in values.items()}
    sizes = [map_size(cells) for cells in maps.values()]
    size = (sum(width for width, _ in sizes), max(height for _, height in sizes))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, len(maps), squeeze=False)[0]
    limits = limits or colour_limits(
        [cells[allowed_cells(_of(title, masks), cells)] for title, cells in maps.items()]
    )
    words = []
    for ax, (title, cells) in zip(axes, maps.items(), strict=True):
        names = _of(title, rows), _of(title, columns)
        mask = _of(title, masks)
        draw_map(ax, cells, *names, mask, title=title, limits=limits)
        words.append(describe(title, cells, *names, mask))
    show(figure, alt or " ".join(words))


def as_array(values: Any) -> Array:
    """Numbers, nested lists, arrays and tensors as an array."""
    array = numbers(values)
    if array is None:
        if isinstance(values, str):
            raise TypeError(f"expected numbers, got the text {values!r}")
        array = np.array([as_array(one) for one in values]) if len(values) else np.zeros(0)
    return array


def as_map(values: Any) -> Array:
    """The values as (rows, columns) of floats; leading axes of size one are dropped."""
    cells = np.atleast_2d(as_array(values))
    while cells.ndim > 2 and cells.shape[0] == 1:
        cells = cells[0]
    if cells.ndim != 2:
        raise ValueError(f"a map has two axes, rows and columns; these values have {cells.shape}")
    return cells.astype(float)


def allowed_cells(mask: Any, cells: Array) -> Array:
    """The mask as (rows, columns); without one, every cell is allowed."""
    if mask is None:
        return np.ones(cells.shape, dtype=bool)
    return np.broadcast_to(as_array(mask).astype(bool), cells.shape)


def colour_limits(maps: Sequence[Array]) -> Limits:
    """The smallest and the largest finite value, a little apart where they are one."""
    values = np.concatenate([np.ravel(one) for one in maps])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    return (low, high) if high > low else (low, low + 1.0)


def map_size(cells: Array) -> tuple[float, float]:
    """Inches for one map, with room for labels and title."""
    scale = CELL * min(1.0, NUMBERED / max(cells.shape))
    return max(cells.shape[1] * scale, 2.0) + 1.4, max(cells.shape[0] * scale, CELL) + 1.3


def cell_text(value: float) -> str:
    """At most five letters and a sign that say a number: 3, 0.25, 1e+04, −inf."""
    if float(value).is_integer() and abs(value) < 1e5:
        text = f"{value:.0f}"
    elif abs(value) < 100:
        text = f"{value:.2f}"
    else:
        text = f"{value:.0f}" if abs(value) < 1e5 else f"{value:.0e}"
    return text.replace("-", "\u2212")


def write_cell(ax: Axes, row: int, column: int, text: str, face: Any = None) -> None:
    """Write into a cell, black or white, whichever stands out from its face; None is hatched."""
    box = {"facecolor": MASKED, "edgecolor": "none", "pad": 1.5} if face is None else None
    colour = "black" if face is None or luminance(face) > EVEN else "white"
    ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=LETTERS, bbox=box)


def luminance(colour: Any) -> float:
    """The relative luminance of a colour, as the contrast rules of WCAG 2 define it."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def hatch_cell(ax: Axes, row: int, column: int) -> None:
    """Hatch one cell."""
    ax.add_patch(
        Rectangle(
            (column - 0.5, row - 0.5), 1, 1, facecolor=MASKED, edgecolor="#555555", hatch=HATCH
        )
    )


def label_cells(
    ax: Axes, shape: tuple[int, ...], rows: Labels | None, columns: Labels | None, title: str
) -> None:
    """Label rows, columns and map; without labels, up to eight are numbered from 0."""
    for axis, count, labels in ((ax.yaxis, shape[0], rows), (ax.xaxis, shape[1], columns)):
        if labels is not None and len(labels) != count:
            raise ValueError(f"{len(labels)} labels for {count} rows or columns: {list(labels)}")
        names = [str(name) for name in (range(count) if labels is None else labels)]
        if labels is not None or 1 < count <= NUMBERED:
            axis.set_ticks(range(count), names, fontsize=LETTERS)
        elif count == 1:
            axis.set_ticks([])
        if axis is ax.xaxis and labels is not None and max(map(len, names)) * count > CROWDED:
            ax.tick_params(axis="x", rotation=90)
    ax.tick_params(length=0, labelsize=LETTERS)
    ax.spines[:].set_visible(False)
    if max(shape) <= NUMBERED:
        for edge in range(1, shape[0]):
            ax.axhline(edge - 0.5, color="white", linewidth=2)
        for edge in range(1, shape[1]):
            ax.axvline(edge - 0.5, color="white", linewidth=2)
    ax.set_title(title, fontsize=LETTERS + 1)


def describe(
    title: str, cells: Array, rows: Labels | None, columns: Labels | None, mask: Any = None
) -> str:
    """A map in one sentence: its size, how much is masked, its largest value and where."""
    allowed = allowed_cells(mask, cells)
    sentence = f"{title}: a {cells.shape[0]} by {cells.shape[1]} map"
    if not allowed.all():
        sentence += f", {int((~allowed).sum())} of its cells masked"
    seen = np.where(allowed & np.isfinite(cells), cells, -np.inf)
    if not np.isfinite(seen).any():
        return sentence + "."
    row, column = (int(place) for place in np.unravel_index(np.argmax(seen), cells.shape))
    at_row = f"row {rows[row] if rows is not None else row}"
    at_column = f"column {columns[column] if columns is not None else column}"
    return f"{sentence}; largest {cell_text(cells[row, column])}, at {at_row}, {at_column}."


def _of(title: str, option: Any) -> Any:
    return option.get(title) if isinstance(option, Mapping) else option

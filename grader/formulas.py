"""Formulas as pictures that need no network: LaTeX set by matplotlib's mathtext, as SVG paths.

What mathtext does not know stays as its LaTeX source, so a page never loses a formula. The paths
are the same on every machine: STIX comes with matplotlib.
"""

from __future__ import annotations

import functools
import re

from markupsafe import Markup, escape
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath

__all__ = ["displayed_formula", "inline_formula"]

EM = 10.0  # units of a picture to the height of its font
FONT = FontProperties(family="STIXGeneral", math_fontfamily="stix")
MATRIX = re.compile(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", re.DOTALL)
SPELLED = {
    r"\\[bB]igg?[lr]?(?=[()\[\]|])": "",  # brackets of a given size: mathtext has one size
    r"\^\\top\b": r"^{\\mathsf{T}}",  # its own sign stands too far away
    r"\\[lr]Vert\b": r"\\Vert",
    r"\\textstyle\b": "",
    r"\\sum": r"\\,\\sum",  # two sums in a row would touch
}
COMMANDS = {
    Outline.MOVETO: "M",
    Outline.LINETO: "L",
    Outline.CURVE3: "Q",
    Outline.CURVE4: "C",
    Outline.CLOSEPOLY: "Z",
}


def displayed_formula(latex: str) -> Markup:
    """A formula that stands alone, in pieces that may wrap where it has wide gaps.

    Args:
        latex: what stands between two `$$`; matrices in `pmatrix` may be part of it.
    """
    pieces = [piece for piece in re.split(r"\\q?quad", latex) if piece.strip()]
    spans = [Markup('<span class="piece">{}</span>').format(_piece(item)) for item in pieces]
    return Markup('<span class="formula">{}</span>').format(Markup().join(spans))


@functools.cache
def inline_formula(latex: str) -> Markup:
    """A formula inside a line, on the line's own baseline."""
    source = " ".join(latex.split())
    try:
        outline = TextPath((0, 0), f"${_spelled(source)}$", size=EM, prop=FONT)
    except ValueError:  # mathtext does not know some command
        return Markup("<code>{}</code>").format(source)
    box = outline.get_extents()
    left, width = box.x0 - 0.3, box.width + 0.6  # italic letters lean out of their own width
    sizes = {"width": width, "height": box.height, "vertical-align": box.y0}
    style = ";".join(f"{name}:{value / EM:.3f}em" for name, value in sizes.items())
    return Markup(
        f'<svg role="img" aria-label="{escape(source)}" style="{style}" '
        f'viewBox="{left:.2f} {-box.y1:.2f} {width:.2f} {box.height:.2f}">'
        f'<path d="{_drawn(outline)}"/></svg>'
    )


def _spelled(latex: str) -> str:
    """As mathtext sets it best."""
    for written, better in SPELLED.items():
        latex = re.sub(written, better, latex)
    return latex


def _piece(latex: str) -> Markup:
    parts = MATRIX.split(latex)  # text, a matrix, text, ...
    return Markup().join(
        _matrix(part) if place % 2 else inline_formula(part.replace(r"\frac", r"\dfrac"))
        for place, part in enumerate(parts)
        if part.strip()
    )


def _matrix(body: str) -> Markup:
    rows = [row.split("&") for row in body.split(r"\\") if row.strip()]
    cells = Markup().join(
        Markup("<span>{}</span>").format(inline_formula(cell)) for row in rows for cell in row
    )
    columns = f"grid-template-columns:repeat({len(rows[0])},auto)"
    return Markup('<span class="matrix" style="{}">{}</span>').format(columns, cells)


def _drawn(outline: Outline) -> str:
    """The outline as an SVG path, upside down: there y grows downwards."""
    steps = []
    for points, code in outline.iter_segments(simplify=False):
        places = [] if code == Outline.CLOSEPOLY else points.reshape(-1, 2).tolist()
        steps.append(COMMANDS[code] + " ".join(f"{x:.2f} {-y:.2f}" for x, y in places))
    return "".join(steps)

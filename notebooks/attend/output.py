"""Put HTML with a plain-text twin into the cell's output; print the twin where there is no cell."""

from __future__ import annotations

import base64
import html
import io
import sys
from typing import Any

from matplotlib.figure import Figure

__all__ = ["emit", "escape", "picture_html", "shell"]

RESOLUTION = 144  # dots per inch of the PNG: sharp on a projector
SHOWN = 96  # dots per inch at which a browser lays it out


def shell() -> Any:
    """The running IPython shell, or None in a plain script."""
    if "IPython" not in sys.modules:  # not loaded, or not there at all
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()  # type: ignore[no-untyped-call, unused-ignore]


def emit(markup: str, plain: str, **bundle: Any) -> None:
    """Display HTML, with a text for where HTML is not shown.

    Args:
        markup: the HTML.
        plain: says the same in words.
        bundle: further mimetypes, richer than HTML, that a frontend may prefer.
    """
    if shell() is None:
        letters = sys.stdout.encoding or "utf-8"  # a Windows console may have no ✓
        print(plain.encode(letters, "replace").decode(letters))
        return
    from IPython.display import display

    display({"text/html": markup, "text/plain": plain} | bundle, raw=True)  # type: ignore[no-untyped-call, unused-ignore]


def escape(text: object) -> str:
    """Text made safe to stand inside HTML, in attributes too."""
    return html.escape(str(text), quote=True)


def picture_html(figure: Figure, alt: str) -> str:
    """The figure as an <img> with its alt text; the figure is closed."""
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", dpi=RESOLUTION, bbox_inches="tight", pad_inches=0.1, facecolor="white"
    )
    close(figure)
    png = buffer.getvalue()
    width = int.from_bytes(png[16:20], "big") * SHOWN // RESOLUTION  # from the PNG's own header
    source = base64.b64encode(png).decode()
    return (
        f'<img src="data:image/png;base64,{source}" alt="{escape(alt)}" width="{width}" '
        'style="max-width: 100%; height: auto; background: white">'
    )


def close(figure: Figure) -> None:
    """Let pyplot forget the figure, where pyplot made it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)

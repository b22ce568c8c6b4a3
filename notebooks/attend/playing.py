"""Something to play with: sliders that redraw a figure, and stills where there are no sliders."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from .output import emit, escape, picture_html, shell

__all__ = ["play"]

Draw = Callable[..., tuple[Figure, str]]
Slider = tuple[float, float, float, float]
VIEW = "application/vnd.jupyter.widget-view+json"


def play(
    draw: Draw, stills: Sequence[Mapping[str, Any]], **controls: Slider | Sequence[Any]
) -> None:
    """Show sliders and choices that redraw a figure; stills where nobody can move them.

    Args:
        draw: takes one keyword argument for each control; returns a figure and its alt text.
        stills: three dicts of values, drawn where widgets are not at hand: in a page converted to
            HTML, in a run without a reader, without ipywidgets.
        controls: name=(low, high, step, start) makes a slider, name=[...] a choice.
    """
    pages = [(_caption(values), *draw(**values)) for values in stills]
    plain = "\n".join(f"{caption}: {alt}" for caption, _, alt in pages)
    markup = "".join(
        '<figure style="display: inline-block; margin: 0 1em 1em 0">'
        f"{picture_html(figure, alt)}<figcaption>{escape(caption)}</figcaption></figure>"
        for caption, figure, alt in pages
    )
    if _someone_is_there():
        emit(markup, plain, **{VIEW: _widget(draw, controls)})
    else:
        emit(markup, plain)


def _caption(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{_words(name)} = {value}" for name, value in values.items())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _someone_is_there() -> bool:
    """Whether a frontend that could ask for input ran the cell, and ipywidgets is installed.

    JupyterLab, Notebook, VS Code and Colab say so with each cell; nbclient and nbconvert do not.
    """
    kernel = getattr(shell(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False)) and (
        importlib.util.find_spec("ipywidgets") is not None
    )


def _widget(draw: Draw, controls: Mapping[str, Slider | Sequence[Any]]) -> dict[str, Any]:
    """Make the live widget and return the view that shows it."""
    import ipywidgets

    inputs = {name: _control(ipywidgets, name, choice) for name, choice in controls.items()}
    picture = ipywidgets.HTML()

    def redraw(_change: Any = None) -> None:
        picture.value = _drawn(draw, {name: _tidy(one.value) for name, one in inputs.items()})

    for one in inputs.values():
        one.observe(redraw, "value")
    redraw()
    box = ipywidgets.VBox([*inputs.values(), picture])
    return {"version_major": 2, "version_minor": 0, "model_id": box.model_id}


def _tidy(value: Any) -> Any:
    """A slider's value without the rounding error of its steps: 1.3, not 1.3000000000000003."""
    return round(value, 9) if isinstance(value, float) else value


def _drawn(draw: Draw, values: Mapping[str, Any]) -> str:
    """The picture, or the error in words: an error in a callback would be lost in the log."""
    try:
        return picture_html(*draw(**values))
    except Exception as error:
        return (
            f"<p>These values cannot be drawn: {escape(type(error).__name__)}: {escape(error)}</p>"
        )


def _control(ipywidgets: Any, name: str, choice: Slider | Sequence[Any]) -> Any:
    look = {
        "description": _words(name),
        "style": {"description_width": "initial"},
        "layout": ipywidgets.Layout(width="32em"),
    }
    if isinstance(choice, list):
        return ipywidgets.Dropdown(options=choice, value=choice[0], **look)
    low, high, step, start = choice
    whole = all(isinstance(number, int) for number in choice)
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    return kind(min=low, max=high, step=step, value=start, continuous_update=False, **look)

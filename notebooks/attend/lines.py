"""The lines of a check: what each one says, and how it looks in HTML and in plain text."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

import numpy as np

from .awaited import another_error, no_error
from .causes import cause_of, shapes_met, words_of
from .comparison import FORGOTTEN, numbers
from .output import escape
from .tables import side_by_side
from .values import cause_of_value

__all__ = [
    "FURTHER_UP",
    "Line",
    "compared",
    "html",
    "once",
    "raised",
    "steps_of",
    "stub_of",
    "text",
    "unwritten",
]

FURTHER_UP = "write it in its own cell further up, run that cell, then this one."
LONGEST = 300  # characters of a value or an error's message
LARGEST = 64  # numbers of an array that are written out
# A dark field and a light one: apart in grey, and to every kind of colour blindness.
LOOKS = {
    True: ("border: 2px solid #00563f; background: #00563f; color: white", "✓ right"),
    False: ("border: 2px solid #a83f00; background: #ffe6d5; color: #7a2e00", "✗ not yet"),
}
LETTERS = dict.fromkeys(("Expected", "What came"), "; font-family: monospace")


@dataclass(frozen=True)
class Line:
    """One line of a check. A crossed one unfolds to the rest, in this order.

    `picture` is HTML, and stands in the place of `expected` and `came` where HTML is shown.
    """

    what: str
    right: bool
    expected: str = ""
    came: str = ""
    difference: str = ""
    where: str = ""
    cause: str = ""
    next: str = ""
    again: str = ""
    picture: str = ""

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """The headings and texts under the line."""
        heads = {
            "Expected": self.expected,
            "What came": self.came,
            "Difference": self.difference,
            "Where": self.where,
            "Likely cause": self.cause,
            "Next": self.next,
            "Read again": self.again,
        }
        return ((head, body) for head, body in heads.items() if body)


def compared(
    what: str,
    got: Any,
    wanted: Any,
    found: str | None,
    exercise: str,
    *,
    tolerance: tuple[float, float] | None = None,
    section: str = "",
) -> Line:
    """The line of one comparison.

    Args:
        what, got, wanted, tolerance: as the learner's check gives them.
        found: the difference, None where there is none.
        exercise: whose cell is to be changed.
        section: the heading under which the page explains it.
    """
    if found is None:
        return Line(what, True)
    if unraised := no_error(got, wanted):
        found = found.removesuffix(FORGOTTEN)
    expected, came = _told_apart(wanted, got)
    return Line(
        what,
        False,
        expected=expected,
        came=came,
        difference=f"{found[0].upper()}{found[1:]}.",
        cause=unraised or ("" if found.endswith(FORGOTTEN) else cause_of_value(got, wanted)),
        next=_next(exercise),
        again=section,
        picture=side_by_side(wanted, got, tolerance),
    )


def _next(exercise: str) -> str:
    return (
        f"Change `{exercise}` in its own cell, run that cell, then its check. "
        "The hints under the exercise open one after another."
    )


def _told_apart(wanted: Any, got: Any) -> tuple[str, str]:
    """Both values in words, with more digits where four print them alike."""
    plain = _value(wanted), _value(got)
    if plain[0] != plain[1]:
        return plain
    for digits in (4, 8, 17):
        exact = _value(wanted, digits, small=False), _value(got, digits, small=False)
        if exact[0] != exact[1]:
            return exact
    return plain


def _value(value: Any, digits: int = 4, small: bool = True) -> str:
    array = numbers(value)
    if array is None or not array.ndim:
        return _short(repr(tuple(value) if isinstance(value, tuple) else value))
    kind = "tensor" if hasattr(value, "detach") else "array"
    if array.size > LARGEST:
        return f"{kind} of shape {array.shape}"
    written = np.array2string(array, precision=digits, suppress_small=small, separator=", ")
    return f"{written}  ({kind} of shape {array.shape})"


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 3] + "..."


def unwritten(error: Exception, exercise: str) -> Line | None:
    """The line for an exercise that is still a stub; None for any other error."""
    name = stub_of(error, _own_steps(error)[-1])
    if not name:
        return None
    if name in (exercise, "<module>"):
        _, _, method = _own_steps(error)[-1].tb_frame.f_code.co_qualname.partition(".")
        what = f"`{method}`" if method and method != "__init__" else "it"
        rest = f"write {what} in the cell above, run that cell, then this one."
        return Line(f"{exercise} is not written yet: {rest}", False)
    rest = f"and {exercise} needs it here: {FURTHER_UP}"
    return Line(f"{name} is not written yet, {rest}", False)


def stub_of(error: BaseException, step: TracebackType) -> str:
    """The function or class whose stub raised an error at this step; empty for any other error."""
    line = linecache.getline(step.tb_frame.f_code.co_filename, step.tb_lineno)
    if not isinstance(error, NotImplementedError) or (line and "NotImplemented" not in line):
        return ""  # torch, too, raises this error, where it has no way to do something
    return _named(step)


def raised(
    error: BaseException, exercise: str, example: str = "", section: str = "", cell: str = ""
) -> Line:
    """The line for an error that ended the block early.

    Args:
        error: what was raised.
        exercise: whose check it is.
        example: what the check was at, where that is known.
        section: the heading under which the page explains it.
        cell: the file name of the exercise's cell, whose deepest line is told.
    """
    if isinstance(error, NameError) and error.name == exercise:
        return Line(f"{exercise} is not known yet: run the cell above first, then this one.", False)
    steps, name = _own_steps(error), type(error).__name__
    inside = [step for step in steps if step.tb_frame.f_code.co_filename == cell]
    step = (inside or steps)[-1]
    returned = bool(cell) and not inside and step is steps[0]
    return Line(
        f"Stopped at: {example} ({name})" if example else f"{name}: the check stopped here",
        False,
        came=_short(f"{name}: {words_of(error)}".removesuffix(": ")),
        where="\n".join(filter(None, (_place(step, steps), shapes_met(error, step)))),
        cause=another_error(error, steps[0]) or cause_of(error, step, returned),
        next=_next(exercise),
        again=section,
    )


def _own_steps(error: BaseException) -> list[TracebackType]:
    """The steps of the traceback that lie in the notebook: those that share the block's names."""
    steps = steps_of(error)
    return [one for one in steps if one.tb_frame.f_globals is steps[0].tb_frame.f_globals]


def steps_of(error: BaseException) -> list[TracebackType]:
    """The steps of an error's traceback, the outermost first."""
    steps: list[TracebackType] = []
    step = error.__traceback__
    while step is not None:
        steps.append(step)
        step = step.tb_next
    return steps


def _place(step: TracebackType, steps: list[TracebackType]) -> str:
    """The line of one step, and which function of the notebook it was in when the error came."""
    code, number = step.tb_frame.f_code, step.tb_lineno
    name = re.sub(r"\.<locals>\.<\w+>$", "", code.co_qualname)  # a comprehension or a lambda in it
    cell = "this cell" if step is steps[0] else f"the cell of `{name}`"
    source = linecache.getline(code.co_filename, number).strip()
    place = f"Line {number} of {cell}" + (f": `{source}`" if source else "")
    return place if step is steps[-1] else f"{place}, in `{_named(steps[-1])}`"


def _named(step: TracebackType) -> str:
    return step.tb_frame.f_code.co_qualname.split(".")[0]


def once(lines: list[Line]) -> list[Line]:
    """The lines with each cause, and what to do next, under the first crossed one only."""
    told: set[str] = set()
    shown = []
    for line in lines:
        said = {"cause": line.cause, "next": line.next, "again": line.again}
        fresh: dict[str, Any] = {name: "" if it in told else it for name, it in said.items()}
        shown.append(replace(line, **fresh))
        told |= set(said.values())
    return shown


def html(exercise: str, lines: list[Line]) -> str:
    """The lines as HTML: crossed ones fold their facts away."""
    rows = "".join(_line_html(line) for line in lines)
    return (
        f'<div role="group" aria-label="Check of {escape(exercise)}" '
        f'style="line-height: 1.6">{rows}</div>'
    )


def _line_html(line: Line) -> str:
    look, mark = LOOKS[line.right]
    head = (
        '<b style="display: inline-block; min-width: 5.5em; padding: 0 0.5em; border-radius: 3px; '
        f'{look}">{mark}</b> {_marked(line.what)}'
    )
    facts = line.picture + "".join(
        f'<div style="font-weight: bold">{title}</div>'
        f'<div style="padding: 0 0 0.4em 1.5em; white-space: pre-wrap{LETTERS.get(title, "")}">'
        f"{_marked(body)}</div>"
        for title, body in line.facts
        if not (line.picture and title in LETTERS)
    )
    if not facts:
        return f'<div style="margin: 4px 0 4px 1.1em">{head}</div>'
    return (
        f'<details style="margin: 4px 0"><summary>{head}</summary>'
        f'<div style="padding: 0.4em 0 0.4em 2.2em">{facts}</div></details>'
    )


def _marked(words: str) -> str:
    """Words as HTML, with what stands between backticks in code letters."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(words))


def text(exercise: str, lines: list[Line]) -> str:
    """The lines as plain text, with nothing folded."""
    rows = [f"Check of {exercise}"]
    for line in lines:
        rows.append(f"  {'✓ right  ' if line.right else '✗ not yet'}  {line.what}")
        for title, body in line.facts:
            rows.append(f"      {title}: " + body.replace("\n", "\n        "))
    return "\n".join(rows)

"""What a learner is told: what was expected, what came, the likely cause, what to do next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from grader.course import Exercise
from grader.sketch import places_that_differ

__all__ = ["explain", "headline"]

NEXT_STEPS = {
    "failed": "Run the check below your cell and follow its smallest example by hand.",
    "partial": "The main part works. Read the exercise's text again for the part named here.",
    "error": "Run your cell, then its check; the last line of the traceback names the problem.",
    "missing": "Write it in its own cell, under the name it has there, and hand in again.",
    "timeout": "Look for a loop that never ends, or one over all elements where a product does.",
    "memory": "Look for an array far larger than its inputs: print the shapes as they come.",
    "tampered": "Return plain numbers, arrays or tensors from your own function, nothing else.",
    "crashed": "Restart the kernel and run all cells; if it ends there too, the last call is why.",
    "forbidden": "Write the step yourself; the exercise's header names what is not allowed.",
}
WHAT_CAME = {
    "timeout": "it did not finish in time",
    "memory": "it asked for more memory than there is",
    "tampered": "what came back was no plain result",
    "crashed": "the kernel ended during the call",
    "missing": "the function is still the unwritten stub",
}
BLOCKED = {
    "out of pty devices": "Shell commands (`!...`) do not run in grading.",
    "Operation not permitted": "Grading allows no new processes and no network.",
    "Permission denied": "Grading reads no files but Python's own; keep data in the function.",
}


def headline(name: str, status: str, points: float, max_points: float) -> str:
    """One line for a check cell: the exercise, its status, its points."""
    return f"{name}: {status}, {points:g} of {max_points:g} points"


def explain(
    exercise: Exercise,
    status: str,
    *,
    outcomes: Sequence[tuple[Any, Any]] = (),
    sentence: str | None = None,
    lost: Collection[str] = (),
    cell_error: dict[str, Any] | None = None,
    forbidden: str = "",
    notes: Sequence[str] = (),
    section: str = "",
) -> str:
    """Put a verdict in words.

    Args:
        exercise: what was to be written.
        status: the verdict's status.
        outcomes: each drawn case with its judged outcome.
        sentence: the misconception's sentence, where one was recognised.
        lost: the requirements whose points are lost.
        cell_error: the error of the answer's own cell, as plain parts.
        forbidden: the call that is not allowed, where one was made.
        notes: what was found while reading the notebook.
        section: the page's heading above the exercise.
    """
    lines = [note for note in notes if note.startswith(f"{exercise.name}:")]
    if status == "passed":
        return "\n".join(lines)
    if status == "forbidden":
        lines.append(f"`{forbidden}` is called, and this exercise does not allow it.")
    elif cell_error and cell_error.get("killed"):
        lines.append(f"Running your cell: {WHAT_CAME[cell_error['type']]}.")
    elif cell_error:
        lines.append(f"Running your cell raised {_error(cell_error)}.")
        lines += _blocked(cell_error)
    elif status == "missing":
        lines.append(_unwritten(exercise, outcomes))
    elif status == "error" and not outcomes:
        lines.append(f"Your cell does not define `{exercise.name}`.")
    else:
        lines += _first_failure(outcomes)
    if sentence:
        lines.append(f"Likely cause: {sentence}")
    lines += _points_lost(exercise, lost)
    lines.append(f"Next: {NEXT_STEPS[status]}")
    if section and status in ("failed", "partial", "error", "missing", "forbidden"):
        lines.append(f'Read again: the section "{section}".')
    return "\n".join(lines)


def _points_lost(exercise: Exercise, lost: Collection[str]) -> list[str]:
    if not lost or len(exercise.points) == 1:
        return []
    gone = ", ".join(name for name in exercise.points if name in lost)
    kept = ", ".join(name for name in exercise.points if name not in lost)
    return [f"Points lost for: {gone}" + (f"; kept for: {kept}." if kept else ".")]


def _unwritten(exercise: Exercise, outcomes: Sequence[tuple[Any, Any]]) -> str:
    said = next((str(one.error["message"]) for _, one in outcomes if one.error), "")
    if said.startswith(f"{exercise.name} ") or not said.endswith("is not written yet"):
        return f"`{exercise.name}` is not written yet."
    return f"`{exercise.name}` calls another exercise: {said}."


def _first_failure(outcomes: Sequence[tuple[Any, Any]]) -> list[str]:
    for drawn, outcome in outcomes:
        if outcome.status == "passed":
            continue
        tried = drawn.case.name.replace("_", " ")
        lines = [f"Tried: {tried} ({drawn.case.requirement})."]
        if outcome.error and outcome.status == "error":
            lines.append(f"Your answer raised {_error(outcome.error)}.")
            lines += _blocked(outcome.error)
        else:
            what = outcome.problem or WHAT_CAME.get(outcome.status, outcome.status)
            lines.append(f"{what[0].upper()}{what[1:]}.")
            lines += _sketch(drawn, outcome)
        return lines
    return []


def _sketch(drawn: Any, outcome: Any) -> list[str]:
    case = drawn.case
    if outcome.status != "failed" or outcome.result.error or case.judge is not None:
        return []
    return places_that_differ(outcome.result.value, drawn.expected, case.axes, case.tolerance)


def _error(error: dict[str, Any]) -> str:
    text = f"{error.get('type')}: {error.get('message')}".strip(": \n")
    if error.get("line"):
        text += f" (line {error['line']} of your cell: `{error.get('text')}`)"
    return text


def _blocked(error: dict[str, Any]) -> list[str]:
    return [said for sign, said in BLOCKED.items() if sign in str(error.get("message"))]

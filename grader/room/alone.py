"""One person's own progress, without a hub: the learner's page, with the events inside it."""

from __future__ import annotations

import time
from pathlib import Path

from markupsafe import Markup

from grader.errors import GraderError
from grader.room.board import Board, teacher_view
from grader.room.events import read_events_file
from grader.room.feedback import TEMPLATES, render
from grader.room.plan import Plan

__all__ = ["write_page"]

ME = "me"
SVG = '<svg class="shape {0}" viewBox="0 0 20 20" role="img" aria-label="{0}">{1}</svg>'
# The same shapes as static/shapes.js draws.
DRAWN = {
    name: SVG.format(name, parts)
    for name, parts in {
        "untouched": '<circle cx="10" cy="10" r="7" class="line"/>',
        "failing": (
            '<rect x="4" y="4" width="12" height="12" transform="rotate(45 10 10)" class="line"/>'
            '<path d="M10 1.5 L1.5 10 L10 18.5 Z" class="fill"/>'
        ),
        "passed": (
            '<circle cx="10" cy="10" r="8.5" class="fill"/>'
            '<path d="M5.5 10.5 L9 14 L14.5 6.5" class="tick"/>'
        ),
        "stuck": (
            '<path d="M10 1 L19.5 18.5 L0.5 18.5 Z" class="fill"/>'
            '<path d="M10 7 L10 12.5 M10 14.8 L10 16.4" class="tick"/>'
        ),
    }.items()
}


def write_page(events: Path, plan: Plan, to: Path) -> int:
    """Write the page; return how many events it is made of.

    Raises:
        GraderError: where the events cannot be read, or the page not be written.
    """
    now = time.time()
    found = [
        one for one in read_events_file(events, ME, now) if plan.holds(one.lesson, one.exercise)
    ]
    seen = {one.lesson: one.at for one in sorted(found, key=lambda one: -one.at)}
    board = Board(plan, {ME: "You"}, found, seen)
    view = teacher_view(board, now)
    lessons = [one for one in view["lessons"] if one["name"] in seen]
    page = render(
        "alone.html",
        lessons=lessons,
        squares=view["learners"][0]["squares"],
        count=len(found),
        style=Markup((TEMPLATES / "static" / "room.css").read_text(encoding="utf-8")),
        shapes={name: Markup(drawn) for name, drawn in DRAWN.items()},
    )
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(page, encoding="utf-8")
    except OSError as error:
        raise GraderError(f"{to} cannot be written: {error.strerror}.") from None
    return len(found)

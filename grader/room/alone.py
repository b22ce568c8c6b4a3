"""One person's own progress, without a hub: the learner's page, with the events inside it."""

from __future__ import annotations

import time
from pathlib import Path

from markupsafe import Markup

from grader.errors import GraderError
from grader.room.board import Board, teacher_view
from grader.room.events import read_events_file
from grader.room.feedback import TEMPLATES
from grader.room.plan import Plan
from grader.templating import render

__all__ = ["write_page"]

ME = "me"


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
        TEMPLATES / "alone.html",
        lessons=lessons,
        squares=view["learners"][0]["squares"],
        count=len(found),
        style=Markup((TEMPLATES / "static" / "room.css").read_text(encoding="utf-8")),
    )
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(page, encoding="utf-8")
    except OSError as error:
        raise GraderError(f"{to} cannot be written: {error.strerror}.") from None
    return len(found)

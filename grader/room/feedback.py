"""What a learner is told of one submission: one page, in their own folder and on their screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.templating import render

if TYPE_CHECKING:
    from grader.grading import Verdict
    from grader.room.marking import HandedIn

__all__ = ["TEMPLATES", "feedback_page"]

TEMPLATES = Path(__file__).parent / "templates"


def feedback_page(
    handed_in: HandedIn, title: str, verdicts: Sequence[Verdict], standing: str
) -> str:
    """The page: what each exercise got and why, and which submission counts."""
    return render(
        TEMPLATES / "feedback.html",
        name=handed_in.name,
        title=title,
        number=handed_in.place,
        verdicts=verdicts,
        points=sum(one.points for one in verdicts),
        max_points=sum(one.max_points for one in verdicts),
        standing=standing,
    )

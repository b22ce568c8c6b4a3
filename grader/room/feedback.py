"""What a learner is told of one submission: one page, in their own folder and on their screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from grader.grading import Verdict
    from grader.room.marking import HandedIn

__all__ = ["feedback_page", "render"]

TEMPLATES = Path(__file__).parent / "templates"


def feedback_page(
    handed_in: HandedIn, title: str, verdicts: Sequence[Verdict], standing: str
) -> str:
    """The page: what each exercise got and why, and which submission counts."""
    return render(
        "feedback.html",
        name=handed_in.name,
        title=title,
        number=handed_in.place,
        verdicts=verdicts,
        points=sum(one.points for one in verdicts),
        max_points=sum(one.max_points for one in verdicts),
        standing=standing,
    )


def render(template: str, **values: Any) -> str:
    """One of the room's own pages; every value is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = _prose
    return environment


def _prose(text: str) -> Markup:
    """Plain text, escaped, in which `names in backquotes` are set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))

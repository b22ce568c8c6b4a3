"""Pages that nbgrader makes of submissions, feedback and formgrader alike, with nothing that runs.

nbgrader's templates put a learner's markdown and name into the page as they are. The formgrader
shows it to the instructor, logged in: a script there could do whatever the instructor can.
"""

from __future__ import annotations

import html
import re
import time
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.nbgrader_folders import adopt

__all__ = ["FeedbackExporter", "PlainNames", "plain_markdown"]

LONGEST = 20_000  # characters of one cell that are laid out; a longer one is shown as typed
PATIENCE = 10.0  # seconds of laying out one page, after which the other cells are shown as typed
SPENT = "attend_spent"
TAGS = [
    *("p", "br", "hr", "blockquote", "pre", "code", "div", "span", "details", "summary"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption"),
    *("em", "strong", "b", "i", "u", "s", "del", "sub", "sup", "kbd", "small", "mark"),
    *("a", "img"),
]
PASTED = re.compile(r"!\[([^\]\n]*)\]\(attachment:[^)\n]*\)")


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback pages, for every learner who has been graded."""

    def __init__(self, config: Any = None, **options: Any) -> None:
        """Take the folders that `grader grade` wrote, whatever they are called."""
        super().__init__(config=config, **options)  # type: ignore[no-untyped-call]
        if hasattr(self.parent, "assignments"):
            adopt(self.parent, copies=True)


class PlainNames(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Escapes what the formgrader writes into its page as it is: a learner's names."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Escape the names; the notebook stays."""
        for key in ("student", "first_name", "last_name", "notebook_path"):
            if isinstance(resources.get(key), str):
                resources[key] = html.escape(resources[key])
        return nb, resources


@pass_context
def plain_markdown(context: Any, source: str) -> str:
    """The templates' `markdown2html`: HTML that cannot run, load, or pass for part of the page."""
    resources = context.get("resources", {})
    started = time.monotonic()
    if len(source) > LONGEST or resources.get(SPENT, 0.0) > PATIENCE:
        return _as_typed(source)
    page = _laid_out(source)
    resources[SPENT] = resources.get(SPENT, 0.0) + time.monotonic() - started
    return page


def _laid_out(source: str) -> str:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    try:
        kept = PASTED.sub(r"\1 (picture not kept)", source)
        page = MarkdownWithMath(renderer=renderer).render(kept)
        return str(SANITIZER.sanitize_html_tags(page))
    except Exception:  # a text that takes the parser of markdown anywhere is shown as it is
        return _as_typed(source)


def _as_typed(source: str) -> str:
    return f"<pre>{html.escape(source)}</pre>"


def _allowed(tag: str, name: str, value: str) -> bool:
    """Links and colours of code; no picture's address, and no id that the page itself may use."""
    if tag == "a" and name == "href":
        return value.startswith(("http://", "https://", "mailto:"))
    if tag in ("span", "div", "pre") and name == "class":
        return bool(re.fullmatch(r"highlight( hl-\w+)?|[a-z][a-z0-9]{0,2}", value))
    return name in ("alt", "title") or (tag in ("td", "th") and name in ("align", "colspan"))


SANITIZER = SanitizeHTML(tags=TAGS, attributes=_allowed, styles=[])

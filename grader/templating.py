"""Jinja as all our pages use it: values are escaped, and a name that is missing is an error."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

__all__ = ["plain", "prose", "render", "templates"]

UNPRINTABLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def templates(folder: Path, **shared: Any) -> Environment:
    """The templates of a folder, with the filters `plain`, `prose`, `breakable` and `number`.

    Args:
        folder: where they lie.
        shared: names that every one of them knows, macros too.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(shared)
    environment.filters.update(plain=plain, prose=prose, breakable=_breakable, number=_number)
    return environment


def render(template: Path, **values: Any) -> str:
    """The page that a template makes of the values."""
    return _kept(template.parent).get_template(template.name).render(**values)


@cache
def _kept(folder: Path) -> Environment:
    return templates(folder)


def plain(text: str) -> str:
    """Without terminal colours and control characters, which have no place in a page."""
    return UNPRINTABLE.sub("", text)


def prose(text: str) -> Markup:
    """Plain text, escaped, in which `names in backquotes` are set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(plain(text)))))


def _breakable(name: str) -> Markup:
    """A name of code that a narrow column may break behind `_` and `(`."""
    return Markup(re.sub(r"([_(])", r"\1<wbr>", str(escape(plain(name)))))


def _number(value: float) -> str:
    return f"{round(value, 1):g}"

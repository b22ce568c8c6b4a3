"""Read a lesson's page: jupytext py:percent text into cells that each have a role."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError

__all__ = ["Cell", "Page", "read_page"]

ROLES = ("exercise", "check", "given", "hints")


@dataclass(frozen=True)
class Cell:
    """One cell of a page.

    `role` is "exercise", "check", "given" or "hints" where its metadata says so, else "markdown" or
    "code"; `name` is that metadata's value.
    """

    role: str
    name: str
    source: str
    metadata: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A page's header (title, goal, needs, ...) and its cells in order."""

    header: dict[str, Any]
    cells: tuple[Cell, ...]


def read_page(path: Path) -> Page:
    """Read lesson.py.

    Raises:
        GraderError: where it cannot be read or its header lacks `attend: {title, goal}`.
    """
    import jupytext

    try:
        notebook = jupytext.read(path)
    except Exception as error:  # jupytext passes on whatever its YAML reader raises
        said = " ".join(str(error).split())
        raise GraderError(f"{path.name} of {path.parent.name} cannot be read: {said}") from None
    header = notebook.metadata.get("attend")
    if not isinstance(header, dict) or not {"title", "goal"} <= header.keys():
        raise GraderError(f"{path.parent.name}/lesson.py: its header lacks attend: title and goal.")
    return Page(dict(header), tuple(_cell(cell) for cell in notebook.cells))


def _cell(cell: Any) -> Cell:
    metadata = dict(cell.metadata)
    for role in ROLES:
        if role in metadata:
            return Cell(role, str(metadata[role]), cell.source, metadata)
    return Cell("markdown" if cell.cell_type == "markdown" else "code", "", cell.source, metadata)

"""Read a submitted notebook, whatever state it is in, and take the learner's answers from it."""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from grader.kernel.shell import UNREADABLE, is_python
from grader.stub import free_names

__all__ = [
    "Program",
    "Step",
    "is_linked",
    "plain_python",
    "program_of",
    "read_notebook",
    "read_submission",
    "rebuild",
    "stubs_of",
]

SIZE_LIMIT = 20 << 20  # bytes; a notebook with pictures in it has one or two million
CELL_LIMIT = 200_000  # characters of one answer that are read
CODE_LIMIT = 2_000_000  # characters of all code cells together
CELLS = 2000  # cells that are read
# `%magic`, `!command`, `x = !command` and `name?`, of which Python knows nothing.
SHELL_LINE = re.compile(r"(?m)^([ \t]*(?:[A-Za-z_]\w*[ \t]*=[ \t]*)?)(?:[%!].*|\??[\w.]+\?{1,2})$")


@dataclass(frozen=True)
class Step:
    """One cell to run: a given cell, the learner's own helper, or the answer to an exercise."""

    source: str
    exercise: str | None = None
    given: bool = False


@dataclass(frozen=True)
class Program:
    """What a student kernel runs for one submission, in order, and what was found on the way."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    def answer(self, exercise: str) -> str | None:
        """The text of one answer; None where the notebook has none."""
        return next((step.source for step in self.steps if step.exercise == exercise), None)

    def uses(self, exercise: str) -> set[str]:
        """The names that one answer uses, itself or through the learner's own helpers."""
        used = set(_used(self.answer(exercise) or ""))
        helpers = [step.source for step in self.steps if not step.given and step.exercise is None]
        while reached := [text for text in helpers if _bound(text) & used]:
            helpers = [text for text in helpers if text not in reached]
            used = used.union(*map(_used, reached))
        return used


def read_notebook(path: Path) -> tuple[Any, str | None]:
    """Read a notebook; return it with None, or an empty one with a sentence on what is wrong.

    Links are not followed: a submission must not point at somebody else's file.
    """
    empty = nbformat.v4.new_notebook()
    try:
        if path.is_symlink() or not path.is_file():
            return empty, "The submission is not a plain file; hand in the notebook itself."
        if path.stat().st_size > SIZE_LIMIT:
            return empty, f"The notebook is larger than {SIZE_LIMIT >> 20} MB; clear its outputs."
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return empty, f"The notebook cannot be read ({type(error).__name__}); hand it in again."
    except (ValueError, RecursionError):
        return (
            empty,
            "The file is no whole notebook (its JSON breaks off); save and hand in again.",
        )
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        return empty, "The file holds no notebook cells; hand in the .ipynb that you worked in."
    notebook = nbformat.v4.new_notebook()
    notebook.cells = _plain_cells(cells)
    return notebook, None


def read_submission(path: Path) -> tuple[Any, str | None]:
    """Read a notebook where it was handed in: neither it nor its two folders may be a link."""
    if is_linked(path):
        problem = "The submission is a link to somewhere else; hand in the notebook itself."
        return nbformat.v4.new_notebook(), problem
    return read_notebook(path)


def is_linked(path: Path) -> bool:
    """Whether a submission, its lesson's folder or its learner's folder is a symbolic link."""
    return any(part.is_symlink() for part in (path, path.parent, path.parent.parent))


def program_of(notebook: Any, template: Any) -> Program:
    """What must run to grade: given cells as released, the answers, and helpers that they need.

    Args:
        notebook: the submission, from `read_notebook`.
        template: the released notebook of the same lesson.
    """
    answers, notes = _answers(notebook, template)
    given = [Step(cell.source, given=True) for cell in template.cells if _is_given(cell)]
    solutions = [Step(answers[name], name) for name in _exercise_names(template) if name in answers]
    brought = set().union(*(_bound(step.source) for step in (*given, *solutions)))
    helpers = _needed_helpers(_own_cells(notebook, template, answers), solutions, brought)
    return Program((*given, *helpers, *solutions), tuple(notes))


def rebuild(notebook: Any, template: Any) -> Any:
    """The released notebook with the submission's answers, edits and own cells in it.

    Locked cells, tags and grading metadata come from the release alone.
    """
    answers, _ = _answers(notebook, template)
    rebuilt = copy.deepcopy(template)
    edits = {cell.get("id"): cell for cell in notebook.cells if not _tag(cell)}
    cells = []
    for cell in rebuilt.cells:
        name = _tag(cell).get("grade_id")
        if name in answers:
            cell.source = answers[name]
        elif not _tag(cell) and cell.id in edits and edits[cell.id].cell_type == cell.cell_type:
            cell.source = edits[cell.id].source
        cells.append(cell)
    known = {cell.id for cell in rebuilt.cells}
    for cell in notebook.cells:
        if not _tag(cell) and cell.id not in known:
            own = copy.deepcopy(cell)
            own.metadata = nbformat.NotebookNode()
            known.add(own.id)
            cells.append(own)
    rebuilt.cells = cells
    return rebuilt


def plain_python(source: str) -> str:
    """A cell's text to be read as Python: where it does not parse, without its shell lines.

    For reading alone: what runs is the cell as it stands, in a shell that knows them.
    """
    return source if is_python(source) else SHELL_LINE.sub(r"\1None", source)


def _plain_cells(items: list[Any]) -> list[Any]:
    """The cells, up to what a person might write; past that, code is left out."""
    kept, written = [], 0
    for item in items[:CELLS]:
        cell = _plain_cell(item)
        if cell is not None and cell.cell_type == "code":
            written += len(cell.source)
        if cell is not None and (cell.cell_type != "code" or written <= CODE_LIMIT):
            kept.append(cell)
    return kept


def _plain_cell(item: Any) -> Any | None:
    """A cell with its type, text, id and nbgrader tag; outputs and all other metadata are left."""
    if not isinstance(item, dict) or item.get("cell_type") not in ("code", "markdown"):
        return None
    source = item.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    # Half a surrogate pair is valid JSON, and can be written nowhere.
    source = source[:CELL_LIMIT].encode(errors="replace").decode()
    if item["cell_type"] == "code":
        cell = nbformat.v4.new_code_cell(source)
    else:
        cell = nbformat.v4.new_markdown_cell(source)
    identity = item.get("id")
    if isinstance(identity, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", identity):
        cell["id"] = identity
    metadata = item.get("metadata")
    tag = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(tag, dict) and isinstance(tag.get("grade_id"), str):
        cell.metadata["nbgrader"] = {"grade_id": tag["grade_id"]}
    return cell


def stubs_of(template: Any) -> dict[str, Any]:
    """The released cell of each answer, by its exercise."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in template.cells if _is_answer(cell)}


def _answers(notebook: Any, template: Any) -> tuple[dict[str, str], list[str]]:
    """Each exercise's answer: by its tag, its cell's id, or the cell that defines its name."""
    stubs = stubs_of(template)
    released = {cell.source for cell in template.cells}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    answers: dict[str, str] = {}
    notes = []
    for name, stub in stubs.items():
        found = [cell for cell in code if _tag(cell).get("grade_id") == name or cell.id == stub.id]
        changed = [cell for cell in found if cell.source.strip() != stub.source.strip()]
        if not changed:
            others = [cell for cell in code if cell.source not in released and not _tag(cell)]
            changed = [cell for cell in others if name in _bound(cell.source)]
        chosen = changed or found
        if len(chosen) > 1:
            notes.append(f"{name}: {len(chosen)} cells answer it; the last one counts.")
        if chosen:
            answers[name] = chosen[-1].source
    return answers, notes


def _own_cells(notebook: Any, template: Any, answers: dict[str, str]) -> list[str]:
    released = {cell.source for cell in template.cells} | set(answers.values())
    return [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.source not in released
        and not _tag(cell).get("grade_id", "").startswith(("check_", "given_"))
    ]


def _needed_helpers(own: list[str], solutions: Iterable[Step], brought: set[str]) -> list[Step]:
    """The learner's own cells that bring a name which an answer uses and nothing else brings."""
    missing = set().union(*(_used(step.source) for step in solutions)) - brought
    chosen: set[int] = set()
    while True:
        wanted = [i for i, source in enumerate(own) if i not in chosen and _bound(source) & missing]
        if not wanted:
            return [Step(own[index]) for index in sorted(chosen)]
        for index in wanted:
            chosen.add(index)
            missing = (missing | _used(own[index])) - _bound(own[index]) - brought


def _exercise_names(template: Any) -> list[str]:
    return [cell.metadata.nbgrader.grade_id for cell in template.cells if _is_answer(cell)]


def _is_answer(cell: Any) -> bool:
    return bool(_tag(cell).get("solution"))


def _is_given(cell: Any) -> bool:
    return str(_tag(cell).get("grade_id", "")).startswith("given_")


def _tag(cell: Any) -> Any:
    return cell.metadata.get("nbgrader", {})


@lru_cache(4 * CELLS)
def _bound(source: str) -> frozenset[str]:
    """Names that a cell binds at its top level; none where it does not parse."""
    names: set[str] = set()
    for node in _parse(source):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        else:
            names |= {
                item.id
                for item in ast.walk(node)
                if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
            }
    return frozenset(names)


@lru_cache(4 * CELLS)
def _used(source: str) -> frozenset[str]:
    if not _parse(source):
        return frozenset()
    try:
        return frozenset(free_names(plain_python(source)))
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()


def _parse(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(plain_python(source)).body
    except UNREADABLE:
        return []

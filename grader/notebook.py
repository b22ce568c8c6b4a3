"""From a lesson's page to notebooks: the instructor's source, and the learners' release."""

from __future__ import annotations

import ast
import copy
import functools
import hashlib
import re
from typing import Any

import nbformat

from grader.course import Exercise, Lesson
from grader.errors import GraderError
from grader.page import Cell
from grader.stub import free_names, solution_source

__all__ = [
    "given_source",
    "lesson_minutes",
    "release_notebook",
    "released",
    "source_notebook",
    "write_notebook",
]

WORDS_A_MINUTE = 100
HINT_NAMES = ("a nudge", "more", "the lines, shuffled")
HIDDEN = """
### BEGIN HIDDEN TESTS
import grader.here; grader.here.run({lesson!r}, {exercise!r}, globals())
### END HIDDEN TESTS"""


def source_notebook(lesson: Lesson) -> Any:
    """The instructor's notebook: solutions in place, hidden-test regions in the check cells.

    Raises:
        GraderError: where a cell uses a name that no earlier given cell or exercise brings, or an
            exercise has no check.
    """
    notebook = nbformat.v4.new_notebook(metadata=_notebook_metadata(lesson))
    cells = []
    for cell in lesson.page.cells:
        cells += _convert(lesson, cell)
    cells[0]["source"] = f"{_title(lesson)}\n\n{cells[0]['source']}"
    notebook.cells = cells
    _set_ids(lesson, notebook)
    _check_names(lesson, notebook)
    return notebook


def release_notebook(source: Any, resources: dict[str, Any] | None = None) -> Any:
    """What learners get of a source notebook, by the steps `nbgrader generate_assignment` takes.

    Args:
        source: from `source_notebook`; not changed.
        resources: nbgrader's resources (assignment, notebook, database) where the cells are to be
            recorded in a gradebook on the way; None to record nothing.
    """
    from grader import nbgrader_plugin

    notebook = copy.deepcopy(source)
    steps = nbgrader_plugin.release_steps(record=resources is not None)
    for step in steps:
        notebook, _ = step().preprocess(notebook, resources or {})
    return notebook


@functools.cache
def released(lesson: Lesson) -> Any:
    """The released notebook of a lesson, made once; not to be changed."""
    return release_notebook(source_notebook(lesson))


def write_notebook(notebook: Any) -> bytes:
    """The notebook's text as nbconvert writes it."""
    text: str = nbformat.writes(notebook, version=4)
    return (text.rstrip("\n") + "\n").encode()


def given_source(lesson: Lesson, cell: Cell) -> str:
    """A given cell's code; where it imports kernels, their own text in the import's place."""
    tree = ast.parse(cell.source)
    taken = [
        node
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("solutions.")
    ]
    lines = cell.source.splitlines()
    for node in reversed(taken):
        module = str(node.module).split(".")
        kernels = (lesson.folder.parent / module[1] / "kernels.py").read_text(encoding="utf-8")
        code = [solution_source(kernels, alias.name) for alias in node.names]
        follows = "".join(lines[node.end_lineno : (node.end_lineno or 0) + 1])
        code += [""] if follows.strip() else []  # as between the definitions themselves
        lines[node.lineno - 1 : node.end_lineno] = "\n\n\n".join(code).splitlines()
    return "\n".join(lines)


def lesson_minutes(lesson: Lesson) -> int:
    """Exercises, reading and training together, rounded to five minutes."""
    prose = " ".join(
        cell.source for cell in lesson.page.cells if cell.role in ("markdown", "hints")
    )
    reading = len(re.findall(r"\w+", prose)) / WORDS_A_MINUTE
    training = float(lesson.page.header.get("training_minutes", 0))
    total = sum(item.minutes for item in lesson.exercises.values()) + reading + training
    return 5 * round(total / 5)


def _notebook_metadata(lesson: Lesson) -> dict[str, Any]:
    return {
        "attend": {
            "built_from": f"solutions/{lesson.folder.name}/lesson.py",
            "lesson": lesson.name,
        },
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def _title(lesson: Lesson) -> str:
    header = lesson.page.header
    number = lesson.name.split("_")[0]
    star = " ★" if header.get("core") else ""
    points = sum(item.total for item in lesson.exercises.values())
    needs = ", ".join(str(name).split("_")[0] for name in header.get("needs", ()))
    facts = [
        f"About {lesson_minutes(lesson)} minutes (a first guess)",
        f"{points:g} points",
        f"after lesson {needs}" if needs else "no lesson before it is needed",
    ]
    if star:
        facts.append("★ on the core path")
    return f"# {number} · {header['title']}{star}\n\n**{header['goal']}**\n\n{' · '.join(facts)}"


def _convert(lesson: Lesson, cell: Cell) -> list[Any]:
    if cell.role == "markdown":
        return [_markdown(cell.source)]
    if cell.role == "hints":
        return [_markdown(_folded_hints(cell.source))]
    if cell.role == "given":
        source = given_source(lesson, cell)
        return [_code(source, grade_id=f"given_{cell.name}", locked=True)]
    if cell.role == "exercise":
        exercise = lesson.exercises[cell.name]
        source = solution_source(lesson.kernels_source, cell.name)
        header = _markdown(_exercise_header(lesson, exercise))
        return [header, _code(source, grade_id=cell.name, solution=True)]
    if cell.role == "check":
        points = lesson.exercises[cell.name].total
        hidden = HIDDEN.format(lesson=lesson.name, exercise=cell.name)
        grade_id = f"check_{cell.name}"
        return [
            _code(cell.source + hidden, grade_id=grade_id, grade=True, locked=True, points=points)
        ]
    return [_code(cell.source)]


def _markdown(source: str) -> Any:
    return nbformat.v4.new_markdown_cell(source)


def _code(source: str, *, grade_id: str = "", points: float | None = None, **flags: bool) -> Any:
    cell = nbformat.v4.new_code_cell(source)
    if grade_id:
        cell.metadata["nbgrader"] = {
            "grade": flags.get("grade", False),
            "grade_id": grade_id,
            "locked": flags.get("locked", False),
            "schema_version": 3,
            "solution": flags.get("solution", False),
            "task": False,
        }
        if points is not None:
            cell.metadata["nbgrader"]["points"] = points
    return cell


def _exercise_header(lesson: Lesson, exercise: Exercise) -> str:
    number = list(lesson.exercises).index(exercise.name) + 1
    split = ", ".join(f"{name} {value:g}" for name, value in exercise.points.items())
    unit = "point" if exercise.total == 1 else "points"
    facts = [
        f"{exercise.total:g} {unit} ({split})",
        f"about {exercise.minutes} minutes",
        f"difficulty {exercise.difficulty} of 5",
        f"importance {exercise.importance} of 5",
    ]
    facts += ["on the one-day path"] if exercise.day else []
    title = f"### Exercise {number} of {len(lesson.exercises)} · `{exercise.name}`"
    text = f"{title}\n\n{' · '.join(facts)}"
    if exercise.forbid:
        owned = {exercise.name: "PyTorch's "}  # where it has the name of what is to be written
        names = [f"{owned.get(name, '')}`{name}`" for name in exercise.forbid]
        text += f"\n\nNot allowed here: {', '.join(names)}"
    return text


def _folded_hints(source: str) -> str:
    hints = [hint.strip() for hint in re.split(r"(?m)^\+\+\+$", source)]
    folded = [
        f"<details><summary>Hint {number}: {name}</summary>\n\n{hint}\n\n</details>"
        for number, (hint, name) in enumerate(zip(hints, HINT_NAMES, strict=False), start=1)
    ]
    return "\n\n".join(folded)


def _set_ids(lesson: Lesson, notebook: Any) -> None:
    """Ids that stay the same from build to build: by name where a cell has one, else by content."""
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        label = cell.metadata.get("nbgrader", {}).get("grade_id", f"{cell.cell_type}:{cell.source}")
        seen[label] = seen.get(label, 0) + 1
        digest = hashlib.sha256(f"{lesson.name}\n{label}\n{seen[label]}".encode())
        cell["id"] = digest.hexdigest()[:12]


def _check_names(lesson: Lesson, notebook: Any) -> None:
    brought: set[str] = set()
    checked = set()
    for cell in notebook.cells:
        tag = cell.metadata.get("nbgrader")
        if cell.cell_type != "code" or tag is None:
            continue
        source = cell.source.split("### BEGIN HIDDEN TESTS")[0]
        missing = free_names(source) - brought
        if missing:
            raise GraderError(
                f"{lesson.name}: the cell {tag['grade_id']} uses {', '.join(sorted(missing))}, "
                "which no given cell or exercise above it brings."
            )
        if tag["grade"]:
            checked.add(tag["grade_id"].removeprefix("check_"))
        else:
            brought |= _names_bound(source)
    unchecked = lesson.exercises.keys() - checked
    if unchecked:
        raise GraderError(f"{lesson.name}: no check cell for {', '.join(sorted(unchecked))}.")


def _names_bound(source: str) -> set[str]:
    import symtable

    table = symtable.symtable(source, "<cell>", "exec")
    return {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }

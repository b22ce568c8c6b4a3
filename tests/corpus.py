"""Writes the attack corpus and the honest oddities as one class of learners."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.course import Lesson
from grader.notebook import release_notebook, source_notebook, write_notebook
from grader.stub import solution_source

HERE = Path(__file__).parent
DEFAULT_LESSON = "01_dot_products"
STATUSES = {
    *("passed", "partial", "failed", "error", "missing", "timeout", "memory"),
    *("tampered", "forbidden", "unreadable", "crashed"),
}


@dataclass(frozen=True)
class Entry:
    """One file of the corpus: what it hands in, and what must come of it."""

    name: str
    honest: bool
    module: ModuleType = field(repr=False)

    @property
    def lesson(self) -> str:
        """The lesson that it is handed in for."""
        return str(getattr(self.module, "LESSON", DEFAULT_LESSON))

    @property
    def folder(self) -> bytes:
        """Its learner's folder, as the file system has it."""
        return os.fsencode(getattr(self.module, "STUDENT", f"{self._kind}_{self.name}"))

    @property
    def student(self) -> str:
        """Its learner, as the grader writes the name."""
        return self.folder.decode("utf-8", "backslashreplace")

    @property
    def answers(self) -> dict[str, str]:
        """The cells that it replaces."""
        return dict(getattr(self.module, "ANSWERS", {}))

    def points(self, lesson: Lesson) -> dict[str, float]:
        """What each exercise must get; an attack gets nothing where it does not say otherwise."""
        full = {name: item.total for name, item in lesson.exercises.items()}
        stated = getattr(self.module, "POINTS", "all" if self.honest else {})
        return full if stated == "all" else dict.fromkeys(full, 0.0) | stated

    @property
    def statuses(self) -> dict[str, tuple[str, ...]]:
        """The statuses of which one must come, where it says so."""
        stated = getattr(self.module, "STATUS", {})
        return {name: (one,) if isinstance(one, str) else one for name, one in stated.items()}

    @property
    def _kind(self) -> str:
        return "honest" if self.honest else "attack"


def entries(kind: str) -> list[Entry]:
    """Every file under tests/attacks or tests/honest."""
    return [
        Entry(path.stem, kind == "honest", _load(path))
        for path in sorted((HERE / kind).glob("*.py"))
    ]


def hand_in(entry: Entry, lesson: Lesson, course: Path, repository: Path) -> None:
    """Write one entry into the course's folder of submissions."""
    notebook = _notebook(lesson, entry, {"@COURSE@": str(course), "@REPOSITORY@": str(repository)})
    change = getattr(entry.module, "transform", None)
    changed = change(notebook) if change else notebook
    data = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
    folder = course / "submitted" / os.fsdecode(entry.folder) / lesson.name
    folder.mkdir(parents=True)
    if hasattr(entry.module, "hand_in"):
        entry.module.hand_in(folder, data)
    else:
        (folder / f"{lesson.name}.ipynb").write_bytes(data)


def solved(lesson: Lesson) -> dict[str, Any]:
    """The released notebook with every solution in it."""
    answers = {name: solution_source(lesson.kernels_source, name) for name in lesson.exercises}
    return _filled(lesson, answers)


def _notebook(lesson: Lesson, entry: Entry, places: dict[str, str]) -> dict[str, Any]:
    start = getattr(entry.module, "START", "solved" if entry.honest else "stubs")
    answers = entry.answers
    if start == "solved":
        known = {name: solution_source(lesson.kernels_source, name) for name in lesson.exercises}
        answers = known | answers
    if hasattr(entry.module, "STUBS"):
        entry.module.STUBS.update(_stubs(lesson))
    for mark, place in places.items():
        answers = {name: text.replace(mark, place) for name, text in answers.items()}
    notebook = _filled(lesson, answers)
    extra = [
        {
            "cell_type": "code",
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for text in getattr(entry.module, "CELLS", ())
    ]
    notebook["cells"][3:3] = extra
    return notebook


def _filled(lesson: Lesson, answers: dict[str, str]) -> dict[str, Any]:
    notebook: dict[str, Any] = _released(lesson)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = answers[name]
    return notebook


def _stubs(lesson: Lesson) -> dict[str, str]:
    tagged = [cell for cell in _released(lesson)["cells"] if "nbgrader" in cell["metadata"]]
    return {cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"]) for cell in tagged}


def _released(lesson: Lesson) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(_release(lesson))
    return notebook


@functools.cache
def _release(lesson: Lesson) -> bytes:
    return write_notebook(release_notebook(source_notebook(lesson)))


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"corpus_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_lesson(found: Sequence[Entry], lesson: str) -> list[Entry]:
    """Those handed in for one lesson."""
    return [entry for entry in found if entry.lesson == lesson]

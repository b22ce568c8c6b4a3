"""The course as it lies on disk: which lessons there are, and what each holds."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from grader.cases import REQUIREMENTS, Candidate, Case
from grader.errors import GraderError
from grader.page import Page, read_page

__all__ = ["Exercise", "Lesson", "find_repository", "load_lessons"]


@dataclass(frozen=True)
class Exercise:
    """One function or class that learners write, as the page's slot describes it."""

    name: str
    points: dict[str, float]
    minutes: int
    difficulty: int
    importance: int
    day: bool = False
    forbid: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """All its points."""
        return float(sum(self.points.values()))

    @classmethod
    def from_slot(cls, lesson: str, slot: dict[str, Any]) -> Exercise:
        """Read a slot's metadata.

        Raises:
            GraderError: where something is missing or no known requirement.
        """
        name = slot.get("exercise")
        missing = {"points", "minutes", "difficulty", "importance"} - slot.keys()
        if missing:
            raise GraderError(f"{lesson}: exercise {name} lacks {', '.join(sorted(missing))}.")
        points = slot["points"]
        if not isinstance(points, dict) or not points.keys() <= set(REQUIREMENTS):
            raise GraderError(
                f"{lesson}: the points of {name} are split by {', '.join(REQUIREMENTS)}, as in "
                f'points={{"idea": 2, "shapes": 1}}; got {points!r}.'
            )
        numbers = [slot[key] for key in ("minutes", "difficulty", "importance")]
        if not all(type(item) in (int, float) for item in (*points.values(), *numbers)):
            raise GraderError(
                f"{lesson}: points, minutes, difficulty and importance of {name} are numbers."
            )
        return cls(
            name=str(name),
            points={key: float(value) for key, value in points.items()},
            minutes=int(slot["minutes"]),
            difficulty=int(slot["difficulty"]),
            importance=int(slot["importance"]),
            day=bool(slot.get("day", False)),
            forbid=tuple(slot.get("forbid", ())),
        )


class Lesson:
    """One lesson's folder under solutions/, read when asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name.removeprefix("lesson_")

    def __repr__(self) -> str:
        return f"Lesson({self.name!r})"

    @cached_property
    def page(self) -> Page:
        """The page's cells."""
        return read_page(self.folder / "lesson.py")

    @property
    def title(self) -> str:
        """The page's title."""
        return str(self.page.header["title"])

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises by name, in the page's order."""
        found: dict[str, Exercise] = {}
        for cell in self.page.cells:
            if cell.role == "exercise":
                exercise = Exercise.from_slot(self.name, cell.metadata)
                if exercise.name in found:
                    raise GraderError(f"{self.name}: two exercises are called {exercise.name}.")
                found[exercise.name] = exercise
        return found

    @cached_property
    def kernels(self) -> ModuleType:
        """The solution kernels."""
        return self._module("kernels")

    @cached_property
    def kernels_source(self) -> str:
        """The text of kernels.py."""
        return (self.folder / "kernels.py").read_text(encoding="utf-8")

    @cached_property
    def cases(self) -> dict[str, list[Case]]:
        """The hidden cases of each exercise."""
        found = [
            item for item in vars(self._module("hidden_tests")).values() if isinstance(item, Case)
        ]
        return self._by_exercise(found)

    @cached_property
    def candidates(self) -> dict[str, list[Candidate]]:
        """The misconceptions and alternatives of each exercise."""
        items = vars(self._module("misconceptions")).values()
        return self._by_exercise([item for item in items if isinstance(item, Candidate)])

    @cached_property
    def sections(self) -> dict[str, str]:
        """For each exercise the heading under which the page explains it."""
        heading, found = "", {}
        for cell in self.page.cells:
            if cell.role == "markdown":
                headings = re.findall(r"(?m)^## +(.+?) *$", cell.source)
                heading = headings[-1] if headings else heading
            elif cell.role == "exercise":
                found[cell.name] = heading
        return found

    def misconceptions(self, exercise: str) -> dict[str, Candidate]:
        """The named wrong answers to one exercise."""
        found = self.candidates[exercise]
        return {item.name: item for item in found if item.kind == "misconception"}

    def names(self, **replaced: Any) -> SimpleNamespace:
        """The solution kernels as the `k` of a case, with some names replaced."""
        return SimpleNamespace(**{**vars(self.kernels), **replaced})

    def _by_exercise(self, items: list[Any]) -> dict[str, list[Any]]:
        unknown = {item.exercise for item in items} - self.exercises.keys()
        if unknown:
            raise GraderError(f"{self.name}: no exercise is called {', '.join(sorted(unknown))}.")
        return {name: [item for item in items if item.exercise == name] for name in self.exercises}

    def _module(self, part: str) -> ModuleType:
        _refuse_duplicates(self.folder / f"{part}.py")
        return importlib.import_module(f"solutions.{self.folder.name}.{part}")


def _refuse_duplicates(path: Path) -> None:
    """Of two definitions with one name the first would silently be gone, a case or a misconception.

    Raises:
        GraderError: naming the file and the name.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise GraderError(f"{path.parent.name}/{path.name} defines {', '.join(twice)} twice.")


def find_repository(start: Path | None = None) -> Path:
    """The folder that holds solutions/, from here upwards, or where the package was installed from.

    Raises:
        GraderError: where there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "solutions").is_dir() and (folder / "grader").is_dir():
            if str(folder) not in sys.path:
                sys.path.insert(0, str(folder))
            return folder
    raise GraderError(
        "No solutions/ folder was found here or above: run this inside the course's repository."
    )


def load_lessons(repository: Path, names: list[str] | None = None) -> list[Lesson]:
    """The lessons asked for, or all, in order.

    Args:
        repository: the folder that holds solutions/.
        names: lesson names such as "01_dot_products", or their numbers, "01".

    Raises:
        GraderError: for a name that no lesson has, with the names there are.
    """
    folders = sorted((repository / "solutions").glob("lesson_*/lesson.py"))
    lessons = [Lesson(path.parent) for path in folders]
    if not names:
        return lessons
    chosen = []
    for name in names:
        matches = [item for item in lessons if name in (item.name, item.name.split("_")[0])]
        if not matches:
            known = ", ".join(item.name for item in lessons) or "none yet"
            raise GraderError(f"There is no lesson {name!r}. The lessons here: {known}.")
        chosen += matches
    return sorted(set(chosen), key=lambda item: item.name)

"""What plugs into nbgrader, named in the course's nbgrader_config.py.

`CutStubs` replaces ClearSolutions when an assignment is generated. When one is autograded, in
order: `ForgivingExporter` reads what it can of a broken file, `RebuildFromRelease` takes only the
answers from it, `TwoKernelExecute` grades in two kernels and writes a score into each check cell.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader import utils
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)
from traitlets import Float, Integer

from grader.course import Lesson, find_repository, load_lessons
from grader.errors import MachineError
from grader.grading import Grader, Settings, imports_of, lesson_digest
from grader.kernel.sources import kernels
from grader.messages import headline
from grader.notebook import released
from grader.stub import cut_stub
from grader.submission import is_linked, read_submission, rebuild

__all__ = [
    "RELEASE_STEPS",
    "CutStubs",
    "ForgivingExporter",
    "RebuildFromRelease",
    "TwoKernelExecute",
    "release_steps",
    "write_outputs",
]


class CutStubs(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Cut each solution cell down to the learner's stub."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Cut one cell, where it is a solution."""
        if utils.is_solution(cell):
            cell.source = cut_stub(cell.source, cell.metadata.nbgrader["grade_id"])
        return cell, resources


RELEASE_STEPS = (
    LockCells,
    CutStubs,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ComputeChecksums,
    CheckCellMetadata,
)


def release_steps(*, record: bool) -> list[Any]:
    """The steps from source to release; without `record`, nothing is written to a gradebook."""
    return [step for step in RELEASE_STEPS if record or step is not SaveCells]


class ForgivingExporter(NotebookExporter):
    """Reads a submission however broken it is; what cannot be read becomes an empty notebook."""

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> Any:
        """Read a submission as the grader reads; what this pass itself wrote, as nbconvert does."""
        if not getattr(self.parent, "_sanitizing", True):
            return super().from_filename(filename, resources=resources, **kwargs)
        path = Path(filename)
        self._drop_links(path, resources)
        notebook, problem = read_submission(path)
        if problem:
            notebook.metadata["attend_problem"] = problem
        resources = resources or {}
        resources.setdefault("metadata", {"name": path.stem, "path": str(path.parent)})
        return self.from_notebook_node(notebook, resources=resources, **kwargs)  # type: ignore[no-untyped-call]

    def _drop_links(self, submitted: Path, resources: Any) -> None:
        """Remove what nbgrader copied from a link: feedback would show it."""
        names = (resources or {}).get("nbgrader")
        if names is None or self.parent is None:
            return
        copied = Path(self.parent._format_dest(names["assignment"], names["student"]))
        everything = is_linked(submitted)
        for path in submitted.parent.rglob("*"):
            if everything or path.is_symlink():
                with contextlib.suppress(OSError):
                    (copied / path.relative_to(submitted.parent)).unlink(missing_ok=True)


class RebuildFromRelease(NbGraderPreprocessor):  # type: ignore[misc]  # as above
    """Put the released notebook's cells back, with the submission's answers in them."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Rebuild from the lesson's release; whatever the submission did to its form is undone."""
        problem = nb.metadata.get("attend_problem")
        rebuilt = rebuild(nb, released(_lesson(resources["nbgrader"]["assignment"])))
        if problem:
            rebuilt.metadata["attend_problem"] = problem
        return rebuilt, resources


class TwoKernelExecute(NbGraderPreprocessor):  # type: ignore[misc]  # as above
    """Grade a rebuilt notebook in two kernels, in nbgrader's `Execute`'s place."""

    seed = Integer(0, help="What the hidden cases' inputs are drawn from.").tag(config=True)
    timeout = Float(10.0, help="Seconds that one cell or case may take.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write one score into each check cell, beside a message that shows no test."""
        problem = nb.metadata.pop("attend_problem", None)
        settings = Settings(seed=self.seed, timeout=self.timeout)
        lesson = _lesson(resources["nbgrader"]["assignment"])
        grader = _warm_grader(lesson, lesson_digest(lesson, settings), settings)
        try:
            verdicts = grader.grade(nb, problem)
        except MachineError:  # its warm parent is gone: once more, with a new one
            _warm_grader.cache_clear()
            grader = _warm_grader(lesson, lesson_digest(lesson, settings), settings)
            verdicts = grader.grade(nb, problem)
        return write_outputs(nb, verdicts), resources


@functools.cache
def _lesson(assignment: str) -> Lesson:
    """The lesson of an assignment, in the repository that the package was installed from."""
    (lesson,) = load_lessons(find_repository(), [assignment])
    return lesson


@functools.lru_cache(maxsize=1)
def _warm_grader(lesson: Lesson, digest: str, settings: Settings) -> Grader:
    """A grader whose warm parent serves every notebook of this process; `digest` tells its age."""
    stack = ExitStack()
    atexit.register(stack.close)
    return Grader(lesson, stack.enter_context(kernels(imports_of([lesson]))), settings)


def write_outputs(notebook: Any, verdicts: Sequence[Any]) -> Any:
    """Give each check cell its score and message: what nbgrader reads, and what learners see."""
    by_name = {f"check_{verdict.exercise}": verdict for verdict in verdicts}
    for cell in notebook.cells:
        tag = cell.metadata.get("nbgrader", {})
        verdict = by_name.get(tag.get("grade_id"))
        if cell.cell_type != "code" or not tag.get("grade") or verdict is None:
            continue
        said = headline(verdict.exercise, verdict.status, verdict.points, verdict.max_points)
        told = "\n".join([said, *verdict.message.splitlines()]) + "\n"
        cell.execution_count = None
        cell.outputs = [
            nbformat.v4.new_output(
                "execute_result", {"text/plain": f"{verdict.points:g}"}, execution_count=None
            ),
            nbformat.v4.new_output(
                "stream",
                name="stdout",
                text=told,
            ),
        ]
    return notebook

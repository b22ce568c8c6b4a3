"""What plugs into nbgrader, named in the course's attend_config.py.

`CutStubs` replaces ClearSolutions when an assignment is generated. When one is autograded, in
order: `ForgivingExporter` reads what it can of a broken file, `RebuildFromRelease` takes only the
answers from it, `TwoKernelExecute` grades in two kernels, or reads the verdict that a pool has
kept, and writes a score into each check cell.
"""

from __future__ import annotations

import atexit
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
from traitlets import Float, Integer, Unicode

from grader.course import Lesson, find_repository, load_lessons
from grader.errors import GraderError, MachineError
from grader.grading import Grader, Settings, Verdict, imports_of, lesson_digest
from grader.kernel.sources import kernels
from grader.messages import headline
from grader.notebook import released, write_notebook
from grader.stub import cut_stub
from grader.submission import read_submission, rebuild
from grader.submissions import Submission
from grader.verdicts import Graded, KeptVerdicts, fingerprint

__all__ = [
    "RELEASE_STEPS",
    "CutStubs",
    "ForgivingExporter",
    "RebuildFromRelease",
    "TwoKernelExecute",
    "release_steps",
    "write_outputs",
]


HELD = "attend_held"  # what one step tells the next through the notebook; gone from the last


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

    def __init__(self, config: Any = None, **options: Any) -> None:
        """Take every submission that `grader grade` takes, and nothing but notebook and time."""
        super().__init__(config=config, **options)  # type: ignore[no-untyped-call]
        if hasattr(self.parent, "assignments"):
            from grader.nbgrader_folders import adopt

            adopt(self.parent, copies=False)

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> Any:
        """Read a submission as the grader reads; what this pass itself wrote, as nbconvert does."""
        if not getattr(self.parent, "_sanitizing", True):
            return super().from_filename(filename, resources=resources, **kwargs)
        path = self._on_disk(filename)
        content = fingerprint(path)
        notebook, problem = read_submission(path)
        notebook.metadata[HELD] = {"content": content, "problem": problem}
        resources = resources or {}
        resources.setdefault("metadata", {"name": path.stem, "path": str(path.parent)})
        self._copy_time(path.parent, resources)
        return self.from_notebook_node(notebook, resources=resources, **kwargs)  # type: ignore[no-untyped-call]

    def _on_disk(self, filename: str) -> Path:
        path = Path(filename)
        directory = getattr(self.parent, "coursedir", None)
        real_folder = getattr(directory, "real_folder", Path)
        return real_folder(str(path.parent)) / path.name

    def _copy_time(self, submitted: Path, resources: Any) -> None:
        names = resources.get("nbgrader")
        if names is not None and self.parent is not None:
            from grader.gradebook import copy_timestamp

            graded = Path(self.parent._format_dest(names["assignment"], names["student"]))
            copy_timestamp(submitted, graded)


class RebuildFromRelease(NbGraderPreprocessor):  # type: ignore[misc]  # as above
    """Put the released notebook's cells back, with the submission's answers in them."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Rebuild from the lesson's release; whatever the submission did to its form is undone."""
        rebuilt = rebuild(nb, released(_lesson(resources["nbgrader"]["assignment"])))
        rebuilt.metadata[HELD] = nb.metadata.get(HELD, {})
        return rebuilt, resources


class TwoKernelExecute(NbGraderPreprocessor):  # type: ignore[misc]  # as above
    """Grade a rebuilt notebook in two kernels, in nbgrader's `Execute`'s place."""

    seed = Integer(0, help="What the hidden cases' inputs are drawn from.").tag(config=True)
    timeout = Float(10.0, help="Seconds that one cell or case may take.").tag(config=True)
    kept = Unicode(help="The folder of kept verdicts; none are kept where empty.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write one score into each check cell, beside a message that shows no test."""
        held = nb.metadata.pop(HELD, {})
        names = resources["nbgrader"]
        lesson = _lesson(names["assignment"])
        settings = Settings(seed=self.seed, timeout=self.timeout)
        digest = lesson_digest(lesson, settings)
        path = Path(f"{lesson.name}.ipynb")  # where it lay makes no difference to a kept verdict
        submission = Submission(names["student"], lesson.name, path)
        store = self._store(lesson, digest)
        content = held.get("content")
        known = store.find(submission, content) if store and content else None
        if known is not None:
            return write_outputs(nb, known.verdicts), resources
        verdicts = _grade(lesson, digest, settings, nb, held.get("problem"))
        graded = write_outputs(nb, verdicts)
        if store and content:
            text = write_notebook(graded).decode()
            self._keep(store, Graded(submission, tuple(verdicts), text, content))
        return graded, resources

    def _store(self, lesson: Lesson, digest: str) -> KeptVerdicts | None:
        """The kept verdicts; without them nbgrader's own gradebook still gets every score."""
        if not self.kept:
            return None
        try:
            return KeptVerdicts(Path(self.kept), {lesson.name: digest})
        except GraderError as error:
            self.log.warning("%s", error)
            return None

    def _keep(self, store: KeptVerdicts, graded: Graded) -> None:
        try:
            store.keep(graded)
        except GraderError as error:
            self.log.warning("%s", error)


def _grade(
    lesson: Lesson, digest: str, settings: Settings, notebook: Any, problem: str | None
) -> list[Verdict]:
    grader = _warm_grader(lesson, digest, settings)
    try:
        return grader.grade(notebook, problem)
    except MachineError:  # its warm parent is gone: once more, with a new one
        _warm_grader.cache_clear()
        return _warm_grader(lesson, digest, settings).grade(notebook, problem)


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


def write_outputs(notebook: Any, verdicts: Sequence[Verdict]) -> Any:
    """Give each check cell its score and message: what nbgrader reads, and what learners see.

    Raises:
        GraderError: where a check cell has no verdict; nbgrader would give it full points.
    """
    by_name = {f"check_{verdict.exercise}": verdict for verdict in verdicts}
    for cell in notebook.cells:
        if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
            continue
        name = cell.metadata.nbgrader["grade_id"]
        if name not in by_name:
            raise GraderError(f"There is no verdict for the cell {name}; run `grader build`.")
        verdict = by_name[name]
        said = headline(verdict.exercise, verdict.status, verdict.points, verdict.max_points)
        told = "\n".join([said, *verdict.message.splitlines()]) + "\n"
        cell.execution_count = None
        score = {"text/plain": _plain_number(verdict.points)}
        cell.outputs = [
            nbformat.v4.new_output("execute_result", score, execution_count=None),
            nbformat.v4.new_output("stream", name="stdout", text=told),
        ]
    return notebook


def _plain_number(value: float) -> str:
    """A number as it reads best, from which nbgrader reads that very number."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)

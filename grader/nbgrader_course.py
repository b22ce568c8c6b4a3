"""The nbgrader course beside the repository: source and release trees, gradebook, configuration.

`nbgrader` commands run inside its folder as in any course: its nbgrader_config.py, which is the
instructor's own, loads attend_config.py, where our preprocessors are named. The folder is made by
`grader build`, kept, and never committed.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.build import attend_zip
from grader.course import Lesson
from grader.errors import GraderError
from grader.notebook import release_notebook, source_notebook, write_notebook

__all__ = ["CONFIG", "Course", "build_course", "find_alembic", "open_course"]

CONFIG = '''"""Made by `grader build`, which renews it: plugs the grader into nbgrader.

Settings of your own belong into nbgrader_config.py, which loads this and stays as you leave it.
"""

from pathlib import Path

c = get_config()  # noqa: F821 -- nbgrader supplies it
c.CourseDirectory.course_id = "attend"
c.CourseDirectory.root = str(Path(__file__).parent)
c.GenerateAssignment.preprocessors = [
{release_steps}
]
c.Autograde.exporter_class = "grader.nbgrader_plugin.ForgivingExporter"
c.Autograde.sanitize_preprocessors = ["grader.nbgrader_plugin.RebuildFromRelease"]
c.Autograde.autograde_preprocessors = [
    "grader.nbgrader_plugin.TwoKernelExecute",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.TwoKernelExecute.seed = {seed}
c.TwoKernelExecute.kept = str(Path(__file__).parent / "verdicts")
c.GenerateFeedback.exporter_class = "grader.nbgrader_pages.FeedbackExporter"
c.HTMLExporter.filters = {{"markdown2html": "grader.nbgrader_pages.plain_markdown"}}
c.HTMLExporter.preprocessors = ["grader.nbgrader_pages.PlainNames"]
c.HTMLExporter.sanitize_html = True
c.ExportApp.plugin_class = "grader.export.SafeCsvExport"
'''
OWN_CONFIG = '''"""This course's nbgrader settings: written once by `grader build`, then yours.

A late submission loses nothing until a penalty is set here, for `grader grade` and for nbgrader's
own commands alike: all of it by c.LateSubmissionPlugin.penalty_method = "zero", or what a plug-in
says, by c.AssignLatePenalties.plugin_class = "penalties.PerDay" and a penalties.py beside this
file. Due dates are set in the formgrader.
"""

c = get_config()  # noqa: F821 -- nbgrader supplies it
load_subconfig("attend_config.py")  # noqa: F821 -- so is this
'''
OLD_CONFIG = '"""Made by `grader build`: plugs'  # renewed at every build, so nobody's own


@dataclass(frozen=True)
class Course:
    """A built course's folder and the seed that its hidden inputs are drawn from."""

    folder: Path
    seed: int

    @property
    def db_url(self) -> str:
        """The gradebook, as SQLAlchemy and nbgrader name it."""
        return f"sqlite:///{self.folder / 'gradebook.db'}"


def open_course(folder: Path) -> Course:
    """A course that `grader build` made.

    Raises:
        GraderError: where the folder holds none.
    """
    try:
        seed = int(json.loads((folder / "course.json").read_text(encoding="utf-8"))["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        raise GraderError(f"{folder} holds no course; make one with `grader build`.") from None
    return Course(folder.resolve(), seed)


def find_alembic() -> None:
    """Let nbgrader find `alembic`, which it calls by its bare name, without an activated shell."""
    if shutil.which("alembic") is None:
        os.environ["PATH"] = (
            f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        )


def build_course(
    folder: Path,
    lessons: Sequence[Lesson],
    *,
    seed: int | None = None,
    done: Callable[[str], None] = lambda name: None,
) -> Course:
    """Make the course's folder or bring it up to date; grades that are in it stay.

    Args:
        folder: where; made if missing.
        lessons: the assignments to write and record.
        seed: what hidden inputs are drawn from; by default the course's own, drawn once and kept,
            so that nobody can prepare for it.
        done: told each lesson's name when it is recorded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "course.json"
    if settings.is_file() and seed is None:
        seed = open_course(folder).seed
    seed = secrets.randbits(31) if seed is None else seed
    settings.write_text(json.dumps({"seed": seed}) + "\n", encoding="utf-8")
    _write_config(folder, seed)
    course = Course(folder.resolve(), seed)
    for lesson in lessons:
        _write_assignment(course, lesson)
        done(lesson.name)
    return course


def _write_config(folder: Path, seed: int) -> None:
    from grader import nbgrader_plugin

    names = [f"{step.__module__}.{step.__name__}" for step in nbgrader_plugin.RELEASE_STEPS]
    steps = "\n".join(f'    "{_public(name)}",' for name in names)
    text = CONFIG.format(release_steps=steps, seed=seed)
    (folder / "attend_config.py").write_text(text, encoding="utf-8")
    own = folder / "nbgrader_config.py"
    present = own.read_text(encoding="utf-8") if own.is_file() else OLD_CONFIG
    if present.startswith(OLD_CONFIG):
        own.write_text(OWN_CONFIG, encoding="utf-8")
    elif "attend_config.py" not in present:
        raise GraderError(
            f'{own} does not plug the grader in: add the line load_subconfig("attend_config.py") '
            "after its get_config(), and run the same command again."
        )


def _public(name: str) -> str:
    if name.startswith("nbgrader.preprocessors."):
        return f"nbgrader.preprocessors.{name.split('.')[-1]}"
    return name


def _write_assignment(course: Course, lesson: Lesson) -> None:
    from nbgrader.api import Gradebook

    logging.getLogger("alembic").setLevel(logging.WARNING)
    find_alembic()
    source = source_notebook(lesson)
    with Gradebook(course.db_url, "attend") as gradebook:
        gradebook.update_or_create_assignment(lesson.name, course_id="attend")
    resources: dict[str, Any] = {
        "nbgrader": {
            "db_url": course.db_url,
            "assignment": lesson.name,
            "notebook": lesson.name,
        }
    }
    try:
        release = release_notebook(source, resources)
    except RuntimeError as error:  # SaveCells, where graded work hangs on cells that are gone
        raise GraderError(
            f"{lesson.name} has graded submissions, and its exercises were added or renamed since: "
            f"{error}. Grade with the older lesson, or start a new course folder with --course."
        ) from None
    for tree, notebook in (("source", source), ("release", release)):
        home = course.folder / tree / lesson.name
        _write(home / f"{lesson.name}.ipynb", write_notebook(notebook))
        _write(home / "attend.zip", attend_zip([lesson]))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)

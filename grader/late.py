"""What a late submission loses: by the very plug-in that the course's nbgrader settings name.

nbgrader runs it in a step of `nbgrader autograde` alone; here the same plug-in, with the same
settings, is asked while `grader grade` writes the gradebook.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.nbgrader_course import Course

__all__ = ["LatePenalties", "nbgrader_settings"]

STEP = "AssignLatePenalties"


class LatePenalties:
    """The course's late penalties, as nbgrader's own step gives them."""

    def __init__(self, course: Course) -> None:
        """Make the step that the settings describe.

        Raises:
            GraderError: where the settings cannot be read, or name a plug-in that is not there.
        """
        from nbgrader.preprocessors import AssignLatePenalties
        from traitlets import TraitError

        settings = nbgrader_settings(course)
        self._step: Any = None
        if not _runs(settings):
            return
        try:
            with _importable(course.folder):
                step = AssignLatePenalties(config=settings)
                step.init_plugin()
        except (TraitError, ImportError, AttributeError) as error:
            raise GraderError(
                f"{course.folder / 'nbgrader_config.py'} names a late-penalty plug-in that cannot "
                f"be used: {error}."
            ) from None
        self._step = step if step.enabled else None

    def assign(self, submission: Any, notebook: Any) -> None:
        """Set a submitted notebook's penalty, between nothing and its score.

        Args:
            submission: nbgrader's SubmittedAssignment, with its time of handing in.
            notebook: nbgrader's SubmittedNotebook, its score up to date.

        Raises:
            GraderError: where the plug-in itself fails.
        """
        if self._step is None:
            return
        notebook.late_submission_penalty = None
        if submission.timestamp is None or submission.assignment.duedate is None:
            return
        if submission.total_seconds_late <= 0:
            return
        student = submission.student.id
        try:
            self._step.init_plugin()
            penalty = self._step.plugin_inst.late_submission_penalty(
                student, notebook.score, submission.total_seconds_late
            )
            if penalty is not None:
                notebook.late_submission_penalty = min(max(0, penalty), notebook.score)
        except Exception as error:  # the course's own code may raise anything
            raise GraderError(
                f"The late-penalty plug-in failed on {student} ({type(error).__name__}: {error}); "
                "mend it, and run the same command again: verdicts are kept."
            ) from None


def nbgrader_settings(course: Course) -> Any:
    """What nbgrader reads when it runs in this course's folder: the user's settings, the course's.

    Raises:
        GraderError: where a settings file fails.
    """
    from jupyter_core.application import JupyterApp
    from traitlets.config import Application

    class Settings(JupyterApp):
        name = "nbgrader"
        raise_config_file_errors = True

    app = Settings()
    try:
        with _importable(course.folder):
            app.load_config_file(suppress_errors=False)
            Application.load_config_file(app, "nbgrader_config", str(course.folder))
    except Exception as error:  # a settings file is a program
        raise GraderError(
            f"nbgrader's settings for {course.folder} cannot be read "
            f"({type(error).__name__}: {error}); mend nbgrader_config.py."
        ) from None
    return app.config


def _runs(settings: Any) -> bool:
    """Whether `nbgrader autograde` takes the step with these settings."""
    steps = settings.Autograde.get("autograde_preprocessors")
    if not isinstance(steps, list):
        return True  # nbgrader's own list, which has it
    return any(str(getattr(step, "__name__", step)).split(".")[-1] == STEP for step in steps)


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Modules in the course's folder can be imported, as in nbgrader's own commands there."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))

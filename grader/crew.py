"""Who grades: the graders of some lessons, and the source of student kernels that they share.

A crew is made once, with the hidden cases drawn; forked workers inherit it whole, and each asks the
one warm parent for children over a connection of its own.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from threadpoolctl import threadpool_limits

from grader.course import Lesson
from grader.errors import GraderError, MachineError
from grader.grading import Grader, Settings, Verdict, imports_of
from grader.kernel.sources import KernelSource, SoloSource, WarmParent
from grader.nbgrader_plugin import write_outputs
from grader.notebook import write_notebook
from grader.submission import read_submission
from grader.submissions import Submission
from grader.verdicts import Graded, fingerprint

__all__ = ["Crew"]

PARENTS = 3  # warm parents, each in the place of one that died, that one submission may need
GIVEN_UP = "The grader failed on this notebook ({}); tell your instructor, who can see why."


class Crew:
    """Graders of some lessons, ready to grade."""

    def __init__(
        self, lessons: Sequence[Lesson], settings: Settings, *, sandboxed: bool = True
    ) -> None:
        """Start the source of student kernels, and draw every hidden case while it warms up.

        Raises:
            MachineError: where the sandbox cannot be closed on this machine.
        """
        _single_thread()
        self._modules = imports_of(lessons)
        self._parent = WarmParent(self._modules) if sandboxed else None
        source: KernelSource = self._parent or SoloSource(self._modules)
        try:
            self._graders = {item.name: Grader(item, source, settings) for item in lessons}
            for grader in self._graders.values():
                grader.prepare()
            if self._parent is not None:
                self._parent.wait()
        except BaseException:
            source.close()
            raise

    def enlist(self) -> None:
        """In a forked worker: ask for children over a connection of one's own."""
        assert self._parent is not None
        try:
            self._turn_to(self._parent.connect())
        except MachineError:
            self._replace_parent()

    def grade(self, submission: Submission) -> Graded:
        """Grade one; whatever it does, it ends in a verdict an exercise."""
        grader = self._graders[submission.lesson]
        content = fingerprint(submission.path)
        notebook, problem = read_submission(submission.path)
        try:
            verdicts = self._grade(grader, notebook, problem)
        except GraderError:  # the course's own fault, or the machine's
            raise
        except Exception as error:  # one submission must not end the others' grading
            traceback.print_exc()
            notebook, problem = nbformat.v4.new_notebook(), GIVEN_UP.format(type(error).__name__)
            verdicts = grader.grade(notebook, problem)
        shown = write_outputs(grader.rebuild(notebook), verdicts)
        return Graded(submission, tuple(verdicts), write_notebook(shown).decode(), content)

    @property
    def results(self) -> Path:
        """Where workers leave what came; it goes with the warm parent."""
        assert self._parent is not None
        return self._parent.home

    def close(self) -> None:
        """End the warm parent, and with it every child."""
        for grader in self._graders.values():
            grader.source.close()
        if self._parent is not None:
            self._parent.close()

    def _grade(self, grader: Grader, notebook: Any, problem: str | None) -> list[Verdict]:
        for _ in range(PARENTS - 1):
            try:
                return grader.grade(notebook, problem)
            except MachineError:  # the warm parent is gone: once more, with a new one
                self._replace_parent()
        return grader.grade(notebook, problem)

    def _replace_parent(self) -> None:
        replacement = WarmParent(self._modules)
        replacement.wait()
        self._turn_to(replacement)

    def _turn_to(self, source: KernelSource) -> None:
        for grader in self._graders.values():
            grader.source = source


def _single_thread() -> None:
    """Keep numerical libraries to one thread: a forked process would wait for others forever."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # for each device autograd starts one
    threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"

"""Grade one submission: run its answers in a student kernel, judge what comes back here.

No score is decided in a process that has run student code. The same submission, lesson and seed
give the same verdicts.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.course import Exercise, Lesson
from grader.drawing import Prepared, earned_points
from grader.kernel.sources import KernelSource
from grader.messages import explain
from grader.notebook import released
from grader.running import Outcome, Run, Settings
from grader.submission import Program, plain_python, program_of, rebuild, stubs_of

__all__ = ["Grader", "Settings", "Verdict", "deciding_files", "imports_of", "lesson_digest"]

# Of grader/, what no grading imports: commands, pages, proofs. A new file counts until it is named.
APART = (
    *("cli.py", "commands", "doctor.py", "export.py", "formulas.py", "handout.py", "here.py"),
    *("kill_matrix.py", "mutants.py", "mutation.py", "mutation_operators.py", "naming.py"),
    *("nbgrader_pages.py", "paths.py", "release.py", "report.py", "room", "templates"),
    *("templating.py", "terminal.py", "trials.py", "verify.py"),
)
LEANS = "Your answer calls `{other}`, which is not right either. Mend that one first."


@dataclass(frozen=True)
class Verdict:
    """What one exercise of one submission got, and what its learner is told."""

    exercise: str
    points: float
    max_points: float
    status: str
    misconception: str | None
    message: str
    seconds: float
    failed_cases: tuple[str, ...] = ()

    def record(self, student: str, lesson: str) -> dict[str, Any]:
        """The verdict as one record of `grade --json`; the names of hidden cases stay out."""
        fields = asdict(self)
        del fields["failed_cases"]
        return {"student": student, "lesson": lesson, **fields}


class Grader:
    """Grades submissions of one lesson; prepares its hidden cases once."""

    def __init__(self, lesson: Lesson, source: KernelSource, settings: Settings) -> None:
        self.lesson = lesson
        self.source = source
        self.settings = settings
        self._prepared: dict[str, Prepared] = {}

    @property
    def template(self) -> Any:
        """The released notebook, from which everything but the answers is taken."""
        return released(self.lesson)

    def prepared(self, exercise: str) -> Prepared:
        """The exercise's cases, drawn and answered by the solution kernel."""
        if exercise not in self._prepared:
            self._prepared[exercise] = Prepared(
                self.lesson, exercise, self.settings.seed, self.settings.precision
            )
        return self._prepared[exercise]

    def prepare(self) -> None:
        """Draw every exercise's cases now, for workers to inherit."""
        for name in self.lesson.exercises:
            self.prepared(name)
        self.rebuild(self.template)

    def rebuild(self, notebook: Any) -> Any:
        """The released notebook with this submission's answers in it."""
        return rebuild(notebook, self.template)

    def grade(
        self, notebook: Any, problem: str | None = None, only: str | None = None
    ) -> list[Verdict]:
        """One verdict an exercise, in the page's order.

        Args:
            notebook: the submission, as `read_notebook` gives it.
            problem: why it could not be read, where it could not.
            only: grade this one exercise.
        """
        exercises = [item for item in self.lesson.exercises.values() if only in (None, item.name)]
        if problem:
            return [
                Verdict(item.name, 0.0, item.total, "unreadable", None, problem, 0.0)
                for item in exercises
            ]
        program = program_of(notebook, self.template)
        run = Run(program, self.source, self.settings)
        try:
            verdicts: list[Verdict] = []
            for exercise in exercises:
                wrong = [one.exercise for one in verdicts if one.status != "passed"]
                verdicts.append(self._grade_exercise(run, exercise, wrong))
            return verdicts
        finally:
            run.close()

    def _grade_exercise(self, run: Run, exercise: Exercise, wrong: Sequence[str]) -> Verdict:
        started = time.perf_counter()
        answer = run.program.answer(exercise.name)
        stub = stubs_of(self.template)[exercise.name].source
        if answer is not None and answer.strip() == stub.strip():
            return self._nothing(exercise, "missing")
        if answer is None or exercise.name not in answer:
            broken = run.cell_error(exercise.name)
            status = "missing" if answer is None or not answer.strip() else "error"
            return self._nothing(exercise, status, cell_error=broken)
        used = _forbidden_in(run.program, exercise)
        if used:
            return self._nothing(exercise, "forbidden", forbidden=used)
        prepared = self.prepared(exercise.name)
        outcomes, forbidden = run.cases(prepared.drawn, exercise)
        if forbidden:
            return self._nothing(exercise, "forbidden", forbidden=forbidden)
        return self._verdict(exercise, prepared, outcomes, run, wrong, started)

    def _verdict(
        self,
        exercise: Exercise,
        prepared: Prepared,
        outcomes: Sequence[Outcome],
        run: Run,
        wrong: Sequence[str],
        started: float,
    ) -> Verdict:
        passed = [outcome.status == "passed" for outcome in outcomes]
        judged = zip(prepared.drawn, passed, strict=True)
        failed = [drawn.case for drawn, held in judged if not held]
        lost = {case.requirement for case in failed}
        points = earned_points(exercise.points, prepared.drawn, passed)
        status = _status(outcomes, points)
        name, leans = None, ""
        if lost and status in ("failed", "partial", "error"):
            leans = next((one for one in wrong if one in run.program.uses(exercise.name)), "")
            if not leans:  # else its values show the other's mistake
                name = prepared.diagnose([item.result for item in outcomes])
        message = self._explain(
            exercise,
            status,
            outcomes=[*zip(prepared.drawn, outcomes, strict=True)],
            sentence=LEANS.format(other=leans) if leans else prepared.sentence(name),
            lost=lost,
            cell_error=run.cell_error(exercise.name),
            notes=run.program.notes,
        )
        seconds = round(time.perf_counter() - started, 4)
        names = tuple(case.name for case in failed)
        return Verdict(exercise.name, points, exercise.total, status, name, message, seconds, names)

    def _nothing(self, exercise: Exercise, status: str, **said: Any) -> Verdict:
        message = self._explain(exercise, status, **said)
        return Verdict(exercise.name, 0.0, exercise.total, status, None, message, 0.0)

    def _explain(self, exercise: Exercise, status: str, **said: Any) -> str:
        return explain(exercise, status, section=self.lesson.sections[exercise.name], **said)


def lesson_digest(lesson: Lesson, settings: Settings) -> str:
    """The hash of all but the notebook that a verdict depends on."""
    digest = hashlib.sha256(repr(settings).encode())
    own = sorted(lesson.folder.glob("*.py"))
    for path in [*own, *_borrowed_kernels(lesson), *deciding_files()]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in ("numpy", "torch", "ipython"):
        digest.update(f"{name} {version(name)}".encode())
    digest.update(sys.version.encode())
    return digest.hexdigest()


def deciding_files() -> list[Path]:
    """The files of grader/ that a verdict can depend on."""
    package = Path(__file__).parent
    return [
        path
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).parts[0] not in APART
    ]


def _borrowed_kernels(lesson: Lesson) -> list[Path]:
    """The kernels of other lessons that this one's files name, and that those name in turn."""
    found: set[Path] = set()
    waiting = list(lesson.folder.glob("*.py"))
    while waiting:
        for name in re.findall(r"solutions\.(lesson_\w+)", waiting.pop().read_text("utf-8")):
            kernels = lesson.folder.parent / name / "kernels.py"
            if kernels.parent != lesson.folder and kernels.is_file() and kernels not in found:
                found.add(kernels)
                waiting.append(kernels)
    return sorted(found)


def imports_of(lessons: Iterable[Lesson]) -> list[str]:
    """The modules that the lessons' given cells import, for the warm parent to have ready."""
    found = set()
    for lesson in lessons:
        for cell in lesson.page.cells:
            if cell.role == "given":
                for node in ast.walk(ast.parse(cell.source)):
                    if isinstance(node, ast.Import):
                        found |= {alias.name for alias in node.names}
                    elif isinstance(node, ast.ImportFrom) and node.module:
                        found.add(node.module)
    return sorted(name for name in found if not name.startswith("solutions"))


def _status(outcomes: Sequence[Outcome], points: float) -> str:
    seen = [outcome.status for outcome in outcomes]
    if all(status == "passed" for status in seen):
        return "passed"
    for status in ("timeout", "memory", "tampered", "crashed"):
        if status in seen:
            return status
    if all(status == "missing" for status in seen):
        return "missing"
    if points > 0:
        return "partial"
    return "error" if all(status in ("error", "missing") for status in seen) else "failed"


def _forbidden_in(program: Program, exercise: Exercise) -> str:
    """The first forbidden name that the answer's own text, or a helper's, mentions."""
    if not exercise.forbid:
        return ""
    texts = [
        step.source
        for step in program.steps
        if step.exercise == exercise.name or (step.exercise is None and not step.given)
    ]
    for text in texts:
        try:
            nodes = list(ast.walk(ast.parse(plain_python(text))))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in nodes:
            name = getattr(node, "attr", None) or getattr(node, "id", None)
            if isinstance(node, ast.alias):
                name = node.name.split(".")[-1]
            if name in exercise.forbid:
                return str(name)
    return ""

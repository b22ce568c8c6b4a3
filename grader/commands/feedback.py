"""`grader feedback`: one HTML page a submission, by nbgrader's own generator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grader.errors import GraderError
from grader.terminal import CourseFolder, Lessons, out, progress

__all__ = ["feedback"]


def feedback(lessons: Lessons = None, course: CourseFolder = Path("course")) -> None:
    """Write each learner's feedback page: scores and messages, no hidden test, no solution."""
    from grader.course import find_repository, load_lessons
    from grader.nbgrader_course import find_alembic, open_course

    folder = open_course(course).folder
    chosen = load_lessons(find_repository(), lessons)
    graded = [item for item in chosen if any((folder / "autograded").glob(f"*/{item.name}"))]
    if not graded:
        raise GraderError(f"{course} holds no graded submission; run `grader grade` first.")
    find_alembic()
    with progress("Writing feedback", len(graded)) as done:
        for lesson in graded:
            command = [
                sys.executable,
                "-m",
                "nbgrader",
                "generate_feedback",
                lesson.name,
                "--force",
            ]
            ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if ran.returncode != 0:
                last = (ran.stderr.strip().splitlines() or ["it gave no reason"])[-1]
                raise GraderError(f"nbgrader could not write feedback on {lesson.name}: {last}")
            done(lesson.name)
    out.print("The pages are in")
    out.print(str(folder / "feedback"), markup=False)

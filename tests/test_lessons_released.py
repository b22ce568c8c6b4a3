"""Every lesson, as released, fails at its exercises and nowhere else."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from conftest import REPOSITORY, execute

from grader.build import attend_zip
from grader.course import Lesson, load_lessons
from grader.notebook import released

every_lesson = pytest.mark.parametrize(
    "lesson", load_lessons(REPOSITORY), ids=lambda lesson: lesson.name
)


@every_lesson
def test_as_released_it_fails_at_its_exercises_and_nowhere_else(
    lesson: Lesson, tmp_path: Path
) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([lesson]))
    notebook = nbformat.from_dict(released(lesson).copy())
    run = execute(notebook, tmp_path, allow_errors=True)
    failed = set()
    for cell in run.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                said = f"{output.ename}: {output.evalue}\n\nin:\n{cell.source}"
                assert output.ename == "NotImplementedError", said
                named = [name for name in lesson.exercises if name in output.evalue]
                assert named, said
                failed |= set(named)
                (told,) = output.traceback  # one sentence, no frames
                assert f"{output.evalue.split()[0]} is not written yet" in told, told
            assert output.get("name") != "stderr", f"{output.text}\n\nin:\n{cell.source}"
    assert failed == lesson.exercises.keys()

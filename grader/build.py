"""Build what learners open: notebooks/, the attend package beside them, and its check data."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import grader.attend
from grader.attend.datasets import CHECKSUMS
from grader.course import Lesson
from grader.notebook import released, write_notebook
from grader.visible import check_data

__all__ = [
    "attend_files",
    "attend_zip",
    "build_lessons",
    "lesson_files",
    "stale_files",
]

ATTEND = Path(grader.attend.__file__).parent
ZIP_DATE = (2026, 1, 1, 0, 0, 0)


def build_lessons(
    repository: Path, lessons: Sequence[Lesson], done: Callable[[str], None] = lambda name: None
) -> list[Path]:
    """Write the learners' files of these lessons; return those that changed.

    Args:
        repository: the folder that holds notebooks/.
        lessons: what to build.
        done: told each lesson's name when it is built.
    """
    changed = _write_all(repository, attend_files())
    for lesson in lessons:
        changed += _write_all(repository, lesson_files(lesson))
        done(lesson.name)
    return changed


def stale_files(repository: Path, lessons: Sequence[Lesson]) -> list[str]:
    """The files under notebooks/ that a build would change, create or no longer make."""
    wanted = attend_files()
    for lesson in lessons:
        wanted |= lesson_files(lesson)
    stale = [
        name
        for name, data in wanted.items()
        if not (repository / name).is_file() or (repository / name).read_bytes() != data
    ]
    there = {
        path.relative_to(repository).as_posix()
        for path in (repository / "notebooks").rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
    return sorted([*stale, *(there - wanted.keys())])


@functools.cache
def lesson_files(lesson: Lesson) -> dict[str, bytes]:
    """A lesson's notebook and its check data, by path in the repository."""
    notebook = released(lesson)
    checks = json.dumps(check_data(lesson), ensure_ascii=False, sort_keys=True, indent=1)
    return {
        f"notebooks/{lesson.name}.ipynb": write_notebook(notebook),
        f"notebooks/attend/checks/{lesson.name}.json": (checks + "\n").encode(),
    }


def attend_files() -> dict[str, bytes]:
    """The attend package as it lies beside the notebooks, with the data that it reads."""
    modules = sorted(ATTEND.glob("*.py"))
    files = {f"notebooks/attend/{path.name}": path.read_bytes() for path in modules}
    data = ATTEND.parents[1] / "data"
    return files | {
        f"notebooks/attend/data/{name}": (data / name).read_bytes() for name in CHECKSUMS
    }


def attend_zip(lessons: Sequence[Lesson]) -> bytes:
    """The attend package with these lessons' check data, as an archive that Python imports from.

    The same contents give the same bytes: names are sorted and dates are fixed.
    """
    files = attend_files()
    for lesson in lessons:
        files |= {name: data for name, data in lesson_files(lesson).items() if "/attend/" in name}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name.removeprefix("notebooks/"), ZIP_DATE)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def _write_all(repository: Path, files: dict[str, bytes]) -> list[Path]:
    changed = []
    for name, data in files.items():
        path = repository / name
        if path.is_file() and path.read_bytes() == data:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        changed.append(path)
    return changed

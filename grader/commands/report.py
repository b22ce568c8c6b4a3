"""`grader report`: the class as one self-contained HTML page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from grader.course import Lesson
from grader.errors import GraderError
from grader.terminal import CourseFolder, out

__all__ = ["report"]

TRUTH = {"student", "lesson", "exercise", "points", "status"}  # what each item must say
RECORD = TRUTH | {"max_points", "misconception", "message", "seconds"}


def report(
    course: CourseFolder = Path("course"),
    records: Annotated[
        Path | None, typer.Option(help="Records that `grade --json` wrote; else the course's last.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="What each verdict must be, where that is known.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="The page; else COURSE/report.html.")
    ] = None,
    title: Annotated[str, typer.Option(help="The page's title.")] = "Class report",
) -> None:
    """Write the class report: one HTML file that needs no network."""
    from grader.course import find_repository, load_lessons
    from grader.report import write_report

    graded, seconds = _records(records or course / "records.json")
    lessons = [_described(lesson) for lesson in load_lessons(find_repository())]
    page = to or course / "report.html"
    known = _checked(_json(truth), truth, TRUTH) if truth else None
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_report(graded, lessons, page, truth=known, title=title, seconds=seconds)
    except OSError as error:
        raise GraderError(f"{page} cannot be written: {error.strerror}.") from None
    if known:
        right = _equal(graded, known)
        out.print(f"{right} of {len(known)} verdicts equal the truth.")
    out.print("The report is in")
    out.print(str(page.resolve()), markup=False)


def _records(path: Path) -> tuple[list[dict[str, Any]], float | None]:
    data = _json(path)
    if isinstance(data, dict):
        return _checked(data.get("records"), path, RECORD), data.get("seconds")
    return _checked(data, path, RECORD), None


def _checked(data: Any, path: Path, fields: set[str]) -> list[dict[str, Any]]:
    whole = isinstance(data, list) and all(
        isinstance(item, dict) and fields <= item.keys() for item in data
    )
    if not whole:
        raise GraderError(f"{path} holds no records such as `grader grade --json` writes.")
    return list(data)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GraderError(f"{path} is not there; `grader grade` writes it.") from None
    except (OSError, ValueError):
        raise GraderError(f"{path} cannot be read as JSON.") from None


def _described(lesson: Lesson) -> dict[str, Any]:
    return {
        "name": lesson.name,
        "title": lesson.title,
        "exercises": [
            {"name": item.name, "points": item.total, "requirements": item.points}
            for item in lesson.exercises.values()
        ],
        "misconceptions": {
            name: {key: item.sentence for key, item in lesson.misconceptions(name).items()}
            for name in lesson.exercises
        },
    }


def _equal(records: list[dict[str, Any]], truth: list[dict[str, Any]]) -> int:
    def verdicts(items: list[dict[str, Any]]) -> dict[tuple[str, str, str], tuple[float, str]]:
        return {
            (item["student"], item["lesson"], item["exercise"]): (item["points"], item["status"])
            for item in items
        }

    got = verdicts(records)
    return sum(got.get(key) == value for key, value in verdicts(truth).items())

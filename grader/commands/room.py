"""`grader room`: the course as a live workshop, in browsers."""

from __future__ import annotations

import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from grader.errors import MACHINE, GraderError, MachineError
from grader.terminal import CourseFolder, JsonFile, err, out, progress, write_json

__all__ = ["room"]

room = typer.Typer(help="The course as a live workshop, in browsers.", no_args_is_help=True)
Folder = Annotated[
    Path | None, typer.Option("--folder", help="The room's folder; else your own, or /var/lib.")
]
PathName = Annotated[str, typer.Option("--path", help="The path through the course.")]
Port = Annotated[int, typer.Option(help="The port that learners' browsers come to.")]


@room.command()
def start(
    course: CourseFolder = Path("course"),
    folder: Folder = None,
    path: PathName = "day",
    ip: Annotated[str, typer.Option(help="The address to listen on; all by default.")] = "0.0.0.0",
    port: Port = 8000,
    until: Annotated[
        str | None, typer.Option(help="When submissions stop counting today, such as 16:30.")
    ] = None,
    without_walls: Annotated[
        bool,
        typer.Option("--without-walls", help="Start even where nothing keeps learners apart."),
    ] = False,
) -> None:
    """Start the workshop, and end it with Ctrl-C."""
    from grader.course import find_repository
    from grader.room import start as starting
    from grader.room.doctor import missing_parts
    from grader.room.plan import load_plan
    from grader.room.walls import find_walls

    missing = missing_parts()
    if missing:
        raise MachineError(" ".join(missing))
    repository = find_repository()
    plan = load_plan(repository, path)
    _build(repository, course, path)
    walls = find_walls()
    if not walls.hold and not without_walls:
        raise MachineError(
            f"{walls.told} Start it on Linux 5.13 or newer, or as root; or, with people who may "
            "see each other's work and the answers, with --without-walls."
        )
    place = folder or starting.default_folder()
    opened = starting.open_folder(place, repository, course, path, ip, port, walls)
    starting.set_deadline(opened, _today(until))
    if walls.hold:
        starting.prove(opened)
    first = starting.release_first(opened, plan)
    out.print(walls.told, markup=False)
    running = starting.Running(opened)
    settings = opened.settings()
    for line in _invitation(starting.addresses(settings), settings.password, first):
        out.print(line, markup=False)
    out.print(f"You: the name teacher, the password {settings.teacher_password}", markup=False)
    out.print(f"Files: {opened.folder}   Log: {running.log}   End: Ctrl-C", markup=False)
    starting.run(running, lambda said: out.print(said, markup=False))


@room.command()
def doctor(
    folder: Folder = None,
    port: Port = 8000,
    people: Annotated[int, typer.Option(help="How many learners will come.")] = 30,
    json: JsonFile = None,
) -> None:
    """Try each part that the workshop needs on this machine, and say how to get what is missing."""
    from grader.course import find_repository
    from grader.room.doctor import CHECKS, examine
    from grader.room.start import default_folder

    findings = []
    with progress("Trying", CHECKS) as done:
        for finding in examine(find_repository(), folder or default_folder(), port, people):
            findings.append(finding)
            done(finding.name)
    for finding in findings:
        out.print(("[green]✓[/]" if finding.holds else "[red]✗[/]") + f" {finding.name}: ", end="")
        out.print(finding.seen, markup=False)
    write_json(json, [finding.record() for finding in findings])
    if not all(finding.holds for finding in findings):
        raise typer.Exit(MACHINE)
    out.print("The room can start: `grader room start`.")


@room.command()
def page(
    events: Annotated[
        Path | None, typer.Option(help="The events that your checks wrote; else your own.")
    ] = None,
    path: PathName = "semester",
    to: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("progress.html"),
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
) -> None:
    """Your own progress as one page, from what your checks wrote down; no hub is needed."""
    from grader.attend.events import events_file
    from grader.course import find_repository
    from grader.room.alone import write_page
    from grader.room.plan import load_plan

    count = write_page(events or events_file(), load_plan(find_repository(), path), to)
    out.print(f"{count} events; the page is in")
    out.print(str(to.resolve()), markup=False)
    if show:
        webbrowser.open(to.resolve().as_uri())


@room.command()
def minutes(
    folder: Folder = None,
    path: PathName = "semester",
    write: Annotated[
        bool, typer.Option("--write", help="Write them into the lessons; then `grader build`.")
    ] = False,
) -> None:
    """What each exercise took the class: the median of those who passed."""
    from grader.course import find_repository
    from grader.room.folder import RoomFolder
    from grader.room.minutes import measured, write_minutes
    from grader.room.plan import load_plan
    from grader.room.start import default_folder
    from grader.room.store import Store

    opened = RoomFolder(folder or default_folder())
    opened.settings()
    repository = find_repository()
    store = Store(opened.store)
    found = measured(load_plan(repository, path), store.events())
    store.close()
    table = Table("lesson", "exercise", "planned", "median", "learners who passed")
    for one in found:
        numbers = f"{one.planned:g}", f"{one.median:.1f}", str(one.learners)
        table.add_row(one.lesson, one.exercise, *numbers)
    out.print(table)
    if write:
        for one in write_minutes(repository, found):
            out.print(f"{one.lesson}, {one.exercise}: {one.planned:g} became {one.printed}")
        out.print("Now run `grader build`, and read what it changes.")


def _build(repository: Path, course: Path, path: str) -> None:
    """Make the nbgrader course where there is none yet."""
    from grader.course import load_lessons
    from grader.nbgrader_course import build_course, open_course
    from grader.paths import load_path, path_lessons

    try:
        open_course(course)
    except GraderError:
        lessons = path_lessons(load_path(repository, path), load_lessons(repository))
        err.print(f"There is no course in {course} yet: making it, once.", markup=False)
        with progress("Building", len(lessons)) as done:
            build_course(course, lessons, done=done)


def _today(until: str | None) -> float | None:
    """A time of today as seconds since 1970."""
    if until is None:
        return None
    try:
        clock = datetime.strptime(until, "%H:%M").time()
    except ValueError:
        raise GraderError(f"--until is a time of today such as 16:30, not {until!r}.") from None
    return datetime.combine(datetime.now().date(), clock).timestamp()


def _invitation(addresses: list[str], password: str, lesson: str) -> list[str]:
    """What the teacher writes on the wall."""
    where = "   or here, on this machine: ".join(addresses)
    return [
        "",
        f"  Open      {where}",
        "  Name      any, in any script",
        f"  Password  {password}",
        "",
        f"Everybody lands on {lesson}. Learners are told: the room sees which exercise, passed or "
        "not, and which known mistake, never their code.",
    ]

"""A real room for tests: hub, proxy, service and, where asked, a browser."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from active import browser
from conftest import REPOSITORY

from grader.course import load_lessons
from grader.nbgrader_course import build_course
from grader.room import start
from grader.room.folder import Settings, free_ports
from grader.room.plan import load_plan
from grader.room.walls import find_walls

LESSONS = ["01_dot_products", "02_softmax_and_weighted_sums"]
# Where this is set, a missing part is a failure: a machine that has them all must run all.
REQUIRED = os.environ.get("ATTEND_ROOM_TESTS") == "required"


def missing(*, in_browser: bool = False) -> str:
    """What a live room lacks on this machine, in words; empty where nothing is."""
    lacking = []
    if importlib.util.find_spec("jupyterhub") is None:
        lacking.append("jupyterhub (the extra 'room')")
    if start.find_program("configurable-http-proxy") is None:
        lacking.append("configurable-http-proxy (npm)")
    if in_browser and importlib.util.find_spec("playwright") is None:
        lacking.append("playwright (the extra 'dev')")
    if in_browser and browser() is None:
        lacking.append("chromium")
    return f"not installed here: {', '.join(lacking)}" if lacking else ""


def needs_room(*, in_browser: bool = False) -> Any:
    """The mark of a test that needs a live room."""
    lacking = missing(in_browser=in_browser)
    return pytest.mark.skipif(bool(lacking) and not REQUIRED, reason=lacking or "all is there")


@dataclass
class LiveRoom:
    """A room that is open."""

    running: start.Running

    @property
    def settings(self) -> Settings:
        return self.running.room.settings()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def homes(self) -> Path:
        return self.running.room.homes


def open_way(folder: Path) -> None:
    """Let other accounts pass to a temporary folder: learners must get to their homes."""
    for step in (folder, *folder.parents):
        if step == Path(tempfile.gettempdir()):
            break
        if step.stat().st_uid == os.getuid():
            step.chmod(0o711)


@contextmanager
def open_room(folder: Path, course: Path) -> Iterator[LiveRoom]:
    """Start a room of two lessons, as `grader room start` does; end it with all its servers."""
    open_way(folder)
    plan = load_plan(REPOSITORY, "half-day")
    plan = replace(plan, lessons=tuple(one for one in plan.lessons if one.name in LESSONS))
    if not (course / "course.json").is_file():
        build_course(course, load_lessons(REPOSITORY, LESSONS))
    (port,) = free_ports(1)
    opened = start.open_folder(
        folder / "room", REPOSITORY, course, "half-day", "127.0.0.1", port, find_walls()
    )
    start.prove(opened)
    start.release_first(opened, plan)
    running = start.Running(opened)
    try:
        yield LiveRoom(running)
    finally:
        running.stop()

"""A real room for tests: hub, proxy, service and, where asked, a browser."""

from __future__ import annotations

import importlib.util
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
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
DESKTOP = {"width": 1280, "height": 900}
SLOW = 120_000  # milliseconds: thirty servers start on two cores


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
    """A room that is open, until somebody kills it."""

    folder: Path
    course: Path
    port: int
    running: start.Running = field(init=False)
    left: list[psutil.Process] = field(default_factory=list)  # what outlives a hub that is killed

    def __post_init__(self) -> None:
        self.start()

    @property
    def settings(self) -> Settings:
        return self.running.room.settings()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def homes(self) -> Path:
        return self.running.room.homes

    def start(self) -> None:
        """Start the room of this folder, as `grader room start` does; again, where it was one."""
        plan = load_plan(REPOSITORY, "half-day")
        first, second = (one for one in plan.lessons if one.name in LESSONS)
        # As if the second's given cells held an answer of the first: the teacher is warned of it.
        second = replace(second, shows=((first.name, "score_matrix"),))
        opened = start.open_folder(
            self.folder, REPOSITORY, self.course, "half-day", "127.0.0.1", self.port, find_walls()
        )
        start.prove(opened)
        start.release_first(opened, replace(plan, lessons=(first, second)))
        self.running = start.Running(opened)

    def kill(self) -> None:
        """Kill the hub, as a machine short of memory does."""
        hub = psutil.Process(self.running.pid)
        self.left += hub.children(recursive=True)
        hub.send_signal(signal.SIGKILL)
        self.running.stop()

    def close(self) -> None:
        """End everything that was ever started here."""
        self.running.stop()
        for process in self.left:
            if process.is_running():
                process.kill()


def open_way(folder: Path) -> None:
    """Let other accounts pass to a temporary folder: learners must get to their homes."""
    for step in (folder, *folder.parents):
        if step == Path(tempfile.gettempdir()):
            break
        if step.stat().st_uid == os.getuid():
            step.chmod(0o711)


@contextmanager
def open_room(folder: Path, course: Path) -> Iterator[LiveRoom]:
    """Start a room of two lessons; end it with all its servers."""
    open_way(folder)
    if not (course / "course.json").is_file():
        build_course(course, load_lessons(REPOSITORY, LESSONS))
    (port,) = free_ports(1)
    live = LiveRoom(folder / "room", course, port)
    try:
        yield live
    finally:
        live.close()


@contextmanager
def open_browser() -> Iterator[Any]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        yield launched
        launched.close()


def come_in(chromium: Any, room: LiveRoom, name: str, url: str = "") -> Iterator[Any]:
    """A page of somebody who has just logged in, at the room's own address or at another."""
    known = room.settings
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(SLOW)
    password = known.teacher_password if name == "teacher" else known.password
    log_in(page, url or room.url, name, password)
    yield page
    context.close()


def log_in(page: Any, url: str, name: str, password: str) -> None:
    """Open the room's address, and fill in the form."""
    page.goto(url)
    page.fill("#username_input", name)
    page.fill("#password_input", password)
    page.click("#login_submit")


def run_cell(page: Any, text: str) -> None:
    """Run the code cell of a notebook that holds this text."""
    cell = page.locator(".jp-CodeCell", has_text=text).first
    cell.scroll_into_view_if_needed()
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")


def write_answer(page: Any, name: str, source: str) -> None:
    """Write an answer into its cell, and run it."""
    cell = page.locator(".jp-CodeCell", has_text=f"def {name}(").first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")


def wait_for_kernel(page: Any) -> None:
    """Wait until the notebook is there and its kernel has run the first cell."""
    page.locator(".jp-Notebook").wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    run_cell(page, "from attend import")


def save(page: Any) -> None:
    """Save the notebook."""
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1500)

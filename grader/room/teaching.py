"""What the teacher may ask of the room, one click each."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, authenticated

from grader.errors import GraderError
from grader.room.handlers import Handler, told

__all__ = ["ExportHandler", "TeachHandler"]

LAST_LINES = 3  # of what a command said, where it failed


class TeachHandler(Handler):
    """Release, withdraw, catch everybody up, collect, grade."""

    @authenticated
    async def post(self) -> None:
        """Do it, and say in a sentence what was done."""
        if not self.is_teacher:
            raise HTTPError(403, "Only the teacher may do this.")
        data = self.body()
        action, lesson = self.word(data, "action"), self.word(data, "lesson")
        known: dict[str, Callable[[str], Any]] = {
            "release": self._release,
            "withdraw": self._withdraw,
            "catch-up": self._catch_up,
            "collect": self._collect,
            "grade": self._grade,
        }
        if action not in known:
            raise HTTPError(400, f"Expected one of {', '.join(known)}.")
        with told():
            said = await known[action](lesson)
        self.finish({"said": said})

    async def _release(self, lesson: str) -> str:
        return f"{lesson} is released: {_people(self.room.release(lesson))} have it now."

    async def _withdraw(self, lesson: str) -> str:
        self.room.withdraw(lesson)
        return f"{lesson} is withdrawn: who comes now does not get it. No notebook was touched."

    async def _catch_up(self, lesson: str) -> str:
        count = await self.room.catch_everybody_up(lesson)
        return f"{_people(count)} got {lesson} solved; their own work lies beside it."

    async def _collect(self, lesson: str) -> str:
        count = self.room.collect(lesson)
        return f"{count} changed notebooks of {lesson} were collected; they are graded now."

    async def _grade(self, lesson: str) -> str:
        await self.room.desk.finished()
        await run_grader("grade", "--course", self.room.settings.course, "--workers", "1")
        return "Everything that counts is in the gradebook. `grader report` writes the class page."


class ExportHandler(Handler):
    """The scores, as CSV."""

    @authenticated
    async def get(self) -> None:
        """Write them, and send them."""
        if not self.is_teacher:
            raise HTTPError(403, "Only the teacher may do this.")
        course = self.room.settings.course
        with tempfile.TemporaryDirectory(dir=self.room.folder.own) as folder:
            path = Path(folder) / "grades.csv"
            with told():
                await run_grader("export", "--course", course, "--out", str(path))
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            self.set_header("Content-Disposition", 'attachment; filename="grades.csv"')
            self.finish(path.read_bytes())


async def run_grader(*arguments: str) -> None:
    """Run one of grader's commands in a process of its own.

    Raises:
        GraderError: with its last words, where it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "grader.cli", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        words = said.decode("utf-8", "replace").strip().splitlines()[-LAST_LINES:]
        raise GraderError(" ".join(words) or f"`grader {arguments[0]}` failed.")


def _people(count: int) -> str:
    return "1 learner" if count == 1 else f"{count} learners"

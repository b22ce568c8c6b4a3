"""Learners' folders, touched by the room with care: what is in them is the learner's to arrange.

The room may be root, and a learner may put a link where a notebook was. So every step of a path is
opened without following links, and what is read must be a plain file of its owner.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Home"]

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Home:
    """One learner's folder; `uid` is its owner, or None where all share this account."""

    folder: Path
    uid: int | None = None

    @property
    def _owner(self) -> int:
        return os.geteuid() if self.uid is None else self.uid

    def make(self, mode: int = 0o700) -> None:
        """Make it if missing, closed to everybody else unless `mode` says otherwise.

        Raises:
            OSError: where something else has its name, or this account may not own it.
        """
        with contextlib.suppress(FileExistsError):
            self.folder.mkdir(mode=0o700)
        with self._open(()) as here:
            os.fchown(here, self._owner, -1 if self.uid is None else self.uid)
            os.fchmod(here, mode)

    def read(self, path: str, limit: int) -> bytes | None:
        """A plain file's bytes; None where there is none, it is too large, or something else."""
        *folders, name = path.split("/")
        try:
            with self._open(folders) as here:
                file = os.open(name, PLAIN, dir_fd=here)
        except OSError:
            return None
        with os.fdopen(file, "rb") as opened:
            facts = os.fstat(file)
            theirs = stat.S_ISREG(facts.st_mode) and facts.st_uid == self._owner
            if not theirs or facts.st_size > limit:
                return None
            data = opened.read(limit + 1)
        return None if len(data) > limit else data

    def write(self, path: str, data: bytes) -> None:
        """Put a file there, whole or not at all; folders on the way are made.

        Raises:
            OSError: where the learner's own folders do not allow it.
        """
        *folders, name = path.split("/")
        with self._open(folders, make=True) as here:
            part = f".part-{secrets.token_hex(8)}"
            with os.fdopen(os.open(part, NEW, 0o600, dir_fd=here), "wb") as file:
                file.write(data)
                if self.uid is not None:
                    os.fchown(file.fileno(), self.uid, self.uid)
            try:
                os.rename(part, name, src_dir_fd=here, dst_dir_fd=here)
            except OSError:
                os.unlink(part, dir_fd=here)
                raise

    def has(self, path: str) -> bool:
        """Whether anything lies there."""
        *folders, name = path.split("/")
        try:
            with self._open(folders) as here:
                os.stat(name, dir_fd=here, follow_symlinks=False)
        except OSError:
            return False
        return True

    def put_aside(self, name: str, mark: str) -> str | None:
        """Rename a file to "NAME (mark)", numbered where that is taken; None where there is none.

        Returns:
            The new name.
        """
        if not self.has(name):
            return None
        stem, dot, suffix = name.rpartition(".")
        number = 1
        while self.has(
            free := f"{stem} ({mark}{'' if number == 1 else f' {number}'}){dot}{suffix}"
        ):
            number += 1
        with self._open(()) as here:
            os.rename(name, free, src_dir_fd=here, dst_dir_fd=here)
        return free

    @contextlib.contextmanager
    def _open(self, folders: list[str] | tuple[()], make: bool = False) -> Iterator[int]:
        """A descriptor of the innermost folder, reached without following a link."""
        here = os.open(self.folder, FOLDER)
        try:
            for name in folders:
                if make:
                    self._make_folder(here, name)
                inner = os.open(name, FOLDER, dir_fd=here)
                os.close(here)
                here = inner
            yield here
        finally:
            os.close(here)

    def _make_folder(self, here: int, name: str) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=here)
            if self.uid is not None:
                os.chown(name, self.uid, self.uid, dir_fd=here, follow_symlinks=False)

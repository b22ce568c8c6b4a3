"""The one folder that a submission may write: made where there is room, removed however deep."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from grader.errors import MachineError

__all__ = ["Scratch", "make_folder", "remove_folder"]

BYTES = 256 << 20  # on disk, all files together
ENTRIES = 2000  # files and folders together
ROOM = 64 << 20  # bytes that must be free: a full disk must not fail an honest answer
NO_ROOM = (
    "A submission needs a scratch folder, with 64 MB free, and {} has not ({}). Make room, or name "
    "another folder in TMPDIR; what was graded is kept."
)


class Scratch:
    """A fresh folder, in a home that is there already or in the system's own place."""

    def __init__(self, home: Path | None = None) -> None:
        """Make it.

        Raises:
            MachineError: where there is no room.
        """
        self.path = make_folder("attend-scratch-", home)

    def is_flooded(self) -> bool:
        """Whether it holds more bytes or entries than a submission may write."""
        size = entries = 0
        waiting = [str(self.path)]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as found:
                    for entry in found:
                        entries += 1
                        if entries > ENTRIES:
                            return True
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
            except OSError:  # gone since, or closed by its mode: what is in it stays uncounted
                continue
            if size > BYTES:
                return True
        return False

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        remove_folder(self.path)


def make_folder(prefix: str, home: Path | None = None) -> Path:
    """A fresh folder on a disk with room.

    Raises:
        MachineError: where there is none.
    """
    place: Path | str = home or "the system's temporary folder"
    try:
        place = home or tempfile.gettempdir()
        if shutil.disk_usage(place).free < ROOM:
            raise MachineError(NO_ROOM.format(place, "the disk is full"))
        return Path(tempfile.mkdtemp(prefix=prefix, dir=home))
    except OSError as error:
        raise MachineError(NO_ROOM.format(place, error.strerror)) from None


def remove_folder(path: Path) -> None:
    """Remove a folder that a submission has written in, whatever it made there."""
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):  # folders in folders, or some that may not be entered
        if not path.exists():
            return
        _open_folders(path)
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(["rm", "-rf", "--", str(path)], check=False, timeout=60)
        shutil.rmtree(path, ignore_errors=True)


def _open_folders(folder: Path) -> None:
    """Undo modes that keep the owner out; the watch leaves few folders to go through."""
    waiting = [str(folder)]
    while waiting:
        path = waiting.pop()
        with contextlib.suppress(OSError):
            Path(path).chmod(0o700)
            with os.scandir(path) as found:
                waiting += [entry.path for entry in found if entry.is_dir(follow_symlinks=False)]

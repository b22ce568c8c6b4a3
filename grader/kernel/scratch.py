"""The one folder that a submission may write: watched as it runs, removed after, however deep."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader.kernel import watchdog

__all__ = ["Scratch"]

BYTES = 256 << 20  # on disk, all files together
ENTRIES = 2000  # files and folders together
SECONDS = 0.2  # between two looks


class Scratch:
    """A fresh folder. `watch` ends who floods it: file size limits do not bound many files."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="attend-scratch-"))
        self._stop: Callable[[], None] = lambda: None

    def watch(self, kill: Callable[[], None]) -> None:
        """Look at the folder from time to time, and call `kill` where it holds too much."""

        def look() -> None:
            if is_flooded(self.path):
                kill()

        self._stop = watchdog.every(SECONDS, look)

    def remove(self) -> None:
        """Stop watching, and remove the folder with all that is in it."""
        self._stop()
        try:
            shutil.rmtree(self.path)
        except (OSError, RecursionError):  # folders in folders, or some that may not be entered
            _open_folders(self.path)
            with contextlib.suppress(OSError):
                subprocess.run(["rm", "-rf", "--", str(self.path)], check=False, timeout=60)
            shutil.rmtree(self.path, ignore_errors=True)


def is_flooded(folder: Path) -> bool:
    """Whether a folder holds more bytes or entries than a submission may write."""
    size = entries = 0
    waiting = [str(folder)]
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


def _open_folders(folder: Path) -> None:
    """Undo modes that keep the owner out; the watch leaves few folders to go through."""
    waiting = [str(folder)]
    while waiting:
        path = waiting.pop()
        with contextlib.suppress(OSError):
            Path(path).chmod(0o700)
            with os.scandir(path) as found:
                waiting += [entry.path for entry in found if entry.is_dir(follow_symlinks=False)]

"""Verdicts kept on disk under the hash of all that they depend on.

A run that was cut short goes on where it stopped; a second run costs next to nothing; one changed
notebook costs one. A kept verdict is written whole or not at all. `grader grade` and nbgrader's own
commands read and write the same ones.

They lie beside gradebook.db and are trusted as it is: a submission can reach neither, and who may
write there could write the scores themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.grading import Verdict
from grader.submission import is_linked
from grader.submissions import Submission

__all__ = ["Graded", "KeptVerdicts", "fingerprint"]

READ = 64 << 20  # bytes of a notebook that its hash is taken from; more are not graded


@dataclass(frozen=True)
class Graded:
    """One submission's verdicts and the notebook that shows them."""

    submission: Submission
    verdicts: tuple[Verdict, ...]
    notebook: str
    content: str  # the hash of the bytes that were graded, whatever has come in since

    @property
    def records(self) -> list[dict[str, Any]]:
        """Its verdicts as records of `grade --json`."""
        submission = self.submission
        return [item.record(submission.student, submission.lesson) for item in self.verdicts]


class KeptVerdicts:
    """The folder of kept verdicts."""

    def __init__(self, folder: Path, digests: Mapping[str, str]) -> None:
        """Open the folder, made if missing.

        Args:
            folder: where they are kept.
            digests: for each lesson's name, the hash of all but the notebook that matters.

        Raises:
            GraderError: where the folder cannot be made.
        """
        self._folder = folder
        self._digests = digests
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GraderError(f"{folder} cannot be made: {error.strerror}.") from None

    def find(self, submission: Submission, content: str) -> Graded | None:
        """The verdicts that are kept for a submission whose notebook has this hash, or None."""
        try:
            seal, text = self._path(submission, content).read_text(encoding="utf-8").split("\n", 1)
            if seal != _seal(text):
                return None
            data = json.loads(text)
            verdicts = tuple(
                Verdict(**{**item, "failed_cases": tuple(item["failed_cases"])})
                for item in data["verdicts"]
            )
            return Graded(submission, verdicts, str(data["notebook"]), content)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, graded: Graded) -> None:
        """Keep one.

        Raises:
            GraderError: where it cannot be written; what was kept before stays.
        """
        data = {"verdicts": [asdict(item) for item in graded.verdicts], "notebook": graded.notebook}
        path = self._path(graded.submission, graded.content)
        part = path.with_suffix(f".{os.getpid()}.part")
        text = json.dumps(data)
        try:
            part.write_text(f"{_seal(text)}\n{text}", encoding="utf-8")
            part.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise GraderError(
                f"Verdicts cannot be kept in {self._folder} ({error.strerror}); make room or mend "
                "the folder's rights, and run the same command again: what is kept is not redone."
            ) from None

    def _path(self, submission: Submission, content: str) -> Path:
        parts = [self._digests[submission.lesson], submission.student, submission.lesson, content]
        hashed = hashlib.sha256(json.dumps(parts).encode())  # so that no name runs into the next
        return self._folder / f"{hashed.hexdigest()}.json"


def _seal(text: str) -> str:
    """What shows that a kept verdict is as it was written, whatever became of the disk since."""
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(path: Path) -> str:
    """The hash of a submitted notebook's bytes; of nothing, where there is no plain file."""
    hashed = hashlib.sha256()
    with contextlib.suppress(OSError):
        if path.is_file() and not is_linked(path):
            with path.open("rb") as file:
                hashed.update(file.read(READ))
    return hashed.hexdigest()

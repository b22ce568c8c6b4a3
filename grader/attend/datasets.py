"""The small data sets that travel with the notebooks, each read in one place.

In the repository they lie in data/, with their cards and makers; the build copies them to
notebooks/attend/data/, and into attend.zip.
"""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from pathlib import Path

__all__ = ["CHECKSUMS", "english_prose"]

CHECKSUMS = {  # SHA-256
    "english_prose.txt": "369c2e414634ecf4f787dc0c80cffec8d079117c7659663a280fea57ce7cd0f6",
}


@functools.cache
def english_prose() -> str:
    """English prose on how Python works, one paragraph a line, from Python's own documentation."""
    return _read("english_prose.txt").decode()


def _read(name: str) -> bytes:
    """A data file, held against its checksum.

    Raises:
        ValueError: where the file is not the one that the lessons were made with.
    """
    beside = resources.files(__package__) / "data" / name
    in_repository = Path(__file__).parents[2] / "data" / name
    data = beside.read_bytes() if beside.is_file() else in_repository.read_bytes()
    if hashlib.sha256(data).hexdigest() != CHECKSUMS[name]:
        raise ValueError(f"{name} was changed; take the file that came with the notebooks.")
    return data

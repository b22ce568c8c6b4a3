"""The small data sets that travel with the notebooks, each read in one place.

In the repository they lie in data/, with their cards and makers; the build copies them to
notebooks/attend/data/, and into attend.zip.
"""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from pathlib import Path
from typing import NamedTuple

__all__ = ["CHECKSUMS", "Review", "english_prose", "film_reviews"]

CHECKSUMS = {  # SHA-256
    "english_prose.txt": "369c2e414634ecf4f787dc0c80cffec8d079117c7659663a280fea57ce7cd0f6",
    "reviews.tsv": "d4cae6fb47a9c9ec7d01ddc70d39d6af7185319f9935bc8799aee8b9ddcb81e5",
}


class Review(NamedTuple):
    """What somebody wrote of a film, and whether it is good (label 1) or bad (label 0).

    `kinds` says of what kinds the sentences of a made review are: "plain", "contrast+negated".
    """

    text: str
    label: int
    kinds: str = ""


@functools.cache
def english_prose() -> str:
    """English prose on how Python works, one paragraph a line, from Python's own documentation."""
    return _read("english_prose.txt").decode()


@functools.cache
def film_reviews() -> dict[str, list[Review]]:
    """Reviews made by a grammar, by split: 4,000 in "train", 1,000 each in "valid" and "test"."""
    parts: dict[str, list[Review]] = {}
    for line in _read("reviews.tsv").decode().splitlines():
        split, label, kinds, text = line.split("\t")
        parts.setdefault(split, []).append(Review(text, int(label), kinds))
    return parts


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

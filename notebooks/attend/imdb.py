"""The real IMDb reviews (Maas et al., 2011), from an archive that the learner has or asks for.

Nothing is downloaded unless asked. The archive must have the right checksum, is read where it lies,
and is never unpacked. See data/README.md for its card.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from .datasets import Review

if TYPE_CHECKING:
    from http.client import HTTPResponse

__all__ = ["imdb_reviews"]

URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
SHA256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
TEXT = re.compile(r"aclImdb/(train|test)/(pos|neg)/(\d+)_\d+\.txt")
LARGEST = 1 << 20  # bytes of one review; the archive's are far smaller
HELD_OUT = 10  # one in so many training reviews is for validation
CHUNK = 1 << 20
SECONDS = 30  # without an answer from the server


def imdb_reviews(
    archive: str | Path = "aclImdb_v1.tar.gz", download: bool = False
) -> dict[str, list[Review]]:
    """Read the Large Movie Review Dataset from its archive.

    Args:
        archive: where aclImdb_v1.tar.gz lies, or is to lie.
        download: fetch it there (84 MB) where it is missing. A download that broke off goes on
            from where it was.

    Returns:
        Reviews by split, each half positive (label 1) and half negative (0): 22,500 in "train",
        2,500 in "valid", 25,000 in "test". The archive has no validation part: it is the last
        tenth of each half of the training part. Neighbours there judge the same film, and this
        keeps most films in one part. Reviews without a label are left out.

    Raises:
        FileNotFoundError: where there is no archive and none may be downloaded.
        ValueError: where the archive is not the one that was published, or is not safe to read.
        ConnectionError: where the download breaks off; call again, and it goes on.
    """
    path = Path(archive)
    if not path.is_file():
        if not download:
            raise FileNotFoundError(
                f"{path} is not there. Put the archive from {URL} there, or ask for it with "
                "download=True (84 MB)."
            )
        _download(path)
    _check(path)
    return _split(_texts(path))


def _download(path: Path) -> None:
    """Fetch the archive beside its place, and put it there when it is whole and right."""
    import urllib.error  # only here: a page that downloads nothing needs no network library
    import urllib.request

    part = path.with_name(path.name + ".part")
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(URL, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            _write(answer, part, have if answer.status == 206 else 0)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 416:  # 416: nothing is left to send
            raise ConnectionError(f"{URL} answers {error.code} {error.reason}.") from error
    except OSError as error:
        raise ConnectionError(
            f"The download broke off: {error}. Run this again, and it goes on from there."
        ) from error
    try:
        _check(part)
    except ValueError:
        part.unlink()  # what is wrong cannot be gone on from
        raise
    part.replace(path)


def _write(answer: HTTPResponse, part: Path, start: int) -> None:
    """Write what comes behind the first `start` bytes, with a line for each tenth."""
    total = start + int(answer.headers["Content-Length"])
    done, told = start, 10 * start // max(total, 1)
    with part.open("ab" if start else "wb") as file:
        while chunk := answer.read(CHUNK):
            file.write(chunk)
            done += len(chunk)
            if 10 * done // total > told:
                told = 10 * done // total
                print(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB", flush=True)
    if done < total:
        raise OSError(f"{done:,} of {total:,} bytes came")


def _check(path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise ValueError(
            f"{path} is not the published archive: its SHA-256 is {found}, expected {SHA256}. "
            "Was its download cut short? Delete it, and get it again."
        )


def _texts(path: Path) -> dict[tuple[str, int], list[tuple[int, str]]]:
    """(number, text) of each labelled review, by part and label."""
    found: dict[tuple[str, int], list[tuple[int, str]]] = {}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            _refuse(member)
            place = TEXT.fullmatch(member.name)
            file = archive.extractfile(member) if place and member.isfile() else None
            if place and file:
                text = file.read().decode("utf-8").replace("<br />", " ")
                key = place[1], int(place[2] == "pos")
                found.setdefault(key, []).append((int(place[3]), text))
    return found


def _refuse(member: tarfile.TarInfo) -> None:
    """Refuse what would write or reach outside, were it unpacked, and what is too large to read.

    Raises:
        ValueError: for an absolute path, one with "..", a link, a device, a file of over 1 MB that
            would be read.
    """
    place = PurePosixPath(member.name.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in member.name:
        raise ValueError(f"The archive holds {member.name!r}, a path that climbs out of it.")
    if not (member.isfile() or member.isdir()):
        raise ValueError(f"The archive holds {member.name!r}, which is no file and no folder.")
    if TEXT.fullmatch(member.name) and member.size > LARGEST:
        raise ValueError(f"The archive's {member.name} has {member.size:,} bytes: no review.")


def _split(found: dict[tuple[str, int], list[tuple[int, str]]]) -> dict[str, list[Review]]:
    """Each split with both labels by turns, in the order of the reviews' numbers."""
    parts: dict[str, list[list[Review]]] = {"train": [], "valid": [], "test": []}
    for part, label in (("train", 0), ("train", 1), ("test", 0), ("test", 1)):
        reviews = [Review(text, label) for _, text in sorted(found.get((part, label), []))]
        if not reviews:
            raise ValueError(f"The archive holds no reviews in aclImdb/{part} of label {label}.")
        kept = len(reviews) - len(reviews) // HELD_OUT if part == "train" else len(reviews)
        parts[part].append(reviews[:kept])
        if part == "train":
            parts["valid"].append(reviews[kept:])
    return {
        part: [review for pair in zip(*halves, strict=True) for review in pair]
        for part, halves in parts.items()
    }

"""What the lessons and docs cite stands in docs/references.bib, and nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
ARXIV = re.compile(r"\b\d{4}\.\d{5}\b")


def _bibliography() -> list[str]:
    text = (REPOSITORY / "docs" / "references.bib").read_text(encoding="utf-8")
    return re.findall(r"^@\w+(\{.*?)^\}", text, re.DOTALL | re.MULTILINE)


def _pages() -> str:
    lessons = (REPOSITORY / "solutions").glob("lesson_*/*.py")
    files = [*lessons, *(REPOSITORY / "docs").glob("*.md")]
    return " ".join(path.read_text(encoding="utf-8") for path in files)


def test_every_arxiv_number_is_in_the_bibliography() -> None:
    known = {number for entry in _bibliography() for number in ARXIV.findall(entry)}
    assert set(ARXIV.findall(_pages())) - known == set()


def test_every_entry_is_cited_by_its_first_author() -> None:
    pages = _pages()
    uncited = []
    for entry in _bibliography():
        key = entry.split("{")[1].split(",")[0]
        author = re.search(r"author = \{(?:.*?)(\w+)(?: and|\})", entry)
        assert author is not None, key
        if author.group(1) not in pages:
            uncited.append(key)
    assert uncited == []

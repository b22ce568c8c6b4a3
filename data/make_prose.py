"""Make english_prose.txt from the language reference that ships inside Python 3.11.7.

`python data/make_prose.py` writes the file. Other versions of Python hold other texts, so the file
is frozen here; see README.md for its card.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from pydoc_data import topics

MADE_WITH = (3, 11, 7)
SHORTEST = 60  # characters of a paragraph
PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "*": None})
ALPHABET = re.compile(r"[A-Za-z0-9 .,;:'\"()!?/=+_-]*")
LETTERS = 0.87  # the share of letters, spaces and stops below which a paragraph is code or a table


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of running English in one topic, each on one line."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.translate(PLAIN).splitlines()]
        paragraph = re.sub(r"\[\d+\] ?", "", " ".join(lines)).strip()
        paragraph = re.sub(r" +", " ", paragraph)
        plain = sum(letter.isalpha() or letter in " .,'" for letter in paragraph)
        if (
            len(paragraph) >= SHORTEST
            and paragraph[-1] in ".:"
            and ALPHABET.fullmatch(paragraph)
            and plain >= LETTERS * len(paragraph)
        ):
            yield paragraph


def prose() -> str:
    """Every paragraph once, in the order of the topics' names, one a line."""
    found = [
        paragraph for name in sorted(topics.topics) for paragraph in paragraphs(topics.topics[name])
    ]
    return "\n".join(dict.fromkeys(found)) + "\n"


if __name__ == "__main__":
    if sys.version_info[:3] != MADE_WITH:
        sys.exit(f"The text was made with Python {MADE_WITH}; this is {sys.version_info[:3]}.")
    (Path(__file__).parent / "english_prose.txt").write_text(prose(), encoding="utf-8")

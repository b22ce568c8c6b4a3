"""What a student kernel says of itself, cut down to what may be passed on."""

from __future__ import annotations

import unicodedata
from typing import Any

__all__ = ["plain_error", "plain_text"]

ERROR_FIELDS = {"type": 80, "message": 1500, "text": 200}  # characters that may reach feedback
HIDDEN = ("Cc", "Cs", "Cf", "Zl", "Zp")  # controls, half surrogate pairs, marks that turn the text


def plain_error(error: Any) -> dict[str, Any] | None:
    """An error as plain short text; None where there is none.

    The child is not to be believed: any value may stand in any field, of any length.
    """
    if type(error) is not dict:
        return None
    line = error.get("line")
    fields = {name: plain_text(error.get(name), longest) for name, longest in ERROR_FIELDS.items()}
    return {**fields, "line": line if type(line) is int and 0 < line < 1_000_000 else 0}


def plain_text(said: Any, longest: int) -> str:
    """The start of a string, with what cannot be shown replaced; empty for any other value."""
    text = said[:longest] if type(said) is str else ""
    return "".join(
        letter
        if letter in "\n\t" or unicodedata.category(letter) not in HIDDEN
        else "\N{REPLACEMENT CHARACTER}"
        for letter in text
    )

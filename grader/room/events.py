"""Events: what checks say, read with suspicion, since a learner's kernel sends them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError

__all__ = ["KINDS", "STATUSES", "Event", "read_event", "read_events_file"]

KINDS = ("opened", "checked", "stuck", "unstuck", "caught_up")
OWN_KINDS = KINDS[:4]  # what a learner may send; the rest only the room itself says
STATUSES = ("", "passed", "failing", "unwritten")
NAME = re.compile(r"[A-Za-z0-9_]{0,80}")
MOST_ATTEMPTS = 100_000
OLDEST = 36 * 3600.0  # seconds that an event may have waited on a laptop that slept


@dataclass(frozen=True)
class Event:
    """One thing that happened: who, when, on which exercise, and how it stood. Never code."""

    id: str
    account: str
    at: float  # seconds since 1970
    kind: str
    lesson: str
    exercise: str = ""
    status: str = ""
    attempt: int = 0
    misconception: str = ""

    def record(self) -> dict[str, Any]:
        """The event as plain data."""
        return asdict(self)


def read_event(data: Any, account: str, received: float) -> Event | None:
    """One event as a learner's kernel sent it, or None where it is none.

    Args:
        data: untrusted JSON. Whom it says it is from does not matter.
        account: whose token came with it.
        received: when it came; what claims to be from the future is from now.
    """
    if not isinstance(data, dict) or data.get("kind") not in OWN_KINDS:
        return None
    words = {
        field: data.get(field, "")
        for field in ("id", "lesson", "exercise", "status", "misconception")
    }
    if not all(isinstance(word, str) and NAME.fullmatch(word) for word in words.values()):
        return None
    at, attempt = data.get("at"), data.get("attempt", 0)
    if isinstance(at, bool) or not isinstance(at, int | float) or not math.isfinite(at):
        return None
    if type(attempt) is not int or not 0 <= attempt <= MOST_ATTEMPTS:
        return None
    if not words["id"] or not words["lesson"] or words["status"] not in STATUSES:
        return None
    if data["kind"] == "checked" and not (words["exercise"] and words["status"]):
        return None
    when = min(max(float(at), received - OLDEST), received)
    return Event(account=account, at=when, kind=data["kind"], attempt=attempt, **words)


def read_events_file(path: Path, account: str, received: float) -> list[Event]:
    """The events of one person's own file; lines that are none are passed over.

    Raises:
        GraderError: where the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise GraderError(
            f"{path} cannot be read ({error.strerror}): it is written by the checks in a notebook. "
            "Run one, or name another file with --events."
        ) from None
    return list(read_lines(text.splitlines(), account, received))


def read_lines(lines: Iterable[str], account: str, received: float) -> Iterator[Event]:
    """The events in lines of JSON."""
    for line in lines:
        try:
            event = read_event(json.loads(line), account, received)
        except (ValueError, RecursionError):
            continue
        if event is not None:
            yield event

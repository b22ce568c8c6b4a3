"""Write down what each check said, for the learner and, in a workshop, the room: never code.

An event says which exercise, which status, which attempt and which known mistake. At home it stays
in one local file, which `grader room page` shows. In a workshop a thread sends it on; whatever
cannot be sent waits in the file, so that nothing is lost while the network or the room is away.
"""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .output import escape, shell

__all__ = ["checked", "events_file", "opened", "room_line"]

FILE, ROOM, PAGE, TOKEN = (
    "ATTEND_EVENTS",  # the local file; without it one in the home folder
    "ATTEND_ROOM",  # the room's address, which the workshop sets
    "ATTEND_ROOM_PAGE",  # the same as the learner's browser sees it
    "JUPYTERHUB_API_TOKEN",  # the learner's own
)
BATCH = 40  # events sent together
FIRST_WAIT, PATIENCE = 0.2, 8.0  # seconds between two tries: at first, and at most
REFUSED = (400, 413)  # the room will never take this batch; anything else may pass

_attempts: Counter[tuple[str, str]] = Counter()
_wake = threading.Event()
_sender: threading.Thread | None = None


def events_file() -> Path:
    """Where this learner's events are written."""
    named = os.environ.get(FILE)
    return Path(named) if named else Path.home() / ".attend" / "events.jsonl"


def opened(lesson: str) -> None:
    """A notebook was opened and its first cell run."""
    if _listens():
        if not _attempts:
            _attempts.update(_counted(events_file()))
        _write({"kind": "opened", "lesson": lesson})


def checked(lesson: str, exercise: str, status: str, misconception: str = "") -> None:
    """A check ran: "passed", "failing" or "unwritten", and which known mistake it saw."""
    if _listens():
        _attempts[lesson, exercise] += 1
        event = {"kind": "checked", "lesson": lesson, "exercise": exercise, "status": status}
        number = _attempts[lesson, exercise]
        _write(event | {"attempt": number, "misconception": misconception})


def room_line(lesson: str) -> str:
    """HTML that leads to the learner's page of the room; empty at home."""
    page = os.environ.get(PAGE)
    if not page:
        return ""
    told = "The room sees which exercise, passed or not, and which known mistake. Never your code."
    return (
        f'<div style="margin-top: 6px"><a href="{escape(page)}#{escape(lesson)}" target="_blank" '
        f'title="{told}">The room: I am stuck · submit · feedback</a></div>'
    )


def _listens() -> bool:
    """In a notebook, or where a file is named: a plain script leaves no traces."""
    return bool(os.environ.get(FILE)) or shell() is not None


def _write(event: Mapping[str, Any]) -> None:
    line = json.dumps({"id": uuid.uuid4().hex, "at": round(time.time(), 3), **event})
    try:
        path = events_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except (OSError, RuntimeError):  # no room, no right, no home: a check goes on without a diary
        return
    if os.environ.get(ROOM):
        _send_soon()


def _counted(path: Path) -> Counter[tuple[str, str]]:
    """How often each exercise was checked, in this kernel's time and before."""
    found: Counter[tuple[str, str]] = Counter()
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except OSError:
        return found
    for event in _parsed(text.splitlines()):
        if event.get("kind") == "checked":
            found[str(event.get("lesson")), str(event.get("exercise"))] += 1
    return found


def _send_soon() -> None:
    global _sender
    if _sender is None or not _sender.is_alive():  # a forked kernel inherits no thread
        _sender = threading.Thread(target=_send_all, name="attend-room", daemon=True)
        _sender.start()
    _wake.set()


def _send_all() -> None:
    """Send what is new, for as long as the kernel lives; try again with more and more patience."""
    wait = FIRST_WAIT
    while True:
        _wake.wait()
        _wake.clear()
        try:
            while _send_next(events_file()):
                wait = FIRST_WAIT
        except (OSError, http.client.HTTPException):  # the room is away or busy, or we have slept
            time.sleep(wait)
            wait = min(2 * wait, PATIENCE)
            _wake.set()


def _send_next(path: Path) -> bool:
    """Send the next events; whether there were any. How far we are stands in a file beside.

    Raises:
        OSError: where they could not be sent now.
    """
    mark = path.with_suffix(".sent")
    start = int(mark.read_text() or 0) if mark.is_file() else 0
    with path.open("rb") as file:
        file.seek(start)
        lines = [line for _, line in zip(range(BATCH), file, strict=False)]
    whole = [line for line in lines if line.endswith(b"\n")]
    if not whole:
        return False
    _post(list(_parsed(whole)))
    mark.write_text(str(start + sum(map(len, whole))))
    return True


def _parsed(lines: Iterable[str | bytes]) -> Iterator[dict[str, Any]]:
    """The events in these lines, without what a full disk has cut off."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _post(events: list[dict[str, Any]]) -> None:
    body = json.dumps({"events": events}).encode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"token {os.environ.get(TOKEN, '')}",
    }
    request = urllib.request.Request(os.environ[ROOM] + "api/events", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            reply.read()
    except urllib.error.HTTPError as error:
        if error.code not in REFUSED:
            raise

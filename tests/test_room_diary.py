"""What a learner's checks write down, and how it reaches the room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from conftest import REPOSITORY

import grader.attend.checks
from grader.attend import events
from grader.room.events import read_events_file

DATA = {
    "softmax": {
        "misconceptions": {"down": {"answers": {"rows": 2}, "sentence": "You summed down."}},
        "examples": ["rows"],
    }
}


class Hall(BaseHTTPRequestHandler):
    """A room that notes what it is sent, and is away as often as a test wants."""

    away: ClassVar[list[int]] = []
    came: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.away.pop(0) if self.away else 200
        if status == 200:
            self.came.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *values: Any) -> None:
        """Quiet."""


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "deep" / "events.jsonl"
    monkeypatch.setenv(events.FILE, str(path))
    monkeypatch.setattr(events, "_attempts", events.Counter())
    return path


@pytest.fixture
def hall(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hall]]:
    monkeypatch.setattr(Hall, "away", [])
    monkeypatch.setattr(Hall, "came", [])
    server = HTTPServer(("127.0.0.1", 0), Hall)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv(events.ROOM, f"http://127.0.0.1:{server.server_port}/services/room/")
    monkeypatch.setenv(events.TOKEN, "mine")
    monkeypatch.setattr(events, "_send_soon", lambda: None)  # the test sends, in its own time
    yield Hall
    server.shutdown()
    thread.join()
    server.server_close()


def run_check(got: int | None) -> None:
    check = grader.attend.checks.Checker("02_softmax", DATA)
    with pytest.raises(Exception) if got != 1 else _nothing(), check("softmax") as expect:
        if got is None:
            raise NotImplementedError("`softmax` is not written yet.")
        expect("rows", got, 1)


class _nothing:  # noqa: N801 -- stands where a function stands
    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, *error: object) -> None:
        """Nothing."""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_check_writes_which_exercise_how_it_stood_and_which_mistake(diary: Path) -> None:
    for got in (2, 3, 1):
        run_check(got)
    said = [
        (one.get("status"), one.get("attempt"), one.get("misconception"))
        for one in lines(diary)
        if one["kind"] == "checked"
    ]
    assert said == [("failing", 1, "down"), ("failing", 2, ""), ("passed", 3, "")]


def test_attempts_go_on_where_an_earlier_kernel_ended(
    diary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_check(2)
    monkeypatch.setattr(events, "_attempts", events.Counter())
    run_check(2)
    assert [one["attempt"] for one in lines(diary) if "attempt" in one] == [1, 2]


def test_what_is_written_never_holds_code_or_values(diary: Path) -> None:
    run_check(2)
    fields = {"id", "at", "kind", "lesson", "exercise", "status", "attempt", "misconception"}
    assert all(one.keys() <= fields for one in lines(diary))


def test_what_is_written_is_what_the_room_reads(diary: Path) -> None:
    run_check(2)
    read = read_events_file(diary, "me", time.time())
    assert [one.kind for one in read] == ["opened", "checked"]


def test_a_check_goes_on_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(events.FILE, str(tmp_path / "file" / "events.jsonl"))
    run_check(1)


def test_a_plain_script_leaves_no_traces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = (
        "from grader.attend.checks import Checker\n"
        "with Checker('98_none')('f') as expect: expect('one', 1, 1)"
    )
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
    subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    assert not (tmp_path / ".attend").exists()


def test_events_are_sent_once_as_this_learner(diary: Path, hall: type[Hall]) -> None:
    run_check(2)
    assert events._send_next(diary)
    assert not events._send_next(diary)
    ((who, body),) = hall.came
    assert who == "token mine"
    assert [one["kind"] for one in body["events"]] == ["opened", "checked"]


@pytest.mark.parametrize("status", [429, 500, 503, 403])
def test_nothing_is_lost_while_the_room_is_away(diary: Path, hall: type[Hall], status: int) -> None:
    run_check(2)
    hall.away.append(status)
    with pytest.raises(OSError):
        events._send_next(diary)
    run_check(1)
    assert events._send_next(diary)
    assert [one["kind"] for one in hall.came[0][1]["events"]].count("checked") == 2


def test_nothing_is_lost_while_nobody_answers(
    diary: Path, hall: type[Hall], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = os.environ[events.ROOM]
    monkeypatch.setenv(events.ROOM, "http://127.0.0.1:9/services/room/")
    run_check(2)
    with pytest.raises(OSError):
        events._send_next(diary)
    monkeypatch.setenv(events.ROOM, address)
    assert events._send_next(diary)
    assert [one["kind"] for one in hall.came[0][1]["events"]] == ["opened", "checked"]


def test_a_line_cut_off_takes_no_other_with_it(diary: Path, hall: type[Hall]) -> None:
    run_check(2)
    with diary.open("a", encoding="utf-8") as file:
        file.write('{"kind": "chec\n')
    run_check(1)
    while events._send_next(diary):
        pass
    assert sum(len(body["events"]) for _, body in hall.came) == 4  # two openings, two checks


def test_the_rooms_line_stands_under_a_check_only_in_a_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert events.room_line("01") == ""
    monkeypatch.setenv(events.PAGE, '/services/room/"><script>')
    line = events.room_line("01")
    assert "I am stuck" in line and "<script>" not in line

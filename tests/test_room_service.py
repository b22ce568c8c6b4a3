"""The service's addresses: what each person may ask, floods, garbage, and many at once."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jupyterhub", reason="jupyterhub (the extra 'room') is not installed here")

from room_service import LESSON, make_room, served

from grader.room.room import Room

LEARNERS = [f"Learner {number}" for number in range(1, 31)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = make_room(tmp_path / "room", LEARNERS)
    yield made
    made.close()


@pytest.fixture
def url(room: Room, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with served(room, monkeypatch) as address:
        yield address


def ask(url: str, who: str, data: Any = None) -> tuple[int, Any]:
    """A request of one person's; the status, and what came."""
    body = data if data is None or isinstance(data, bytes) else json.dumps(data).encode()
    headers = {"Authorization": f"token {who}"} if who else {}
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
            return reply.status, json.loads(text) if text[:1] == b"{" else text.decode()
    except urllib.error.HTTPError as error:
        said = error.read()
        return error.code, json.loads(said) if said[:1] == b"{" else said.decode()


def event(number: int, **fields: Any) -> dict[str, Any]:
    known = {"kind": "checked", "lesson": LESSON, "exercise": "score_matrix", "status": "failing"}
    return {"id": f"e{number}", "at": time.time(), "attempt": 1, **known, **fields}


def square(url: str, account: str, exercise: str = "score_matrix") -> str:
    _, board = ask(url + "api/board", "teacher")
    (row,) = [one for one in board["learners"] if one["account"] == account]
    return str(row["squares"].get(f"{LESSON}/{exercise}", {"shape": "untouched"})["shape"])


def test_an_event_is_its_senders_whatever_it_says(url: str) -> None:
    forged = event(1, account="learner-01", name="Learner 1", user="teacher")
    assert ask(url + "api/events", "learner-02", {"events": [forged]}) == (200, {"kept": 1})
    assert square(url, "learner-02") == "failing"
    assert square(url, "learner-01") == "untouched"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"x"',
        b"{",
        b'{"events": "many"}',
        b'{"events": {"a": 1}}',
        b"[" * 100_000,
        b"\xff\xfe",
        json.dumps({"events": [0] * 101}).encode(),
    ],
    ids=range(9),
)
def test_garbage_is_refused_in_a_sentence_and_nothing_breaks(url: str, body: bytes) -> None:
    status, said = ask(url + "api/events", "learner-01", body)
    assert (status, len(said["error"]) > 10) == (400, True)
    assert square(url, "learner-01") == "untouched"


def test_a_flood_is_slowed_and_the_others_are_not(url: str) -> None:
    batch = {"events": [event(0)] * 100}
    statuses = [ask(url + "api/events", "learner-03", batch)[0] for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    assert ask(url + "api/events", "learner-04", {"events": [event(1)]})[0] == 200
    presses = [
        ask(url + "api/stuck", "learner-03", {"lesson": LESSON, "exercise": "score_matrix"})[0]
        for _ in range(35)
    ]
    assert presses.count(200) < 35 and set(presses) == {200, 429}


def test_events_without_end_end(url: str, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.room.room.EVENTS", 3)
    for number in range(5):
        ask(url + "api/events", "learner-05", {"events": [event(number)]})
    assert len(room.store.events()) == 3


def test_pages_without_end_end(url: str) -> None:
    def listen() -> Any:
        headers = {"Authorization": "token learner-06"}
        return urllib.request.urlopen(urllib.request.Request(url + "api/live", headers=headers))

    opened = [listen() for _ in range(8)]
    with pytest.raises(urllib.error.HTTPError, match="429"):
        listen()
    for one in opened:
        one.close()


def test_only_the_teacher_teaches(url: str, room: Room) -> None:
    for action in ("release", "withdraw", "catch-up", "collect", "grade"):
        told = {"action": action, "lesson": LESSON}
        assert ask(url + "api/teach", "learner-01", told)[0] == 403
    assert ask(url + "export.csv", "learner-01")[0] == 403
    assert list(room.store.releases()) == [LESSON]
    assert ask(url + "api/teach", "teacher", {"action": "sell", "lesson": LESSON})[0] == 400
    assert ask(url + "api/teach", "teacher", {"action": "release", "lesson": "99"})[0] == 409


def test_nobody_is_nobody(url: str) -> None:
    for path in ("api/board", "api/events", "api/live", "api/teach"):
        assert ask(url + path, "", None if path in ("api/board", "api/live") else {})[0] == 403


def test_a_learner_sees_no_name_and_no_score_of_the_others(url: str) -> None:
    ask(url + "api/events", "learner-02", {"events": [event(1, misconception="no_transpose")]})
    _, seen = ask(url + "api/board", "learner-01")
    text = json.dumps(seen)
    assert "Learner 2" not in text and "learner-02" not in text and "no_transpose" not in text
    assert "points" not in text
    assert seen["name"] == "Learner 1"
    _, page = ask(url, "learner-01")
    assert "#" in page and "Learner 2" not in page


@pytest.mark.parametrize(
    "path",
    [
        "feedback/..%2F..%2Fown%2Fsettings.json",
        "feedback/01_dot_products/../../../own/settings.json",
        "static/../teacher.html",
        "static/..%2f..%2fpeople.py",
        "static//etc/passwd",
        "own/settings.json",
    ],
)
def test_no_address_leads_to_other_files(url: str, path: str) -> None:
    status, said = ask(url + path, "learner-01")
    assert status in (403, 404, 409), said
    assert "password" not in str(said)


def test_the_service_starts_again_where_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watcher's own loop, with a program in the service's place that dies once."""
    from grader.room import service

    ran: list[int] = []

    class Child:
        def __init__(self, command: list[str]) -> None:
            self.returncode = -9 if not ran else 0
            assert command[-1] == service.SERVING
            ran.append(self.returncode)

        def wait(self) -> int:
            return self.returncode

    monkeypatch.setattr(service.subprocess, "Popen", Child)
    monkeypatch.setattr(service.signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(service, "PAUSE", 0.0)
    service.watch("folder")
    assert ran == [-9, 0]


def test_the_pages_name_nothing_that_they_would_load_from_elsewhere(url: str) -> None:
    for who in ("teacher", "learner-01"):
        _, page = ask(url, who)
        assert "//" not in page.replace("<!doctype", "")
        request = urllib.request.Request(url, headers={"Authorization": f"token {who}"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


def test_thirty_at_once_lose_nothing_and_the_page_hears_of_it(url: str, room: Room) -> None:
    """Each posts twelve events; the teacher's and every learner's page listens meanwhile."""
    import aiohttp

    rounds = 12
    heard: list[float] = []

    async def listen(session: aiohttp.ClientSession, who: str) -> None:
        headers = {"Authorization": f"token {who}"}
        async with session.get(url + "api/live", headers=headers) as stream:
            async for line in stream.content:
                if line.startswith(b"data:"):
                    heard.append(time.monotonic())

    async def learn(session: aiohttp.ClientSession, account: str) -> None:
        headers = {"Authorization": f"token {account}"}
        for number in range(rounds):
            body = {"events": [event(number, attempt=number + 1)]}
            async with session.post(url + "api/events", json=body, headers=headers) as reply:
                assert (await reply.json()) == {"kept": 1}

    async def all_of_them() -> float:
        accounts = [one.account for one in room.folder.people.everybody()]
        timeout = aiohttp.ClientTimeout(total=120)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            pages = [asyncio.create_task(listen(session, one)) for one in ("teacher", *accounts)]
            await asyncio.sleep(0.5)
            await asyncio.gather(*(learn(session, one) for one in accounts))
            last = time.monotonic()
            await asyncio.sleep(1.5)
            for page in pages:
                page.cancel()
        return last

    last = asyncio.run(all_of_them())
    assert len(room.store.events()) == 30 * rounds
    assert sum(at > last - 0.5 for at in heard) >= 31  # every page heard of the end
    _, board = ask(url + "api/board", "teacher")
    assert {one["squares"][f"{LESSON}/score_matrix"]["attempts"] for one in board["learners"]} == {
        rounds
    }

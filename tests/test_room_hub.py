"""The hub's own parts: who comes in, and where servers listen."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("jupyterhub", reason="jupyterhub (the extra 'room') is not installed here")

from tornado.web import HTTPError

from grader.room import hub
from grader.room.folder import RoomFolder
from grader.room.hub import RoomAuthenticator, _port
from grader.room.people import MOST

ROOM, TEACHER = "room-password", "the-teachers-password-of-forty-letters-ok"


class Browser:
    """A handler as the authenticator sees one: it keeps a cookie."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.hub = SimpleNamespace(base_url="/hub/")

    def get_signed_cookie(self, name: str, max_age_days: int) -> bytes | None:
        return self.kept.get(name, {}).get("value")

    def set_signed_cookie(self, name: str, value: str, **options: Any) -> None:
        self.kept[name] = {"value": value.encode(), **options}


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RoomAuthenticator:
    monkeypatch.setattr(hub, "WRONG", 0.0)
    folder = RoomFolder(tmp_path / "room")
    folder.make()
    made = RoomAuthenticator(folder=str(folder.folder), admin_users={"teacher"}, allow_all=True)
    made.user_password, made.admin_password = ROOM, TEACHER
    return made


def enter(door: RoomAuthenticator, browser: Browser, name: str, password: str) -> dict[str, Any]:
    found = asyncio.run(door.authenticate(browser, {"username": name, "password": password}))
    assert isinstance(found, dict)
    return found


def test_any_name_with_the_rooms_password_is_a_learner(door: RoomAuthenticator) -> None:
    came = enter(door, Browser(), "李雷", ROOM)
    assert (came["name"], came["admin"]) == ("learner-01", False)


@pytest.mark.parametrize("name", ["teacher", " Teacher ", "TEACHER", "teacher #abcde"])
def test_the_teachers_name_takes_the_teachers_password(door: RoomAuthenticator, name: str) -> None:
    assert enter(door, Browser(), name, TEACHER)["name"] == "teacher"
    with pytest.raises(HTTPError, match="not the teacher's password"):
        enter(door, Browser(), name, ROOM)


@pytest.mark.parametrize("password", ["", "wrong", "пароль", TEACHER, ROOM + " "])
def test_a_wrong_password_is_no_way_in(door: RoomAuthenticator, password: str) -> None:
    with pytest.raises(HTTPError, match="not the room's password"):
        enter(door, Browser(), "Ada", password)
    assert RoomFolder(Path(door.folder)).people.everybody() == []


def test_the_browsers_secret_goes_to_the_hub_alone(door: RoomAuthenticator) -> None:
    browser = Browser()
    enter(door, browser, "Ada", ROOM)
    (cookie,) = browser.kept.values()
    assert (cookie["path"], cookie["httponly"]) == ("/hub/", True)
    assert enter(door, browser, "ada", ROOM)["name"] == "learner-01"
    with pytest.raises(HTTPError, match="is here already"):
        enter(door, Browser(), "ada", ROOM)


def test_learners_servers_listen_where_the_system_gives_nobody_a_port() -> None:
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if given.exists():
        assert hub.LAST_PORT <= int(given.read_text().split()[0])
    first = _port(7)
    with socket.create_server(("127.0.0.1", first)):
        second = _port(7)
    assert (second - first) % (MOST + 1) == 0 and second > first
    assert _port(8) % (MOST + 1) != first % (MOST + 1)

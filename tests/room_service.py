"""The room's service without a hub: who calls is taken from the token's own name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from conftest import REPOSITORY

from grader.room.folder import RoomFolder, Settings
from grader.room.plan import Plan, load_plan
from grader.room.room import Room

PREFIX = "/services/room/"
LESSON = "01_dot_products"


class Hub:
    """Stands in the hub's place: `Authorization: token ada` is from ada."""

    base_url = PREFIX
    access_scopes: frozenset[str] = frozenset()
    login_url = "/hub/login"

    async def get_user(self, handler: Any, *, sync: bool) -> dict[str, Any] | None:
        told = handler.request.headers.get("Authorization", "")
        name = told.removeprefix("token ") or handler.get_argument("as", "")
        return {"name": name, "kind": "user", "scopes": []} if name else None

    def _persist_url_token_if_set(self, handler: Any) -> None:
        """There is none."""


def make_room(folder: Path, learners: list[str]) -> Room:
    """A room with these learners in it, and one lesson released."""
    made = RoomFolder(folder)
    made.make()
    settings = Settings(str(REPOSITORY), "", "half-day", "", 0, 0, 0, 0, "p" * 8, "t" * 40)
    made.save(settings)
    room = Room(made, _plan())
    for name in learners:
        person = made.people.admit(name, name)
        made.home(person, settings.walls).make()
    room.store.release(LESSON)
    return room


@cache
def _plan() -> Plan:
    return load_plan(REPOSITORY, "half-day")


@contextmanager
def served(room: Room, monkeypatch: Any) -> Iterator[str]:
    """The room's service in a thread of its own; its address."""
    from grader.room import handlers
    from grader.room.live import Live
    from grader.room.service import BODY, application

    monkeypatch.setattr(handlers.Handler, "hub_auth", Hub(), raising=False)
    monkeypatch.setattr(handlers.Handler, "xsrf_token", b"page", raising=False)
    monkeypatch.setattr(handlers, "EVENTS", handlers.Allowance(burst=200, per_second=5))
    monkeypatch.setattr(handlers, "REQUESTS", handlers.Allowance(burst=30, per_second=1))
    opened: dict[str, Any] = {}
    ready = threading.Event()

    async def serve() -> None:
        live = Live(room)
        server = application(room, live, PREFIX, b"s" * 32).listen(
            0, "127.0.0.1", max_body_size=BODY
        )
        (socket,) = server._sockets.values()
        opened["port"] = socket.getsockname()[1]
        opened["loop"], opened["end"] = asyncio.get_running_loop(), asyncio.Event()
        ready.set()
        await opened["end"].wait()
        server.stop()
        live.close()
        await asyncio.sleep(0.4)  # whoever listens is let go

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(30)
    try:
        yield f"http://127.0.0.1:{opened['port']}{PREFIX}"
    finally:
        opened["loop"].call_soon_threadsafe(opened["end"].set)
        thread.join(30)

"""Open pages hear of what happens at once, and of much at once as of one."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from grader.room import live
from grader.room.live import Live


def heard(work: Any) -> Any:
    """What comes of a page that listens: `work` gets the tidings and the room's own listener."""

    async def listen() -> Any:
        room: Any = SimpleNamespace(listeners=[])
        told = Live(room)
        versions = told.versions()
        assert await anext(versions) == 0  # a page that has just been opened draws
        return await asyncio.wait_for(work(versions, room.listeners[0]), 30)

    return asyncio.run(listen())


def test_what_happens_alone_is_told_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PAUSE", 3600.0)

    async def once(versions: Any, happen: Any) -> int:
        happen()
        return int(await anext(versions))

    assert heard(once) == 1


def test_much_at_once_is_told_once_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PAUSE", 0.3)

    async def often(versions: Any, happen: Any) -> tuple[int, float]:
        clock = asyncio.get_running_loop().time
        happen()
        await anext(versions)
        before = clock()
        for _ in range(100):
            happen()
        version = await anext(versions)
        return version, clock() - before

    version, seconds = heard(often)
    assert version == 2 and seconds >= 0.29


def test_what_happens_while_a_page_is_told_is_told_too() -> None:
    async def between(versions: Any, happen: Any) -> int:
        happen()
        await asyncio.sleep(0)  # the telling has begun
        happen()
        await anext(versions)
        happen()
        return int(await anext(versions))

    assert heard(between) == 2

"""Tell the open pages that something has happened: at once, and at most a few times a second."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator

from grader.room.room import Room

__all__ = ["Live"]

PAUSE = 0.2  # seconds between two looks at the room: many events make one
BEAT = 5.0  # seconds: a page that hears nothing for longer than two beats says so


class Live:
    """Wakes whoever waits for news of the room."""

    def __init__(self, room: Room) -> None:
        self.version = 0
        self.open = True
        self.listening: Counter[str] = Counter()  # pages of each person that are open now
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._told = -math.inf  # when, by the loop's clock, the pages last heard of something
        room.listeners.append(self.changed)

    def changed(self) -> None:
        """Something has happened; the pages hear of it, a short pause after the time before."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._tell())

    def close(self) -> None:
        """Let everybody who waits go."""
        self.open = False
        self.changed()

    async def versions(self) -> AsyncIterator[int]:
        """The room's version now, after each change, and every so often, for as long as it is open.

        Between two changes the same version comes again, so that a dead connection is noticed.
        """
        seen = -1
        while self.open:
            if seen != self.version:
                seen = self.version
                yield seen
            try:
                async with asyncio.timeout(BEAT), self._news:
                    if seen == self.version:
                        await self._news.wait()
            except TimeoutError:
                yield seen

    async def _tell(self) -> None:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(self._told + PAUSE - clock(), 0.0))
        async with self._news:
            self.version += 1
            self._told = clock()
            self._task = None
            self._news.notify_all()

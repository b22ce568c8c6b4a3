"""One thread a process that keeps every deadline and takes a look from time to time.

A thread for each question would cost more than most questions.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["every", "within"]

TICK = 0.02  # seconds by which a deadline may be late


@dataclass
class _Duty:
    due: float
    act: Callable[[], object]
    interval: float | None = None


class _Watchdog:
    def __init__(self) -> None:
        self._duties: dict[object, _Duty] = {}
        self._lock = threading.Lock()
        self._any = threading.Event()
        self._process = 0

    def add(self, key: object, duty: _Duty) -> None:
        with self._lock:
            self._duties[key] = duty
            self._any.set()
            if self._process != os.getpid():  # at first, and after a fork, which takes no thread
                self._process = os.getpid()
                threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def remove(self, key: object) -> None:
        with self._lock:
            self._duties.pop(key, None)
            if not self._duties:
                self._any.clear()

    def _run(self) -> None:
        while True:
            self._any.wait()
            time.sleep(TICK)
            for act in self._due(time.monotonic()):
                act()

    def _due(self, now: float) -> list[Callable[[], object]]:
        with self._lock:
            due = {key: duty for key, duty in self._duties.items() if duty.due <= now}
            for key, duty in due.items():
                if duty.interval is None:
                    del self._duties[key]
                else:
                    duty.due = now + duty.interval
        return [duty.act for duty in due.values()]


_watchdog = _Watchdog()


def _after_fork() -> None:
    """A forked worker has its own duties, and a lock that nobody holds."""
    global _watchdog
    _watchdog = _Watchdog()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def within(seconds: float, late: Callable[[], object]) -> Iterator[None]:
    """Call `late` from the watching thread where the block is not left in time."""
    key = object()
    _watchdog.add(key, _Duty(time.monotonic() + seconds, late))
    try:
        yield
    finally:
        _watchdog.remove(key)


def every(seconds: float, look: Callable[[], object]) -> Callable[[], None]:
    """Call `look` at intervals until the function that is returned is called."""
    key = object()
    _watchdog.add(key, _Duty(time.monotonic() + seconds, look, seconds))
    return lambda: _watchdog.remove(key)

"""The watch for torch functions that an exercise forbids, however they are reached.

A deterrent, not a wall: it runs in the student's own process, beside what it watches. What it sees
is told at once, so that nothing done later takes it back; torch's own switch that turns off such
watches counts as a forbidden call.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["SWITCH", "Watch"]

SWITCH = "DisableTorchFunction"


class Watch:
    """Tells of forbidden calls while a case runs, in its thread and in every other."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._forbid: list[str] = []
        self._switched_off = False  # before any case was watched
        if "torch" in sys.modules:
            self._stand_in_for_the_switch()
            self._follow_threads()

    @contextlib.contextmanager
    def over(self, forbid: list[str]) -> Iterator[None]:
        """Watch the block for these names."""
        if not forbid or "torch" not in sys.modules:
            yield
            return
        self._forbid = forbid
        if self._switched_off:
            self._tell(SWITCH)
        try:
            with self._mode():
                yield
        finally:
            self._forbid = []

    def _saw(self, function: Any) -> None:
        name = _plain(getattr(function, "__name__", str(function)))
        for item in self._forbid:
            if _plain(item) in name:
                self._tell(item)

    def _mode(self) -> Any:
        from torch.overrides import TorchFunctionMode

        watch = self

        class Mode(TorchFunctionMode):
            def __torch_function__(
                self, func: Any, types: Any, args: Any = (), kwargs: Any = None
            ) -> Any:
                watch._saw(func)
                return func(*args, **(kwargs or {}))

        return Mode()

    def _follow_threads(self) -> None:
        """Modes are a thread's own: give one to every thread that is started."""
        run = threading.Thread.run

        def run_watched(thread: threading.Thread) -> None:
            with self._mode():
                run(thread)

        threading.Thread.run = run_watched  # type: ignore[assignment, method-assign]

    def _stand_in_for_the_switch(self) -> None:
        import torch

        core: Any = torch._C
        disable = core.DisableTorchFunction

        def disable_and_tell() -> Any:
            asking = str(sys._getframe(1).f_globals.get("__name__"))
            if not asking.startswith("torch."):  # torch.compile turns it for its own ends
                self._switched_off = True
                if self._forbid:
                    self._tell(SWITCH)
            return disable()

        core.DisableTorchFunction = disable_and_tell


def _plain(name: str) -> str:
    """`MultiheadAttention` and `multi_head_attention_forward` are one to a reader, and to us."""
    return name.lower().replace("_", "")

"""One sentence, and no traceback, where a picture waits for an exercise that is not written."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from .lines import FURTHER_UP, steps_of, stub_of
from .output import shell

__all__ = ["name_what_is_unwritten"]


def name_what_is_unwritten() -> None:
    """From now on a cell that meets a stub says which exercise to write; it fails as before."""
    running = shell()
    if running is None or NotImplementedError in running.custom_exceptions:
        return
    others, their_way = running.custom_exceptions, running.CustomTB

    def tell(
        here: Any,
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType,
        tb_offset: int | None = None,
    ) -> Any:
        if others and isinstance(error, others):  # Colab, for one, has a word on imports
            return their_way(kind, error, traceback, tb_offset)
        name = _stub(error, here.user_ns)
        if name:
            told = f"{name} is not written yet: {FURTHER_UP}"
            error._render_traceback_ = lambda: [told]  # type: ignore[attr-defined]
        return here.showtraceback((kind, error, traceback), tb_offset=tb_offset)

    running.set_custom_exc((*others, NotImplementedError), tell)


def _stub(error: BaseException, names: dict[str, Any]) -> str:
    """The exercise whose stub raised it; empty for an error that came from anything else."""
    deepest = steps_of(error)[-1]
    if hasattr(error, "_render_traceback_") or deepest.tb_frame.f_globals is not names:
        return ""  # a check has said it already; or a library raised it
    name = stub_of(error, deepest)
    return "" if name == "<module>" else name

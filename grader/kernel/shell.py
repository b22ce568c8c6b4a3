"""The IPython shell that runs a submission's cells, and the imports that all of them share."""

from __future__ import annotations

import ast
import importlib
import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["SILENT_THREADS", "UNREADABLE", "is_python", "make_shell", "warm_up"]

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what reading a text raises

# One thread: children forked after a parallel region would wait for threads that are not there.
SILENT_THREADS = {
    "MPLBACKEND": "agg",
    "CUDA_VISIBLE_DEVICES": "",  # for each device autograd starts a thread, and forks no more
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def make_shell() -> Any:
    """An InteractiveShell without history, on which `%matplotlib inline` passes."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        colors = "nocolor"

        def enable_gui(self, gui: str | None = None) -> None:
            """Accept any: nothing is drawn."""

        def transform_cell(self, raw_cell: str) -> str:
            """As IPython does it, which leaves plain Python as it is but takes long to see that."""
            if is_python(raw_cell) and "In [" not in raw_cell:  # which may be a pasted prompt
                return raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"
            plain: str = super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]
            return plain

        def showtraceback(self, *args: Any, **kwargs: Any) -> None:
            """Nobody reads it, and to format that of an endless recursion takes seconds."""

        def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
            """As above."""

    config = Config()
    config.HistoryManager.enabled = False
    return Shell.instance(config=config)


def is_python(text: str) -> bool:
    """Whether a text is plain Python, without magics and shell commands."""
    try:
        ast.parse(text)
    except UNREADABLE:
        return False
    return True


def warm_up(preload: list[str], home: Path) -> None:
    """Import and touch once what submissions use, so that each fork finds it ready.

    Args:
        preload: module names that the lessons' given cells import, as far as they exist here.
        home: where IPython and matplotlib may write.
    """
    os.environ.update(SILENT_THREADS)
    os.environ["IPYTHONDIR"] = os.environ["MPLCONFIGDIR"] = str(home)
    import grader.attend

    sys.modules["attend"] = grader.attend
    for name in preload:
        if name != "attend" and not name.startswith("solutions"):
            importlib.import_module(name)
    if any(name.split(".")[0] == "torch" for name in preload):
        _warm_torch()


def _warm_torch() -> None:
    import torch
    import torch._dynamo
    import torch.func

    torch.set_num_threads(1)
    layer = torch.nn.Linear(4, 3)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.randn(2, 4)).softmax(-1).square().sum().backward()
    optimizer.step()

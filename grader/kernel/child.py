"""What a student kernel serves: run a cell, run cases. Untrusted from the first cell on.

Nothing here decides a score. The grading process sends messages (see `grader.wire`) and judges what
comes back; this module only carries them out and reports, case by case, so that a hang loses one.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from grader import wire

__all__ = ["serve"]

MESSAGE_LIMIT = 1500  # characters of an error that may reach feedback


class Sink(io.TextIOBase):
    """Takes whatever is printed, and keeps none of it."""

    def write(self, text: str) -> int:
        return len(text)


class Names:
    """The learner's names, as attributes: the `k` that a case's `run` is given."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.__dict__["_namespace"] = namespace

    def __getattr__(self, name: str) -> Any:
        try:
            return self._namespace[name]
        except KeyError:
            raise AttributeError(f"{name} is not defined in this notebook") from None


def serve(shell: Any, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer messages until the grading process closes the pipe."""
    server = _Server(shell, incoming, outgoing)
    while True:
        try:
            message = wire.unpack(wire.receive(incoming), server.callback)
        except EOFError:
            os._exit(0)
        if message["op"] == "cell":
            server.cell(message["code"])
        else:
            server.cases(message)


class _Server:
    def __init__(self, shell: Any, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self.shell = shell
        self.incoming = incoming
        self.outgoing = outgoing

    def reply(self, **message: Any) -> None:
        wire.send(self.outgoing, wire.pack(message))

    def callback(self, index: int) -> Any:
        """The function that stands for a Callback: it asks the grading process."""

        def ask(*args: Any, **kwargs: Any) -> Any:
            self.reply(call=index, args=list(args), kwargs=kwargs)
            answer = wire.unpack(wire.receive(self.incoming))
            if "error" in answer:
                raise RuntimeError(answer["error"])
            return answer["value"]

        return ask

    def cell(self, code: str) -> None:
        """Run one cell in the shell and report its error, if it had one."""
        try:
            with _silence():
                result = self.shell.run_cell(code, store_history=False)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:  # a submission may raise anything, SystemExit too
            error = raised
        self.reply(error=describe(error) if error is not None else None)

    def cases(self, message: dict[str, Any]) -> None:
        """Run each case in turn and send its outcome before the next one starts."""
        namespace = _case_namespace()
        names = Names(self.shell.user_ns)
        for text in message["sources"]:
            exec(compile(text, "<case>", "exec"), namespace)
        for index, (name, inputs) in enumerate(message["cases"]):
            outcome = self._outcome(namespace[name], names, inputs, message["forbid"])
            try:
                self.reply(case=index, **outcome)
            except wire.Refused as refused:
                self.reply(case=index, refused=str(refused))
        self.reply(done=True)

    def _outcome(
        self, run: Any, names: Names, inputs: dict[str, Any], forbid: list[str]
    ) -> dict[str, Any]:
        before = wire.fingerprint(inputs)
        seen: list[str] = []
        try:
            with _silence(), _seeded(), _watched(forbid, seen):
                value = run(names, **inputs)
            unchanged = before == wire.fingerprint(inputs)
            return {"value": value, "unchanged": unchanged, "forbidden": seen[:1]}
        except BaseException as error:  # as above
            return {"error": describe(error), "forbidden": seen[:1]}


def _case_namespace() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    if torch is None:
        return {"np": np}
    return {"np": np, "torch": torch, "nn": torch.nn, "F": torch.nn.functional}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(Sink()), contextlib.redirect_stderr(Sink()):
        yield


@contextlib.contextmanager
def _seeded() -> Iterator[None]:
    """Both sides of a case start from the same global random state."""
    np.random.seed(0)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(0)
    yield


@contextlib.contextmanager
def _watched(forbid: list[str], seen: list[str]) -> Iterator[None]:
    """Note calls of forbidden torch functions, however they were reached."""
    if not forbid or "torch" not in sys.modules:
        yield
        return
    from torch.overrides import TorchFunctionMode

    class Watch(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            name = getattr(func, "__name__", str(func))
            seen.extend(item for item in forbid if item.lower() in name.lower())
            return func(*args, **(kwargs or {}))

    with Watch():
        yield


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as plain text, with the learner's own line where there is one."""
    try:
        message = str(error)[:MESSAGE_LIMIT]
    except BaseException:  # a submission's exception may have a broken __str__
        message = ""
    line, text = 0, ""
    frames = traceback.extract_tb(error.__traceback__) if error.__traceback__ else []
    for frame in frames:
        if "ipython-input" in frame.filename or "ipykernel" in frame.filename:
            line, text = frame.lineno or 0, (frame.line or "")[:200]
    if isinstance(error, SyntaxError):
        line, text = error.lineno or 0, (error.text or "").strip()[:200]
        message = error.msg
    return {"type": type(error).__name__[:80], "message": message, "line": line, "text": text}

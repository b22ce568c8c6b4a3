"""What a student kernel serves: run a cell, run cases. Untrusted from the first cell on.

Nothing here decides a score. The grading process sends messages (see `grader.wire`) and judges what
comes back; this module only carries them out and reports, case by case, so that a hang loses one.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from grader import wire
from grader.kernel.forbidden import Watch
from grader.precision import default_dtype
from grader.seeding import seed_global_state

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
        self.speaking = threading.RLock()  # an answer may call back, or be watched, in threads
        self.watch = Watch(lambda name: self.reply(seen=name))

    def reply(self, **message: Any) -> None:
        data = wire.pack(message)
        with self.speaking:
            wire.send(self.outgoing, data)

    def callback(self, index: int) -> Any:
        """The function that stands for a Callback: it asks the grading process."""

        def ask(*args: Any, **kwargs: Any) -> Any:
            with self.speaking:
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
        for index, (name, inputs, dtype) in enumerate(message["cases"]):
            with default_dtype(dtype):
                outcome = self._outcome(namespace[name], names, inputs, message["forbid"])
            try:
                self.reply(case=index, **outcome)
            except wire.Refused as refused:
                self.reply(case=index, refused=str(refused))
        self.reply(done=True)

    def _outcome(
        self, run: Any, names: Names, inputs: dict[str, Any], forbid: list[str]
    ) -> dict[str, Any]:
        """A case's value with the inputs as they are after it, or its error."""
        try:
            with _silence(), self.watch.over(forbid):
                seed_global_state()
                value = run(names, **inputs)
            return {"value": value, "inputs": _bytes_of(inputs)}
        except BaseException as error:  # as above
            return {"error": describe(error)}


def _bytes_of(inputs: dict[str, Any]) -> np.ndarray[Any, Any] | None:
    """Compared outside with what was sent; None where they hold what may not cross any more."""
    try:
        return np.frombuffer(wire.fingerprint(inputs), np.uint8)
    except wire.Refused:
        return None


def _case_namespace() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    if torch is None:
        return {"np": np}
    return {"np": np, "torch": torch, "nn": torch.nn, "F": torch.nn.functional}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(Sink()), contextlib.redirect_stderr(Sink()):
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
    name = type(error).__name__
    if name == "_IncompleteInputError":  # what Python 3.13 calls a cell that breaks off
        name = "SyntaxError"
    return {"type": name[:80], "message": message, "line": line, "text": text}

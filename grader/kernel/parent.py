"""The warm parent: `python -I -m grader.kernel.parent FD HOME [MODULE ...]`.

Imports what submissions use once, then forks a fresh, sandboxed child for each. It holds no test,
no solution and no database handle. Each request is a small JSON message (the scratch folder, the
memory budget) with the child's two pipe ends; the reply is the child's process id with its pidfd.
Requests come over the inherited socket and over those that were handed in through it, one a worker.
A worker that is gone leaves no child behind: its connection closes, and they are killed. The parent
ends when the inherited socket closes, and removes its home, which holds every scratch folder.

It forks with one thread: torch and NumPy are held to one, and see no accelerator, for each of which
autograd would start another.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import select
import selectors
import signal
import socket
import struct
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.kernel import huge_pages, namespaces
from grader.kernel.scratch import remove_folder
from grader.kernel.shell import make_shell, warm_up

if TYPE_CHECKING:
    from grader.kernel import sandbox

__all__ = ["CONNECT", "READY", "main"]

CONNECT = b"connect"  # with a socket's descriptor: fork requests will come from there too
READY = b"ready"  # with why there are no namespaces, where there are none
GONE = b"-"  # in a process id's place: shorter than one
DYING = 1.0  # seconds that a killed child may take to be gone
MANY = 20  # children: for fewer, the second that huge pages take does not pay


@dataclass
class _Asker:
    """A connection, with the pidfds of the children that were forked for it and may still run."""

    socket: socket.socket
    children: list[int] = field(default_factory=list)

    def add(self, child: int) -> None:
        """Remember a child, and forget those that have ended."""
        ended, _, _ = select.select(self.children, [], [], 0)
        for each in ended:
            self.children.remove(each)
            os.close(each)
        self.children.append(child)

    def close(self) -> None:
        """Nobody reads what the children would answer: end them."""
        for each in self.children:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(each, signal.SIGKILL)
            select.select([each], [], [], DYING)  # till then it may go on writing
            os.close(each)
        self.socket.close()


class _Parent:
    def __init__(self, control: socket.socket, home: Path, shell: Any, plan: sandbox.Plan) -> None:
        self.control = control
        self.home = home
        self.shell = shell
        self.plan = plan
        self.selector = selectors.DefaultSelector()
        self.forks = 0
        self._listen(control)

    def serve(self) -> None:
        """Answer until the inherited socket closes."""
        while True:
            for key, _ in self.selector.select():
                self._answer(key.data)

    def _listen(self, connection: socket.socket) -> None:
        self.selector.register(connection, selectors.EVENT_READ, _Asker(connection))

    def _answer(self, asker: _Asker) -> None:
        """Take one message: a new connection, a request to fork, or the end of either."""
        try:
            message, descriptors, _, _ = socket.recv_fds(asker.socket, 65536, 2)
        except OSError:  # who asked was killed before it read our last answer
            message, descriptors = b"", []
        if not message:
            if asker.socket is self.control:
                self._end()
            self.selector.unregister(asker.socket)
            asker.close()
        elif message == CONNECT:
            self._listen(socket.socket(fileno=descriptors[0]))
        else:
            self._fork(asker, json.loads(message), descriptors)

    def _end(self) -> None:
        for key in self.selector.get_map().values():
            key.data.close()
        remove_folder(self.home)
        os._exit(0)

    def _fork(self, asker: _Asker, request: dict[str, Any], descriptors: list[int]) -> None:
        from grader.kernel import child

        self.forks += 1
        if self.forks == MANY:
            huge_pages.gather()
        pid = os.fork()
        if pid == 0:
            try:
                incoming, outgoing = descriptors
                _enter(request, self.plan, keep=descriptors)
                child.serve(self.shell, os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"))
            finally:
                os._exit(1)  # never back into the parent's own loop
        for each in descriptors:
            os.close(each)
        with contextlib.suppress(OSError):  # who asked may be gone: its end is the next message
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:  # it has ended already
                asker.socket.send(GONE)
                return
            asker.add(handle)
            socket.send_fds(asker.socket, [struct.pack("<i", pid)], [handle])


def main(descriptor: int, home: Path, preload: list[str]) -> None:
    """Import everything, close what can be closed for all, and serve fork requests."""
    control = socket.socket(fileno=descriptor)
    warm_up(preload, home)
    shell = make_shell()
    shell.run_cell("%matplotlib inline", store_history=False, silent=True)

    from grader.kernel import sandbox

    plan = sandbox.prepare()
    refused = namespaces.enter()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    gc.collect()
    gc.freeze()  # the collector leaves shared pages alone in the children
    try:
        control.sendall(READY + refused.encode())
    except OSError:  # nobody waits for us any more
        remove_folder(home)
        return
    _Parent(control, home, shell, plan).serve()


def _enter(request: dict[str, Any], plan: sandbox.Plan, keep: list[int]) -> None:
    """In the forked child: cut every tie to the outside, then close the sandbox."""
    from grader.kernel import sandbox

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    _close_all_but({0, 1, 2, *keep})
    scratch = str(request["scratch"])
    os.chdir(scratch)
    os.environ.update(TMPDIR=scratch, HOME=scratch)
    tempfile.tempdir = None
    sandbox.close(plan, Path(scratch), memory=int(request["memory"]))
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.seed()


def _close_all_but(kept: set[int]) -> None:
    """Close every other descriptor: the sockets above all, through which children are asked for."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) not in kept:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(int(entry.name))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

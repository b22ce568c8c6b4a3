"""The warm parent: `python -I -m grader.kernel.parent FD [MODULE ...]`.

Imports what submissions use once, then forks a fresh, sandboxed child for each. It holds no test,
no solution and no database handle. Each request is a small JSON message (the scratch folder, the
memory budget) with the child's two pipe ends; the reply is the child's process id with its pidfd.
Requests come over the inherited socket and over those that were handed in through it, one a worker.
It ends when the inherited socket closes.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import selectors
import shutil
import signal
import socket
import struct
import sys
import tempfile
from pathlib import Path

from grader.kernel.shell import make_shell, warm_up

__all__ = ["CONNECT", "READY", "main"]

CONNECT = b"connect"  # with a socket's descriptor: fork requests will come from there too
READY = b"ready"
GONE = b"-"  # in a process id's place: shorter than one


def main(descriptor: int, preload: list[str]) -> None:
    """Serve fork requests until the inherited socket closes."""
    control = socket.socket(fileno=descriptor)
    warm_up(preload)
    shell = make_shell()
    shell.run_cell("%matplotlib inline", store_history=False, silent=True)

    from grader.kernel import sandbox

    plan = sandbox.prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    gc.collect()
    gc.freeze()  # the collector leaves shared pages alone in the children
    control.sendall(READY)
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                _answer(key.fileobj, control, selector, shell, plan)


def _answer(
    asking: socket.socket,
    control: socket.socket,
    selector: selectors.BaseSelector,
    shell: object,
    plan: object,
) -> None:
    """Take one message: a new connection, a request to fork, or the end of either."""
    try:
        message, descriptors, _, _ = socket.recv_fds(asking, 65536, 2)
    except OSError:  # who asked was killed before it read our last answer
        message, descriptors = b"", []
    if not message:
        if asking is control:
            shutil.rmtree(os.environ["IPYTHONDIR"], ignore_errors=True)  # made by warm_up
            os._exit(0)
        selector.unregister(asking)
        asking.close()
    elif message == CONNECT:
        selector.register(socket.socket(fileno=descriptors[0]), selectors.EVENT_READ)
    else:
        _fork(asking, json.loads(message), descriptors, shell, plan)


def _fork(
    asking: socket.socket,
    request: dict[str, object],
    descriptors: list[int],
    shell: object,
    plan: object,
) -> None:
    from grader.kernel import child

    pid = os.fork()
    if pid == 0:
        incoming, outgoing = descriptors
        _enter(request, plan, keep=descriptors)
        child.serve(shell, os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"))
    for each in descriptors:
        os.close(each)
    with contextlib.suppress(OSError):  # who asked may be gone; the child ends at its closed pipe
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:  # it has ended already
            asking.send(GONE)
            return
        with os.fdopen(handle, "rb"):
            socket.send_fds(asking, [struct.pack("<i", pid)], [handle])


def _enter(request: dict[str, object], plan: object, keep: list[int]) -> None:
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
    assert isinstance(plan, sandbox.Plan)
    sandbox.close(plan, Path(scratch), memory=int(str(request["memory"])))
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()


def _close_all_but(kept: set[int]) -> None:
    """Close every other descriptor: the sockets above all, through which children are asked for."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) not in kept:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(int(entry.name))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

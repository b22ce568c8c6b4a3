"""The warm parent: `python -I -m grader.kernel.parent FD [MODULE ...]`.

Imports what submissions use once, then forks a fresh, sandboxed child for each. It holds no test,
no solution and no database handle. Each request on the socket is a small JSON message (the scratch
folder, the memory budget) with the child's two pipe ends; the reply is the child's process id with
its pidfd. It ends when its socket closes.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import socket
import struct
import sys
import tempfile
from pathlib import Path

from grader.kernel.shell import make_shell, warm_up

__all__ = ["main"]


def main(descriptor: int, preload: list[str]) -> None:
    """Serve fork requests on the inherited socket until it closes."""
    requests = socket.socket(fileno=descriptor)
    warm_up(preload)
    shell = make_shell()
    shell.run_cell("%matplotlib inline", store_history=False, silent=True)

    from grader.kernel import child, sandbox

    plan = sandbox.prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    gc.collect()
    gc.freeze()  # the collector leaves shared pages alone in the children
    requests.sendall(struct.pack("<i", os.getpid()))
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 65536, 2)
        if not message:
            os._exit(0)
        request = json.loads(message)
        pid = os.fork()
        if pid == 0:
            requests.close()
            _enter(request, plan)
            incoming, outgoing = (os.fdopen(descriptors[0], "rb"), os.fdopen(descriptors[1], "wb"))
            child.serve(shell, incoming, outgoing)
        for each in descriptors:
            os.close(each)
        handle = os.pidfd_open(pid)
        socket.send_fds(requests, [struct.pack("<i", pid)], [handle])
        os.close(handle)


def _enter(request: dict[str, object], plan: object) -> None:
    """In the forked child: cut every tie to the outside, then close the sandbox."""
    from grader.kernel import sandbox

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
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


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

"""A line to a port that can go dead without a word, as a sleeping laptop's does."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator

__all__ = ["Line", "open_line"]


class Line(socketserver.ThreadingTCPServer):
    """Passes bytes on in both directions.

    While it is asleep, nothing comes through, and nobody is told. What was open then, or was opened
    meanwhile, stays dead when it wakes; only new connections work.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.port = port
        self.night = 0  # how often it fell asleep
        self.asleep = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def sleep(self) -> None:
        self.night += 1
        self.asleep = True

    def wake(self) -> None:
        self.asleep = False


class _Connection(socketserver.BaseRequestHandler):
    server: Line

    def handle(self) -> None:
        self.night = -1 if self.server.asleep else self.server.night
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.server.port)) as far,
        ):
            back = threading.Thread(target=self.pass_on, args=(far, self.request), daemon=True)
            back.start()
            self.pass_on(self.request, far)
            back.join()

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.alive:
                    sink.sendall(data)
            if self.alive:
                sink.shutdown(socket.SHUT_WR)

    @property
    def alive(self) -> bool:
        return self.night == self.server.night


@contextlib.contextmanager
def open_line(port: int) -> Iterator[Line]:
    """A line that is awake."""
    with Line(port) as line:
        threading.Thread(target=line.serve_forever, daemon=True).start()
        yield line
        line.shutdown()

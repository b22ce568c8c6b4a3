"""The room's service: what the hub starts, and the addresses that browsers and kernels call.

The hub looks after its services only every half minute, so the one that it starts looks after the
one that serves. Who calls is told by the hub alone: a browser by its login, a learner's kernel by
the token of its own server. A learner's request is about that learner, whatever it says of itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse

from jupyterhub.services.auth import HubOAuthCallbackHandler
from jupyterhub.utils import url_path_join
from tornado.web import Application, StaticFileHandler

from grader.kernel.sandbox import die_with_parent
from grader.room import handlers, teaching
from grader.room.folder import RoomFolder
from grader.room.live import Live
from grader.room.plan import read_plan
from grader.room.room import Room

__all__ = ["application", "main"]

STATIC = Path(__file__).parent / "templates" / "static"
BODY = 256 << 10  # bytes of one request
SERVING = "--serving"
PAUSE = 0.5  # seconds before a service that died is started again
log = logging.getLogger("grader.room")


def application(room: Room, live: Live, prefix: str, secret: bytes) -> Application:
    """The service as a tornado application under its prefix.

    Whoever is known by a cookie must send the page's token too: JupyterHub's own check sees to that
    before it says who it is. A kernel is known by a token in a header, which no site can send.
    """
    shared = {"room": room, "live": live}
    addresses = [
        ("", handlers.PageHandler),
        ("api/board", handlers.BoardHandler),
        ("api/live", handlers.LiveHandler),
        ("api/events", handlers.EventsHandler),
        ("api/stuck", handlers.StuckHandler),
        ("api/submit", handlers.SubmitHandler),
        ("api/catch-up", handlers.CatchUpHandler),
        ("feedback/([0-9a-z_]+)", handlers.FeedbackHandler),
        ("api/teach", teaching.TeachHandler),
        ("export.csv", teaching.ExportHandler),
    ]
    routes: list[tuple[object, ...]] = [
        (url_path_join(prefix, path), handler, shared) for path, handler in addresses
    ]
    routes += [
        (url_path_join(prefix, "oauth_callback"), HubOAuthCallbackHandler),
        (url_path_join(prefix, "static/(.*)"), StaticFileHandler, {"path": str(STATIC)}),
        (url_path_join(prefix, "health"), handlers.HealthHandler),
    ]
    return Application(
        routes,  # type: ignore[arg-type]
        cookie_secret=secret,
        default_handler_class=handlers.NotFoundHandler,
    )


async def serve(folder: Path) -> None:
    """Serve the room until the hub ends this process."""
    room_folder = RoomFolder(folder)
    room = Room(room_folder, read_plan(room_folder.plan))
    live = Live(room)
    url = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    made = application(room, live, prefix, room_folder.secret())
    server = made.listen(url.port or 0, url.hostname or "127.0.0.1", max_body_size=BODY)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    marking = asyncio.create_task(room.desk.mark_forever(room.changed))
    await ended.wait()
    server.stop()
    live.close()
    marking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await marking
    room.close()


def watch(folder: str) -> None:
    """Keep a service running in a child, and start another at once where it dies."""
    ended: list[int] = []
    command = [sys.executable, "-m", "grader.room.service", folder, SERVING]
    child = subprocess.Popen(command)

    def end(number: int, frame: object) -> None:
        ended.append(number)
        child.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while child.wait() and not ended:
        log.error("the service ended with %s; starting it again", child.returncode)
        time.sleep(PAUSE)
        child = subprocess.Popen(command)


def main() -> None:
    """`python -m grader.room.service FOLDER`, as the hub calls it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("tornado.access").setLevel(logging.WARNING)
    die_with_parent()  # the next hub starts another, and two would write
    if SERVING in sys.argv:
        asyncio.run(serve(Path(sys.argv[1])))
    else:
        watch(sys.argv[1])


if __name__ == "__main__":
    main()

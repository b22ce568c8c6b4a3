"""JupyterHub as the room needs it: who comes in, how servers start, which services there are."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.spawner import SimpleLocalProcessSpawner
from tornado.web import HTTPError
from traitlets import Unicode

from grader.errors import GraderError
from grader.room.folder import RoomFolder, Settings, is_free
from grader.room.people import MOST, TEACHER, split_code
from grader.room.store import Store

__all__ = ["CONFIG", "RoomAuthenticator", "RoomSpawner", "configure"]

CONFIG = '''"""Made by `grader room start`, which renews it."""

from grader.room.hub import configure

configure(get_config(), {folder!r})  # noqa: F821 -- JupyterHub supplies it
'''
COOKIE = "attend-room-device"
COOKIE_DAYS = 30
WRONG = 1.0  # seconds that a wrong password waits
IDLE = 2 * 3600  # seconds after which a server without use is stopped; its files stay
FIRST_PORT, LAST_PORT = 20_000, 30_000  # of learners' servers
TEMPLATES = Path(__file__).parent / "templates"
ROOM = "/services/room/"
ENTER = "access:services!service=room"


class RoomAuthenticator(SharedPasswordAuthenticator):  # type: ignore[misc]
    """Any name with the room's password; the teacher with the teacher's own."""

    folder = Unicode(help="The room's folder.", config=True)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> Any:
        """Who has come in; the hub learns the plain account, the room's register the name."""
        typed, password = data.get("username", ""), data.get("password", "")
        teacher = split_code(typed)[0].strip().casefold() == TEACHER
        asked = {"username": TEACHER if teacher else "learner", "password": password}
        # compare_digest takes no letters beyond ASCII, and no password here has any
        model = await super().authenticate(handler, asked) if password.isascii() else None
        if model is None:
            await asyncio.sleep(WRONG)
            whose = "the teacher's" if teacher else "the room's"
            raise HTTPError(403, f"That is not {whose} password. Names are free, it is not.")
        if teacher:
            return model
        try:
            person = RoomFolder(Path(self.folder)).people.admit(typed, _device(handler))
        except GraderError as refused:
            await asyncio.sleep(WRONG)
            raise HTTPError(403, str(refused)) from None
        return {**model, "name": person.account}


def _device(handler: Any) -> str:
    """The secret that this browser keeps, given to it the first time."""
    known = handler.get_signed_cookie(COOKIE, max_age_days=COOKIE_DAYS)
    if known:
        return str(known.decode())
    device = secrets.token_urlsafe(24)
    kept = {"path": handler.hub.base_url, "httponly": True, "samesite": "Lax"}  # no server sees it
    handler.set_signed_cookie(COOKIE, device, expires_days=COOKIE_DAYS, **kept)
    return device


class RoomSpawner(SimpleLocalProcessSpawner):  # type: ignore[misc]
    """A server in the learner's own folder, with the walls that this machine has."""

    folder = Unicode(help="The room's folder.", config=True)

    async def start(self) -> Any:
        """Put what is released into the learner's folder, then start there."""
        room = RoomFolder(Path(self.folder))
        settings = room.settings()
        self._walls, self._shared = settings.walls, room.shared
        person = room.people.find(self.user.name)
        if person is None and self.user.name != TEACHER:
            raise HTTPError(403, "The room's register does not know this name: log in again.")
        home = room.home(person, settings.walls)
        self._number = person.number if person else 0
        runtime = room.runtime(self._number, settings.walls)
        runtime.make()
        self._runtime = runtime.folder
        store = Store(room.store)
        released = list(store.releases())
        store.close()
        room.deliver(home, released)
        self.home_dir = self.notebook_dir = str(home.folder)
        self.default_url = f"/lab/tree/{released[-1]}.ipynb" if released else "/lab"
        self.port = _port(self._number)
        return await super().start()

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Close the walls around the process that becomes the server."""
        close: Callable[[], None] = self._walls.closing(
            Path(self.home_dir), self._number, [self._shared], self._runtime
        )
        return close

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """The learner's own folder in the place of every other."""
        own = {"USER": self.user.name, "LOGNAME": self.user.name, "HOME": self.home_dir}
        own |= {"TMPDIR": str(Path(self.home_dir) / ".tmp"), "SHELL": "/bin/bash"}
        return {**env, **own, "JUPYTER_RUNTIME_DIR": str(self._runtime)}


def _port(number: int) -> int:
    """A port below those that the system gives to anybody who asks.

    The hub's own way is to ask for any free one, and let go of it; before a busy server comes to
    take it, one of the class's kernels may have.
    """
    mine = range(FIRST_PORT + number, LAST_PORT, MOST + 1)
    return next((port for port in mine if is_free("127.0.0.1", port)), 0)


def configure(c: Any, folder: str) -> None:
    """Write the hub's configuration into `c`."""
    room = RoomFolder(Path(folder))
    settings = room.settings()
    hub = c.JupyterHub
    hub.authenticator_class, hub.spawner_class = RoomAuthenticator, RoomSpawner
    hub.bind_url = f"http://{settings.ip}:{settings.port}/"
    hub.hub_bind_url = f"http://127.0.0.1:{settings.hub_port}/"
    hub.db_url = f"sqlite:///{room.own / 'jupyterhub.sqlite'}"
    hub.cookie_secret_file = str(room.own / "cookie_secret")
    hub.template_paths = [str(TEMPLATES)]
    hub.default_url = _first_page
    hub.concurrent_spawn_limit = 40  # a class arrives at once
    hub.shutdown_on_logout = False
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.proxy_port}"
    c.ConfigurableHTTPProxy.pid_file = str(room.own / "proxy.pid")
    c.RoomAuthenticator.folder = c.RoomSpawner.folder = folder
    c.RoomAuthenticator.user_password = settings.password
    c.RoomAuthenticator.admin_password = settings.teacher_password
    c.RoomAuthenticator.admin_users = {TEACHER}
    c.RoomAuthenticator.allow_all = True
    _configure_spawner(c.RoomSpawner, room, settings)
    _configure_services(hub, room, settings)


def _first_page(handler: Any) -> str:
    """The teacher lands on the room's page; a learner, by the hub's own rule, in JupyterLab."""
    user = handler.current_user
    return ROOM if user is not None and user.name == TEACHER else ""


def _configure_spawner(spawner: Any, room: RoomFolder, settings: Settings) -> None:
    spawner.cmd = [str(Path(sys.prefix) / "bin" / "jupyterhub-singleuser")]
    root = not settings.accounts and os.geteuid() == 0
    spawner.args = ["--allow-root"] if root else []
    spawner.start_timeout = spawner.http_timeout = 180  # thirty of them start on two cores
    spawner.environment = {
        "PYTHONPATH": str(room.shared),
        "JUPYTER_CONFIG_PATH": str(room.shared / "jupyter"),
        "ATTEND_EVENTS": lambda spawner: str(Path(spawner.home_dir, ".attend", "events.jsonl")),
        "ATTEND_ROOM": f"http://127.0.0.1:{settings.service_port}{ROOM}",
        "ATTEND_ROOM_PAGE": ROOM,
        "OMP_NUM_THREADS": "1",  # the class shares the cores
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _configure_services(hub: Any, room: RoomFolder, settings: Settings) -> None:
    python = [sys.executable, "-m"]
    idle = [*python, "jupyterhub_idle_culler", f"--timeout={IDLE}", "--cull-every=300"]
    home = {"HOME": str(room.own)}
    hub.services = [
        {
            "name": "room",
            "url": f"http://127.0.0.1:{settings.service_port}",
            "command": [*python, "grader.room.service", str(room.folder)],
            "cwd": settings.repository,
            "environment": home,
            "oauth_no_confirm": True,
        },
        {"name": "idle", "command": idle, "environment": home},
    ]
    hub.load_roles = [
        {"name": "user", "scopes": ["self", ENTER]},
        {"name": "server", "scopes": ["users:activity!user", "access:servers!server", ENTER]},
        {
            "name": "idle",
            "services": ["idle"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        },
    ]

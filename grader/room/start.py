"""Start the room: its folder, the hub's configuration, the hub itself; and how to come in."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

from grader.errors import GraderError, MachineError
from grader.kernel.sandbox import die_with_parent
from grader.room.folder import RoomFolder, Settings, free_ports, is_free, new_password
from grader.room.plan import Plan, write_plan
from grader.room.store import Store
from grader.room.walls import Walls

__all__ = ["Running", "addresses", "default_folder", "find_program", "open_folder", "prove", "run"]

PATIENCE = 60.0  # seconds until the hub and its services must answer
ENDING = 40.0  # seconds that the hub gets to stop everybody's servers
TEACHER_SYLLABLES = 24  # 48 letters and more than the 32 that the hub asks for
ROOM_SYLLABLES = 8


def default_folder() -> Path:
    """Where a room lives unless one says otherwise; of root, where other accounts can pass."""
    return Path("/var/lib/attend-room") if os.geteuid() == 0 else Path.home() / "attend-room"


def find_program(name: str) -> str | None:
    """A program of this environment, or of the system."""
    own = Path(sys.prefix) / "bin" / name
    return str(own) if own.exists() else shutil.which(name)


def open_folder(
    folder: Path, repository: Path, course: Path, path: str, ip: str, port: int, walls: Walls
) -> RoomFolder:
    """Make the room's folder ready; passwords and people of an earlier start stay.

    Raises:
        GraderError: where the port is taken.
    """
    room = RoomFolder(folder.resolve())
    room.make()
    room.share(repository)
    _end_old_proxy(room)
    if not is_free(ip, port):
        raise GraderError(f"Port {port} is taken; choose another with --port.")
    inner = free_ports(3)
    try:
        known = room.settings()
        passwords = known.password, known.teacher_password
        before = [known.hub_port, known.proxy_port, known.service_port]
        if all(is_free("127.0.0.1", one) for one in before):
            inner = before  # a server that outlived its hub finds the next one there
    except GraderError:
        passwords = new_password(ROOM_SYLLABLES), new_password(TEACHER_SYLLABLES)
    room.save(
        Settings(
            repository=str(repository),
            course=str(course.resolve()),
            path=path,
            ip=ip,
            port=port,
            hub_port=inner[0],
            proxy_port=inner[1],
            service_port=inner[2],
            password=passwords[0],
            teacher_password=passwords[1],
            accounts=walls.accounts,
            landlock=walls.landlock,
        )
    )
    return room


def set_deadline(room: RoomFolder, deadline: float | None) -> None:
    """Note until when submissions count."""
    room.save(replace(room.settings(), deadline=deadline))


def release_first(room: RoomFolder, plan: Plan) -> str:
    """Keep the plan, release its first lesson in a new room; return the newest released one."""
    write_plan(plan, room.plan)
    store = Store(room.store)
    try:
        if not store.releases():
            store.release(plan.lessons[0].name)
        return list(store.releases())[-1]
    finally:
        store.close()


def prove(room: RoomFolder) -> None:
    """Try, as a learner, to read what no learner may.

    Raises:
        MachineError: naming what can be read.
    """
    settings = room.settings()
    home = room.home(None, settings.walls)
    home.make()
    repository, course = Path(settings.repository), Path(settings.course)
    secret = [repository / "solutions", repository / "tests", repository / ".git"]
    secret += [course / "gradebook.db", course / "course.json", room.own]
    secret = [path for path in secret if path.exists()]
    open_to_them = settings.walls.try_reading(secret, home.folder, 0)
    if open_to_them:
        named = " ".join(str(path) for path in open_to_them)
        way = "close it with chmod o-rwx" if settings.walls.accounts else "move it elsewhere:"
        raise MachineError(f"A learner's server could read what no learner may: {way} {named}")


class Running:
    """The hub, with everything that it starts."""

    def __init__(self, room: RoomFolder) -> None:
        """Start it.

        Raises:
            MachineError: where it does not come up.
        """
        from grader.room.hub import CONFIG

        self.room = room
        config = room.own / "jupyterhub_config.py"
        config.write_text(CONFIG.format(folder=str(room.folder)), encoding="utf-8")
        self.log = room.own / "hub.log"
        bin_folder = str(Path(sys.prefix) / "bin")
        environment = {
            **os.environ,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}",
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(32),
        }
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=room.own,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours: the hub is then ended in order
                preexec_fn=partial(die_with_parent, signal.SIGTERM),  # it then ends in order
            )
        try:
            self._wait_until_it_answers()
        except BaseException:  # Ctrl-C too: nothing that we started may stay behind
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        """Whether the hub runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The hub's process."""
        return self._process.pid

    def stop(self) -> None:
        """End the hub, which ends the learners' servers first; their files stay."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            if self._process.wait(ENDING) == 0:  # in order: no server has outlived it
                shutil.rmtree(self.room.sockets, ignore_errors=True)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _wait_until_it_answers(self) -> None:
        port = self.room.settings().port
        deadline = time.monotonic() + PATIENCE
        waiting = ["hub/health", "services/room/health"]
        while waiting:
            if not self.alive or time.monotonic() > deadline:
                raise MachineError(f"The hub did not come up; why stands in {self.log}.")
            if _answers(f"http://127.0.0.1:{port}/{waiting[0]}"):
                waiting.pop(0)
            else:
                time.sleep(0.2)


def addresses(settings: Settings) -> list[str]:
    """Where learners' browsers find the room."""
    if settings.ip not in ("", "0.0.0.0"):
        return [f"http://{settings.ip}:{settings.port}"]
    found = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: asks which way out there is
        found.append(f"http://{probe.getsockname()[0]}:{settings.port}")
    return [*found, f"http://127.0.0.1:{settings.port}"]


def run(running: Running, say: Callable[[str], None]) -> None:
    """Wait until Ctrl-C, or until the hub ends by itself.

    Raises:
        MachineError: where it ended by itself.
    """
    ends: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, frame: ends.append(got))
    while not ends:
        if not running.alive:
            raise MachineError(
                f"The hub has ended; why stands in {running.log}. Start the room again: everybody "
                "finds their work as they left it."
            )
        time.sleep(0.3)
    say("Ending everybody's servers; their files stay. Start again, and all is as it was.")
    running.stop()


def _end_old_proxy(room: RoomFolder) -> None:
    """A hub that was killed leaves its proxy behind, and that holds the port."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        left = psutil.Process(int((room.own / "proxy.pid").read_text(encoding="utf-8")))
        if any("configurable-http-proxy" in word for word in left.cmdline()):
            left.terminate()
            left.wait(5)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status < 400)
    except (OSError, urllib.error.URLError):
        return False

"""Where a room lives on disk: learners' homes, what they share, and what is the room's alone."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.errors import GraderError
from grader.room.homes import Home
from grader.room.people import TEACHER, People, Person
from grader.room.walls import Walls

__all__ = ["RoomFolder", "Settings", "free_ports", "is_free", "new_password", "why_taken"]

SYLLABLES = "ba be bi bo da de di do ka ke ki ko la le li lo ma me mi mo na ne ni no ta te ti to"
QUIET = {  # JupyterLab's own settings: save often, and ask the network for nothing
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}

WITHOUT = {"disabledExtensions": {"@jupyter/nbgrader": True}}  # the teacher's tools, no learner's
UNUSED = {  # parts of a server that only cost the class time when it comes in all at once
    f"nbgrader.server_extensions.{name}": False
    for name in ("assignment_list", "course_list", "formgrader", "validate_assignment")
} | {"jupyterlab_jupytext": False, "jupyter_lsp": False}
SERVER = {
    "ServerApp": {"jpserver_extensions": UNUSED},
    # What a kernel prints, and the code that it runs, goes to whoever connects: over TCP that is
    # every account here. And of thirty kernels that ask for free ports at once, two may get one.
    "KernelManager": {"transport": "ipc"},
    "MappingKernelManager": {"transport_encryption": "required"},
}


@dataclass(frozen=True)
class Settings:
    """What one room was started with; kept, so that a second start is the same room."""

    repository: str
    course: str
    path: str
    ip: str
    port: int
    hub_port: int
    proxy_port: int
    service_port: int
    password: str
    teacher_password: str
    deadline: float | None = None  # seconds since 1970
    accounts: bool = False
    landlock: int = 0

    @property
    def walls(self) -> Walls:
        """The walls that this room was started with."""
        return Walls(self.accounts, self.landlock)


@dataclass(frozen=True)
class RoomFolder:
    """One room's folder.

    `homes` may be passed by every account, and each home is its learner's alone; `shared` may be
    read by all; `own` is closed to learners.
    """

    folder: Path

    @property
    def homes(self) -> Path:
        """The learners' folders."""
        return self.folder / "homes"

    @property
    def shared(self) -> Path:
        """The attend package, and JupyterLab's settings."""
        return self.folder / "shared"

    @property
    def own(self) -> Path:
        """Passwords, databases, logs, what was handed in."""
        return self.folder / "own"

    @property
    def sockets(self) -> Path:
        """Where learners' servers talk to their kernels: a socket's whole path has 107 letters."""
        return Path("/tmp") / f"attend-{hashlib.sha256(bytes(self.folder)).hexdigest()[:8]}"

    @property
    def people(self) -> People:
        """The register."""
        return People(self.own / "people.json")

    @property
    def plan(self) -> Path:
        """What the day holds."""
        return self.own / "plan.json"

    @property
    def store(self) -> Path:
        """The room's memory."""
        return self.own / "room.db"

    def make(self) -> None:
        """Make the folders, with the rights that each must have.

        Raises:
            GraderError: where the folder of sockets is somebody else's.
        """
        for path, mode in (
            (self.folder, 0o711),
            (self.homes, 0o711),
            (self.shared, 0o755),
            (self.own, 0o700),
        ):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(mode)
        try:
            Home(self.sockets).make(0o711)
        except OSError as error:
            raise GraderError(
                f"{self.sockets}, for the kernels' sockets, is in the way or another account's "
                f"({error.strerror}): remove it, and start again."
            ) from None

    def share(self, repository: Path) -> None:
        """Put there what all learners read: attend with its check data, and quiet settings."""
        attend = self.shared / "attend"
        shutil.rmtree(attend, ignore_errors=True)
        hidden = shutil.ignore_patterns("__pycache__")
        shutil.copytree(repository / "notebooks" / "attend", attend, ignore=hidden)
        labconfig = self.shared / "jupyter" / "labconfig"
        labconfig.mkdir(parents=True, exist_ok=True)
        for name, content in (("default_setting_overrides", QUIET), ("page_config", WITHOUT)):
            (labconfig / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        config = labconfig.parent / "jupyter_server_config.json"
        config.write_text(json.dumps(SERVER), encoding="utf-8")
        for path in [self.shared, *self.shared.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    def save(self, settings: Settings) -> None:
        """Keep the settings, which hold the passwords."""
        path = self.own / "settings.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(settings), indent=1) + "\n", encoding="utf-8")

    def settings(self) -> Settings:
        """The settings of the room that was started here.

        Raises:
            GraderError: where there is none.
        """
        try:
            text = (self.own / "settings.json").read_text(encoding="utf-8")
            return Settings(**json.loads(text))
        except (OSError, ValueError, TypeError):
            raise GraderError(
                f"{self.folder} holds no room; `grader room start` makes one."
            ) from None

    def secret(self) -> bytes:
        """What the service signs its cookies with, the same after each start."""
        path = self.own / "service_secret"
        if not path.is_file():
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(32))
        return path.read_bytes()

    def home(self, person: Person | None, walls: Walls) -> Home:
        """A learner's home, or, of nobody, the teacher's."""
        if person is None:
            return Home(self.homes / TEACHER, walls.uid(0))
        return Home(self.homes / person.account, walls.uid(person.number))

    def runtime(self, number: int, walls: Walls) -> Home:
        """The folder of a learner's sockets, as theirs alone as the home is."""
        return Home(self.sockets / str(number), walls.uid(number))

    def deliver(self, home: Home, lessons: Iterable[str]) -> None:
        """Put the released notebooks into a home; what is there already stays as it is."""
        home.make()
        home.write(".tmp/.keep", b"")  # the learner's folder for temporary files
        notebooks = Path(self.settings().repository) / "notebooks"
        for lesson in lessons:
            name = f"{lesson}.ipynb"
            if not home.has(name):
                home.write(name, (notebooks / name).read_bytes())


def new_password(syllables: int) -> str:
    """A password to read from a wall and to type on a phone: `bamo-tike-lona`."""
    drawn = [secrets.choice(SYLLABLES.split()) for _ in range(syllables)]
    pairs = ["".join(drawn[place : place + 2]) for place in range(0, syllables, 2)]
    return "-".join(pairs)


def is_free(ip: str, port: int) -> bool:
    """Whether a server could listen there."""
    return not why_taken(ip, port)


def why_taken(ip: str, port: int) -> str:
    """Why no server could listen there; nothing where one could."""
    try:
        socket.create_server((ip, port)).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def free_ports(number: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports

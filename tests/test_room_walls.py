"""What one learner's server can reach: its own folder; nobody else's, no answers, no grades."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY
from room_parts import open_way

from grader.errors import GraderError, MachineError
from grader.room.folder import RoomFolder
from grader.room.homes import Home
from grader.room.walls import Walls, find_walls

WALLS = find_walls()
# Where Python itself is closed to other accounts, the system's shows what an account keeps apart.
ROOT = os.geteuid() == 0
SYSTEM_PYTHON = "/usr/bin/python3"
PYTHON = sys.executable if WALLS.accounts else SYSTEM_PYTHON
KINDS = [
    pytest.param(
        Walls(False, WALLS.landlock),
        id="one account behind Landlock",
        marks=pytest.mark.skipif(not WALLS.landlock, reason="this kernel has no Landlock"),
    ),
    pytest.param(
        Walls(True, 0),
        id="accounts",
        marks=pytest.mark.skipif(
            not (ROOT and Path(PYTHON).exists()), reason="only root can give each an account"
        ),
    ),
    pytest.param(
        WALLS,
        id="all that this machine has",
        marks=pytest.mark.skipif(not WALLS.hold, reason="neither root nor Landlock here"),
    ),
]


@pytest.fixture
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for homes on a path that every account may go along, as `grader room` makes it."""
    folder = tmp_path_factory.mktemp("homes")
    open_way(folder)
    return folder


def as_learner(walls: Walls, homes: Path, number: int, program: str) -> str:
    """Run a program as a learner's server would, in its home; what it printed."""
    home = Home(homes / f"learner-{number:02d}", walls.uid(number))
    home.make()
    ran = subprocess.run(
        [PYTHON if walls.accounts else sys.executable, "-I", "-c", program],
        preexec_fn=walls.closing(home.folder, number),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home.folder)},
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def reading(path: Path) -> str:
    return f"""
try:
    print(open({str(path)!r}, "rb").read())
except OSError as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("walls", KINDS)
def test_a_learner_works_in_their_own_folder(walls: Walls, homes: Path) -> None:
    program = """
import json, os, subprocess, socket, tempfile
open("mine.txt", "w").write("mine")
os.mkdir("folder"); os.rename("mine.txt", "folder/mine.txt")
socket.create_server(("127.0.0.1", 0)).close()
print(subprocess.run(["sh", "-c", "cat folder/mine.txt"], capture_output=True, text=True).stdout)
"""
    assert as_learner(walls, homes, 1, program) == "mine"


@pytest.mark.parametrize("walls", KINDS)
def test_a_learner_cannot_read_anothers_work(walls: Walls, homes: Path) -> None:
    as_learner(walls, homes, 1, "open('work.ipynb', 'w').write('secret')")
    theirs = homes / "learner-01" / "work.ipynb"
    assert as_learner(walls, homes, 1, reading(theirs)) == "b'secret'"
    assert as_learner(walls, homes, 2, reading(theirs)) == "PermissionError"


@pytest.mark.skipif(not WALLS.landlock, reason="this kernel has no Landlock")
@pytest.mark.parametrize("name", ["solutions/paths.toml", "pyproject.toml", ".git/HEAD", "tests"])
def test_behind_landlock_the_repository_is_closed(homes: Path, name: str) -> None:
    walls = Walls(False, WALLS.landlock)
    assert (REPOSITORY / name).exists()
    assert as_learner(walls, homes, 1, reading(REPOSITORY / name)) == "PermissionError"


@pytest.mark.skipif(not WALLS.landlock, reason="this kernel has no Landlock")
def test_behind_landlock_other_processes_secrets_are_closed(homes: Path) -> None:
    walls = Walls(False, WALLS.landlock)
    path = Path(f"/proc/{os.getpid()}/environ")
    assert path.read_bytes()
    assert as_learner(walls, homes, 1, reading(path)) == "PermissionError"


@pytest.mark.skipif(WALLS.landlock < 6, reason="Landlock here knows no signals")
def test_behind_landlock_other_processes_cannot_be_ended(homes: Path) -> None:
    walls = Walls(False, WALLS.landlock)
    program = f"""
import os
try:
    os.kill({os.getpid()}, 0); print("could")
except OSError as error:
    print(type(error).__name__)
"""
    assert as_learner(walls, homes, 1, program) == "PermissionError"


@pytest.mark.parametrize("walls", KINDS)
def test_what_a_learner_could_read_is_tried_and_named(walls: Walls, homes: Path) -> None:
    home = Home(homes / "learner-03", walls.uid(3))
    home.make()
    own = home.folder / "own.txt"
    home.write("own.txt", b"x")
    other = Home(homes / "learner-04", walls.uid(4))
    other.make()
    other.write("theirs.txt", b"x")
    if walls.accounts and not WALLS.accounts:
        with pytest.raises(MachineError, match="must be open to other accounts"):
            walls.try_reading([own], home.folder, 3)
        return
    found = walls.try_reading([own, other.folder / "theirs.txt"], home.folder, 3)
    assert found == [own]


def test_what_lies_where_the_sockets_belong_is_named(tmp_path: Path) -> None:
    room = RoomFolder(tmp_path / "room")
    room.sockets.write_text("somebody's", encoding="utf-8")
    try:
        with pytest.raises(GraderError, match=f"{room.sockets}.*remove it"):
            room.make()
        assert room.sockets.read_text(encoding="utf-8") == "somebody's"
    finally:
        room.sockets.unlink()


def test_without_walls_it_is_said_plainly() -> None:
    none = Walls(False, 0)
    assert not none.hold
    assert none.told.startswith("NOTHING keeps learners apart")


def test_links_in_a_home_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_bytes(b"grades")
    (tmp_path / "closed").mkdir()
    home = Home(tmp_path / "home")
    home.make()
    (home.folder / "a.ipynb").symlink_to(secret)
    (home.folder / "feedback").symlink_to(tmp_path / "closed")
    os.mkfifo(home.folder / "b.ipynb")
    assert home.read("a.ipynb", 100) is None
    assert home.read("b.ipynb", 100) is None
    assert home.read("feedback/x", 100) is None
    with pytest.raises(OSError):
        home.write("feedback/x.html", b"x")
    home.write("a.ipynb", b"new")
    assert secret.read_bytes() == b"grades"
    assert home.read("a.ipynb", 100) == b"new"
    assert list((tmp_path / "closed").iterdir()) == []


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    home.write("a.ipynb", b"12345")
    assert home.read("a.ipynb", 5) == b"12345"
    assert home.read("a.ipynb", 4) is None


def test_ones_own_work_is_kept_beside_however_often(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    names = []
    for number in range(3):
        home.write("01.ipynb", json.dumps(number).encode())
        names.append(home.put_aside("01.ipynb", "mine"))
    assert names == ["01 (mine).ipynb", "01 (mine 2).ipynb", "01 (mine 3).ipynb"]
    assert home.read("01 (mine).ipynb", 9) == b"0"
    assert home.put_aside("01.ipynb", "mine") is None

"""The same class by `otter run`, in an environment of its own: `make bench` with `--with-otter`.

Otter-Grader is installed into a temporary environment by pip. So that it need not install torch a
second time, that environment also sees this one's packages, after its own. It grades what stock
nbgrader grades here: the same solved notebook, every cell run, and the same hidden tests, one
test file an exercise, in the notebook's own process. Each submission is one `otter run`, as Otter
runs them without containers; its start is in each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from measuring import out, timed

from grader.build import attend_zip
from grader.course import Lesson, find_repository

__all__ = ["measure_otter"]

INSTALLING = 1200.0  # seconds
ONE_RUN = 600.0
TEST = """\
OK_FORMAT = True

test = {{
    "name": "{name}",
    "points": {points},
    "suites": [
        {{
            "cases": [
                {{
                    "code": ">>> import grader.here\\n"
                    ">>> grader.here.run({lesson!r}, {name!r}, globals())\\n",
                    "hidden": True,
                    "locked": False,
                }}
            ],
            "scored": True,
            "setup": "",
            "teardown": "",
            "type": "doctest",
        }}
    ],
}}
"""


def measure_otter(lesson: Lesson, folder: Path, notebook: bytes, runs: int) -> dict[str, Any]:
    """Seconds of each of some runs on the solved notebook, and Otter's version.

    Raises:
        SystemExit: where it cannot be installed, fails, or does not give all points: a grader that
            does not see the right answer as right is not worth timing.
    """
    python = _environment(folder / "otter")
    submission = folder / f"{lesson.name}.ipynb"
    submission.write_bytes(notebook)
    bundle = _bundle(lesson, folder)
    command = [python.parent / "otter", "run", "-a", bundle, "--no-logo", submission]
    seconds = []
    for number in range(runs):
        results = folder / f"run-{number}"
        results.mkdir()
        took = timed([*command, "-o", results], folder, limit=ONE_RUN)
        seconds.append(took["seconds"])
        _all_points(lesson, results / "results.json")
    said = [python, "-c", "from importlib.metadata import version; print(version('otter-grader'))"]
    found = subprocess.run(said, capture_output=True, text=True, check=True).stdout.strip()
    return {"version": found, "seconds": seconds}


def _environment(home: Path) -> Path:
    out.print("otter-grader into an environment of its own …")
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    pins = ["otter-grader", "ipykernel", f"numpy=={version('numpy')}"]
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins]
    timed(command, home, limit=INSTALLING)
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    seen = [str(find_repository()), sysconfig.get_path("purelib")]
    (Path(own.stdout.strip()) / "attend.pth").write_text("\n".join(seen) + "\n")
    return python


def _bundle(lesson: Lesson, folder: Path) -> Path:
    """What `otter generate` makes: the tests, one file an exercise, and what the page imports."""
    path = folder / "autograder.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        for name, exercise in lesson.exercises.items():
            text = TEST.format(name=name, points=exercise.total, lesson=lesson.name)
            bundle.writestr(f"tests/{name}.py", text)
        bundle.writestr("files/attend.zip", attend_zip([lesson]))
        settings = {"print_summary": False, "show_hidden": True}
        bundle.writestr("otter_config.json", json.dumps(settings))
    return path


def _all_points(lesson: Lesson, results: Path) -> None:
    tests = json.loads(results.read_text(encoding="utf-8"))["tests"]
    got = sum(test.get("score", 0) for test in tests)
    most = sum(exercise.total for exercise in lesson.exercises.values())
    if abs(got - most) > 1e-6:
        sys.exit(f"otter run gave {got:g} of {most:g} points to the solved notebook.")

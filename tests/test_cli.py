"""The command line: bad input ends in one sentence and a documented exit code, never in a trace."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY
from nbformat import from_dict

from grader import cli, errors
from grader.course import find_repository, load_lessons
from grader.notebook import released, source_notebook, write_notebook

NAME = "01_dot_products"


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Callable[..., Ran]:
    """Runs `grader` in this process, through its own `main`."""
    monkeypatch.chdir(REPOSITORY)

    def grader(*words: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, words)])
        capfd.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capfd.readouterr()
        return Ran(code, said.out, said.err)

    return grader


def assert_one_sentence(ran: Ran, code: int, said: str) -> None:
    assert ran.code == code, ran
    assert "Traceback" not in ran.out + ran.err
    lines = [line for line in ran.err.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("grader: "), ran.err
    assert said in lines[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory: Any) -> Path:
    """A course that knows one lesson."""
    from grader.nbgrader_course import build_course

    course = tmp_path_factory.mktemp("built") / "course"
    build_course(course, load_lessons(REPOSITORY, ["01"]), seed=1)
    return course


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files that are wrong in various ways."""
    (tmp_path / "empty").mkdir()
    (tmp_path / f"{NAME}.ipynb").write_text('{"cells": [')
    (tmp_path / "other.ipynb").write_text('{"cells": []}')
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "records.json").write_text('{"records": 3}')
    (tmp_path / "broken.json").write_text("[{")
    other = tmp_path / "submitted" / "ada" / "02_softmax_and_weighted_sums"
    other.mkdir(parents=True)
    return tmp_path


INPUT = errors.INPUT
BAD = {
    "build: unknown lesson": ("build nonsense --course {t}/c", "There is no lesson 'nonsense'"),
    "build: the course's folder is a file": ("build 01 --course {t}/file", "{t}/file"),
    "check: unknown lesson": ("check {t}/other.ipynb", "names no lesson"),
    "check: named lesson unknown": ("check {t}/other.ipynb --lesson 77", "names no lesson"),
    "check: missing file": ("check {t}/missing.ipynb", "is not a file"),
    "check: a folder": ("check {t}/empty", "is not a file"),
    "check: unreadable notebook": ("check {t}/01_dot_products.ipynb", "breaks off"),
    "verify: unknown lesson": ("verify 77", "There is no lesson '77'"),
    "release: unknown lesson": ("release 77 --out {t}/r", "There is no lesson '77'"),
    "release: into a file": ("release 01 --out {t}/file", "cannot be written"),
    "release: into solutions": ("release 01 --out solutions/r", "does not go into solutions/"),
    "grade: unknown lesson": ("grade 77 --course {b}", "There is no lesson '77'"),
    "grade: no course": ("grade --course {t}/empty", "holds no course"),
    "grade: no folder": ("grade --course {b} --submitted {t}/none", "is not a folder"),
    "grade: a file for a folder": ("grade --course {b} --submitted {t}/file", "is not a folder"),
    "grade: empty folder": ("grade --course {b} --submitted {t}/empty", "holds no submission"),
    "grade: lesson not built": ("grade --course {b} --submitted {t}/submitted", "grader build 02"),
    "report: no records": ("report --course {t}/empty", "is not there"),
    "report: broken records": ("report --records {t}/broken.json --out {t}/o", "cannot be read"),
    "report: other records": ("report --records {t}/records.json --out {t}/o", "holds no records"),
    "report: broken truth": (
        "report --records {t}/broken.json --truth {t}/none.json --out {t}/o",
        "cannot be read",
    ),
}


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_sentence_and_exit_code_2(
    run: Callable[..., Ran], tree: Path, built: Path, words: str, said: str
) -> None:
    places = {"t": tree, "b": built}
    ran = run(*words.format(**places).split())
    assert_one_sentence(ran, errors.INPUT, said.format(**places))


@pytest.mark.parametrize(
    "words", ["nonsense", "grade --workers 0", "grade --timeout 0", "verify --seeds 0", "release"]
)
def test_wrong_usage_is_exit_code_2_too(run: Callable[..., Ran], words: str) -> None:
    ran = run(*words.split())
    assert ran.code == 2 and "Traceback" not in ran.err


def test_outside_a_repository_says_where_to_run(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., Ran]
) -> None:
    def nowhere(start: Path | None = None) -> Path:
        return find_repository(Path("/"))

    import grader.course

    monkeypatch.setattr(grader.course, "__file__", "/nowhere/grader/course.py")
    monkeypatch.chdir("/")
    assert_one_sentence(run("verify", "01"), errors.INPUT, "No solutions/ folder")


@pytest.mark.parametrize("words", ["verify 01", "grade 01 --course {b} --submitted {s}"])
def test_a_machine_without_sandbox_is_exit_code_3(
    run: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    built: Path,
    tmp_path: Path,
    words: str,
) -> None:
    import grader.kernel.sources as sources

    (tmp_path / "ada" / NAME).mkdir(parents=True)

    def none(*arguments: Any, **options: Any) -> None:
        raise errors.MachineError("The student kernel did not start: this kernel has no Landlock")

    monkeypatch.setattr(sources.WarmParent, "__init__", none)
    ran = run(*words.format(b=built, s=tmp_path).split())
    assert_one_sentence(ran, errors.MACHINE, "no Landlock")


def test_an_interruption_is_exit_code_130(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    import grader.course

    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(grader.course, "load_lessons", interrupted)
    ran = run("verify", "01")
    assert ran.code == errors.INTERRUPTED and "Traceback" not in ran.err
    assert "what was finished is kept" in ran.err


def hand_in(folder: Path, student: str, answer: str | None = None) -> Path:
    """The released notebook, solved but for one answer."""
    (lesson,) = load_lessons(REPOSITORY, ["01"])
    notebook = from_dict(source_notebook(lesson))
    for cell in notebook.cells:
        if answer and cell.metadata.get("nbgrader", {}).get("grade_id") == "cosine_similarity":
            cell.source = answer
    path = folder / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(write_notebook(notebook))
    return path


def test_checking_a_solved_notebook_is_exit_code_0(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("check", hand_in(tmp_path, "ada"), "--json", tmp_path / "out" / "verdicts.json")
    assert ran.code == 0 and "20 of 20 points" in ran.out
    records = json.loads((tmp_path / "out" / "verdicts.json").read_text(encoding="utf-8"))
    assert {record["status"] for record in records} == {"passed"}


def test_checking_an_unsolved_notebook_is_exit_code_1(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    (lesson,) = load_lessons(REPOSITORY, ["01"])
    path = tmp_path / "my 01_dot_products (1).ipynb"
    path.write_bytes(write_notebook(released(lesson)))
    ran = run("check", path)
    assert ran.code == errors.FOUND and "0 of 20 points" in ran.out
    assert "cosine_similarity is not written yet" in re.sub("`", "", ran.out)


def test_grading_writes_records_table_and_report(
    run: Callable[..., Ran], tmp_path: Path, built: Path
) -> None:
    hand_in(tmp_path / "submitted", "ada")
    hand_in(
        tmp_path / "submitted", "[bold]\x1b[31mmallory", "def cosine_similarity(a, b)\n    return"
    )
    out = tmp_path / "records.json"
    ran = run(
        "grade", "01", "--course", built, "--submitted", tmp_path / "submitted", "--json", out
    )
    assert ran.code == 0, ran
    assert re.search(r"ada +20 +20\s", ran.out) and re.search(r"mallory +\d+! +\d+\s", ran.out)
    assert re.search(r"trouble than a wrong value: .*\d error", ran.out)
    assert "\x1b[31m" not in ran.out
    records = json.loads(out.read_text(encoding="utf-8"))
    assert len(records) == 10 and {record["student"] for record in records if record["points"] == 0}
    ran = run("report", "--course", built, "--out", tmp_path / "report.html")
    assert ran.code == 0 and "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_verifying_one_lesson_writes_its_matrix(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("verify", "01", "--seeds", "1", "--json", tmp_path / "proofs.json")
    assert ran.code == 0, ran
    proofs = json.loads((tmp_path / "proofs.json").read_text(encoding="utf-8"))
    assert {proof["kind"] for proof in proofs} == {
        *("solution", "stub", "misconception", "alternative"),
    }
    assert all(proof["ok"] for proof in proofs)


def test_a_json_file_that_cannot_be_written_is_said(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = run("check", hand_in(tmp_path, "ada"), "--json", tmp_path / "file" / "out.json")
    assert ran.code == errors.INPUT and "cannot be written" in ran.err


def test_a_stale_notebook_is_exit_code_1(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    import grader.build

    monkeypatch.setattr(grader.build, "stale_files", lambda *arguments: ["notebooks/x.ipynb"])
    ran = run("build", "--check")
    assert ran.code == errors.FOUND and "stale: notebooks/x.ipynb" in ran.out


def test_the_doctor_finds_every_layer_here(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("doctor", "--json", tmp_path / "doctor.json")
    findings = json.loads((tmp_path / "doctor.json").read_text(encoding="utf-8"))
    failed = [finding for finding in findings if not finding["holds"]]
    assert ran.code == (errors.MACHINE if failed else 0)
    assert not [finding for finding in failed if "alembic" not in finding["name"]]

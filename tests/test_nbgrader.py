"""nbgrader itself, on our course: the same release, the same points, feedback without a secret."""

from __future__ import annotations

import copy
import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import REPOSITORY, secret_lines
from nbgrader.api import Gradebook

from grader.build import lesson_files
from grader.course import Lesson, load_lessons
from grader.errors import GraderError
from grader.grading import Settings, lesson_digest
from grader.nbgrader_course import Course, build_course, open_course
from grader.notebook import released, write_notebook
from grader.submissions import find_submissions
from grader.verdicts import KeptVerdicts, fingerprint
from solutions import sample_class

NAME = "01_dot_products"
LEARNERS = ("ada", "björn", "李雷")
PATTERN = (
    '[li]*?\n"x"'  # what nbgrader takes for a file pattern, and a line break, which ended its run
)
ODD = ("unwritten", "half", "nothing", "linked", PATTERN)
CLASS = {*LEARNERS, *ODD}
SEED = 11
KEPT = "Kept by a pool."


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    (found,) = load_lessons(REPOSITORY, [NAME])
    return found


@pytest.fixture(scope="module")
def classes(lesson: Lesson, tmp_path_factory: Any) -> Iterator[tuple[Course, Course]]:
    """Two fresh courses with one class: for nbgrader's own commands, and for `grader grade`."""
    home = tmp_path_factory.mktemp("courses")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_class, "LEARNERS", LEARNERS)
        courses = [build_course(home / name, [lesson], seed=SEED) for name in ("theirs", "ours")]
        for course in courses:
            sample_class.make_class([lesson], course.folder / "submitted")
            unwritten = write_notebook(released(lesson))
            for student in ("unwritten", PATTERN, "linked"):
                hand_in(course, student, unwritten)
            hand_in(course, "half", unwritten[:5000])
            for name in ("timestamp.txt", "data.csv"):  # what never ends, if anybody follows it
                (submitted(course, "linked") / name).symlink_to("/dev/zero")
            submitted(course, "nothing").mkdir(parents=True)
    yield courses[0], courses[1]


def submitted(course: Course, student: str) -> Path:
    return course.folder / "submitted" / student / NAME


def hand_in(course: Course, student: str, data: bytes) -> None:
    home = submitted(course, student)
    home.mkdir(parents=True)
    (home / f"{NAME}.ipynb").write_bytes(data)


def command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment; fail with what it said where it fails."""
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran


@pytest.fixture(scope="module")
def autograded(classes: tuple[Course, Course]) -> Course:
    """The course after nbgrader's own autograde, feedback and export."""
    theirs, _ = classes
    command("nbgrader", "autograde", NAME, cwd=theirs.folder)
    command("nbgrader", "generate_feedback", NAME, cwd=theirs.folder)
    command("nbgrader", "export", cwd=theirs.folder)
    return theirs


@pytest.fixture(scope="module")
def graded(classes: tuple[Course, Course]) -> Course:
    """The course after `grader grade`."""
    _, ours = classes
    command("grader.cli", "grade", "01", "--course", str(ours.folder), cwd=REPOSITORY)
    return ours


def scores(course: Course) -> dict[tuple[str, str], tuple[float, float | None, bool]]:
    """What the gradebook holds for each learner and exercise."""
    with Gradebook(course.db_url, "attend") as gradebook:
        return {
            (submission.student_id, grade.name): (
                grade.score,
                grade.max_score,
                grade.needs_manual_grade,
            )
            for submission in gradebook.assignment_submissions(NAME)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def test_generate_assignment_gives_the_release_that_build_wrote(
    classes: tuple[Course, Course], lesson: Lesson
) -> None:
    theirs, ours = classes
    command("nbgrader", "generate_assignment", NAME, "--force", cwd=theirs.folder)
    path = Path("release") / NAME / f"{NAME}.ipynb"
    generated = (theirs.folder / path).read_bytes()
    assert generated == (ours.folder / path).read_bytes()
    assert generated == lesson_files(lesson)[f"notebooks/{NAME}.ipynb"]
    assert (theirs.folder / path.parent / "attend.zip").is_file()


def test_autograde_gives_the_points_that_grader_grade_gives(
    autograded: Course, graded: Course
) -> None:
    assert scores(autograded) == scores(graded)
    assert len(scores(graded)) == 5 * len(CLASS)


def test_the_class_is_no_monotone_one(graded: Course) -> None:
    points = {score for score, _, _ in scores(graded).values()}
    assert 0 in points and len(points) > 2


def test_the_points_are_the_known_ones(lesson: Lesson, graded: Course, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_class, "LEARNERS", LEARNERS)
        truth = sample_class.make_class([lesson], tmp_path)
    known = {(item["student"], f"check_{item['exercise']}"): item["points"] for item in truth}
    got = {key: score for key, (score, _, _) in scores(graded).items() if key in known}
    assert got == known


def outputs(course: Course) -> dict[str, list[Any]]:
    """The outputs that autograding wrote, by learner, without anything random."""
    found = {}
    for path in sorted((course.folder / "autograded").glob("*/*/*.ipynb")):
        notebook = nbformat.read(path, 4)
        found[path.parent.parent.name] = [
            copy.deepcopy(cell.outputs) for cell in notebook.cells if cell.get("outputs")
        ]
    return found


def test_both_write_the_same_outputs(autograded: Course, graded: Course) -> None:
    assert outputs(autograded) == outputs(graded)


def test_nothing_but_notebook_and_time_goes_along(autograded: Course) -> None:
    for tree in ("autograded", "feedback"):
        found = {path.name for path in (autograded.folder / tree).rglob("*") if path.is_file()}
        assert found <= {f"{NAME}.ipynb", f"{NAME}.html", "timestamp.txt"}


def kept(course: Course) -> dict[str, Any]:
    """The kept verdicts by the name of their file, without the seconds they took."""
    found = {}
    for path in (course.folder / "verdicts").glob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8").split("\n", 1)[1])
        found[path.name] = {
            "notebook": data["notebook"],
            "verdicts": [item | {"seconds": 0} for item in data["verdicts"]],
        }
    return found


def test_both_keep_the_same_verdicts(autograded: Course, graded: Course) -> None:
    assert len(kept(graded)) == len(CLASS)
    assert kept(autograded) == kept(graded)


@pytest.fixture
def marked(graded: Course, lesson: Lesson, tmp_path: Path) -> Course:
    """A copy of the graded course in which every kept verdict says that it was kept."""
    shutil.copytree(graded.folder, tmp_path / "course", symlinks=True)
    course = Course(tmp_path / "course", SEED)
    pool = KeptVerdicts(
        course.folder / "verdicts", {NAME: lesson_digest(lesson, Settings(seed=SEED))}
    )
    for submission in find_submissions(course.folder / "submitted", [lesson]):
        known = pool.find(submission, fingerprint(submission.path))
        assert known is not None
        first = replace(known.verdicts[0], message=KEPT)
        pool.keep(replace(known, verdicts=(first, *known.verdicts[1:])))
    return course


def test_nbgrader_reads_what_a_pool_has_kept_and_grades_what_changed(marked: Course) -> None:
    path = submitted(marked, "half") / f"{NAME}.ipynb"
    path.write_bytes(path.read_bytes()[:4000])
    command("nbgrader", "autograde", NAME, "--force", cwd=marked.folder)
    found = {student: KEPT in str(cells) for student, cells in outputs(marked).items()}
    assert found == dict.fromkeys(CLASS, True) | {"half": False}
    assert len(kept(marked)) == len(CLASS) + 1


def pages(course: Course) -> dict[str, str]:
    """The text of each feedback page, by learner."""
    return {
        path.parent.parent.name: html.unescape(
            re.sub(r"<[^>]+>", "", path.read_text(encoding="utf-8"))
        )
        for path in (course.folder / "feedback").glob("*/*/*.html")
    }


def test_every_learner_gets_a_feedback_page(autograded: Course) -> None:
    assert pages(autograded).keys() == CLASS


def test_feedback_shows_no_hidden_test(autograded: Course, lesson: Lesson) -> None:
    secrets = [line for line, where in secret_lines(lesson).items() if "hidden case" in where]
    found = [
        (student, line)
        for student, page in pages(autograded).items()
        for line in secrets
        if line in page
    ]
    assert found == []
    assert not any("HIDDEN TESTS" in page for page in pages(autograded).values())


def test_feedback_shows_no_solution_to_who_wrote_none(autograded: Course, lesson: Lesson) -> None:
    page = pages(autograded)["unwritten"]
    assert [line for line in secret_lines(lesson) if line in page] == []


def test_feedback_says_what_is_wrong(autograded: Course) -> None:
    assert "is not written yet" in pages(autograded)["unwritten"]
    assert "breaks off" in pages(autograded)["half"]
    assert "is not a plain file" in pages(autograded)["nothing"]


def test_grader_feedback_makes_a_page_for_everybody(graded: Course) -> None:
    command("grader.cli", "feedback", "01", "--course", str(graded.folder), cwd=REPOSITORY)
    assert pages(graded).keys() == CLASS and "breaks off" in pages(graded)["half"]


def test_export_lists_every_learner(autograded: Course) -> None:
    table = (autograded.folder / "grades.csv").read_text(encoding="utf-8")
    assert all(student.replace('"', '""') in table for student in CLASS)


def test_a_course_keeps_its_seed(lesson: Lesson, tmp_path: Path) -> None:
    first = build_course(tmp_path, [])
    assert build_course(tmp_path, []).seed == first.seed == open_course(tmp_path).seed
    assert build_course(tmp_path / "other", []).seed != first.seed


def test_a_folder_without_a_course_is_said(tmp_path: Path) -> None:
    for text in (None, "not JSON", "{}", '{"seed": "x"}'):
        if text is not None:
            (tmp_path / "course.json").write_text(text)
        with pytest.raises(GraderError, match="holds no course"):
            open_course(tmp_path)

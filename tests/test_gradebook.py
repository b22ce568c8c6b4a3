"""nbgrader's gradebook: scores go in, what a person wrote stays, as with nbgrader's own steps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import DOUBLE_SLOT, HEADER, NUMPY_SETUP, PLAIN_CHECK, REPOSITORY, MakeLesson
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ComputeChecksums, SaveCells
from recorded import (
    CHECK,
    EXERCISE,
    FULL,
    LESSON,
    NAME,
    by_nbgrader,
    by_us,
    contents,
    copy_course,
    graded,
)

from grader.course import load_lessons
from grader.errors import GraderError
from grader.gradebook import Recorder, handed_in, open_gradebook
from grader.nbgrader_course import Course, build_course
from grader.nbgrader_plugin import write_outputs
from grader.notebook import released
from grader.submissions import Submission
from grader.verdicts import Graded

# nbgrader 0.9.6 builds its rows half-attached, and SQLAlchemy 2 remarks on each.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def built(tmp_path_factory: Any) -> Course:
    """Built once; each test works on a copy."""
    return build_course(tmp_path_factory.mktemp("built") / "course", [LESSON], seed=1)


@pytest.fixture
def course(built: Course, tmp_path: Path) -> Course:
    return copy_course(built, tmp_path / "course")


@pytest.fixture
def gradebook(course: Course) -> Iterator[Any]:
    with open_gradebook(course, [NAME]) as opened:
        yield opened


def record(course: Course, gradebook: Any, *items: Graded) -> None:
    recorder = Recorder(course, gradebook)
    for item in items:
        recorder.record(item)


def test_a_verdict_becomes_the_automatic_score(course: Course, gradebook: Any) -> None:
    record(course, gradebook, graded(course, 1.0))
    grade = gradebook.find_grade(*CHECK)
    assert (grade.auto_score, grade.score, grade.max_score) == (1.0, 1.0, FULL)
    assert not grade.needs_manual_grade
    assert gradebook.find_submission(NAME, "ada").score == 1.0


def test_grading_again_replaces_the_score(course: Course, gradebook: Any) -> None:
    record(course, gradebook, graded(course, 1.0), graded(course, FULL))
    assert gradebook.find_grade(*CHECK).score == FULL
    assert len(gradebook.assignment_submissions(NAME)) == 1


def test_a_manual_score_survives_and_is_marked_for_another_look(
    course: Course, gradebook: Any
) -> None:
    record(course, gradebook, graded(course, 1.0))
    gradebook.find_grade(*CHECK).manual_score = 1.5
    gradebook.db.commit()
    record(course, gradebook, graded(course, 0.0))
    grade = gradebook.find_grade(*CHECK)
    assert (grade.auto_score, grade.manual_score, grade.score) == (0.0, 1.5, 1.5)
    assert grade.needs_manual_grade


def test_building_again_keeps_the_scores(course: Course, gradebook: Any) -> None:
    record(course, gradebook, graded(course, 1.0))
    build_course(course.folder, load_lessons(REPOSITORY, [NAME]))
    gradebook.db.expire_all()
    assert gradebook.find_grade(*CHECK).score == 1.0


def test_renaming_a_graded_exercise_is_refused(
    course: Course, gradebook: Any, make_lesson: MakeLesson
) -> None:
    record(course, gradebook, graded(course, 1.0))
    page = HEADER + NUMPY_SETUP + DOUBLE_SLOT + PLAIN_CHECK
    renamed = make_lesson(page=page)
    renamed.name = NAME
    with pytest.raises(GraderError, match="added or renamed"):
        build_course(course.folder, [renamed])


def test_an_exercise_that_the_gradebook_knows_not_is_said(course: Course, gradebook: Any) -> None:
    item = graded(course, 1.0)
    renamed = replace(item, notebook=item.notebook.replace(CHECK[0], "check_new"))
    with pytest.raises(GraderError, match="knows no cell check_new; run `grader build`"):
        record(course, gradebook, renamed)


def test_the_notebook_for_feedback_is_written(course: Course, gradebook: Any) -> None:
    item = graded(course, 1.0)
    record(course, gradebook, item)
    path = course.folder / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    assert path.read_text() == item.notebook


@pytest.mark.parametrize(
    ("stamp", "year"), [("2026-01-31 12:00:00 UTC", 2026), ("nonsense", None), ("9" * 200, None)]
)
def test_the_time_of_handing_in_is_kept_where_it_can_be_read(
    course: Course, gradebook: Any, stamp: str, year: int | None
) -> None:
    item = graded(course, 1.0)
    (item.submission.path.parent / "timestamp.txt").write_text(stamp)
    record(course, gradebook, item)
    when = gradebook.find_submission(NAME, "ada").timestamp
    assert (when.year if when else None) == year


def test_no_text_in_a_timestamp_stops_the_run(tmp_path: Path) -> None:
    rng = random.Random(3)
    letters = "0123456789-:T+ .,Z/eE\n\x00\u0661\N{SNOWMAN}UTCGMT"
    texts = ["".join(rng.choices(letters, k=rng.randrange(40))) for _ in range(500)]
    for text in ["2026-01-31 12:00:00 /etc/hostname", "\udcff", *texts]:
        (tmp_path / "timestamp.txt").write_text(text, errors="surrogateescape")
        handed_in(tmp_path)


def test_a_read_only_notebook_of_nbgraders_is_replaced(course: Course, gradebook: Any) -> None:
    path = course.folder / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("older")
    path.chmod(0o444)
    item = graded(course, 1.0, stamp="2026-01-31 12:00:00 UTC")
    record(course, gradebook, item)
    assert path.read_text() == item.notebook
    assert {found.name for found in path.parent.iterdir()} == {path.name, "timestamp.txt"}


def test_a_damaged_gradebook_is_said(course: Course) -> None:
    (course.folder / "gradebook.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(GraderError, match="cannot be used"):
        open_gradebook(course)


def test_a_missing_gradebook_is_said(course: Course) -> None:
    (course.folder / "gradebook.db").unlink()
    with pytest.raises(GraderError, match="no gradebook"):
        open_gradebook(course)


def test_a_lesson_that_was_not_built_is_said(course: Course) -> None:
    with pytest.raises(GraderError, match="02_softmax is not in the gradebook"):
        open_gradebook(course, ["02_softmax"])


def test_a_gradebook_that_cannot_be_written_keeps_what_it_holds(
    course: Course, gradebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    record(course, gradebook, graded(course, 1.0))

    def full() -> None:
        raise OperationalError("", None, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(gradebook.db, "commit", full)
        with pytest.raises(GraderError, match="disk is full"):
            record(course, gradebook, graded(course, 0.0))
    gradebook.db.expire_all()
    assert gradebook.find_grade(*CHECK).score == 1.0


def test_a_check_cell_without_a_verdict_is_refused(course: Course) -> None:
    with pytest.raises(GraderError, match="no verdict for the cell check_"):
        write_outputs(released(LESSON).copy(), graded(course, 1.0).verdicts[:1])


def test_points_that_are_no_short_number_arrive_as_they_are(course: Course) -> None:
    by_us(course, graded(course, 0.1 + 0.2))
    with open_gradebook(course) as gradebook:
        assert gradebook.find_grade(*CHECK).auto_score == 0.1 + 0.2


def as_a_person(course: Course, **fields: Any) -> None:
    """Do what a person does in the formgrader."""
    with Gradebook(course.db_url, "attend") as gradebook:
        grade = gradebook.find_grade(*CHECK)
        comment = gradebook.find_comment(EXERCISE, *CHECK[1:])
        for name, value in fields.items():
            setattr(comment if name == "manual_comment" else grade, name, value)
        gradebook.db.commit()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"manual_score": 1.5, "needs_manual_grade": False},
        {"manual_score": 0.0},
        {"extra_credit": 2.0},
        {"manual_score": 1.0, "extra_credit": 0.5, "manual_comment": "Well tried."},
        {"manual_comment": "See me."},
    ],
)
@pytest.mark.parametrize("written", [True, False])
def test_regrading_leaves_what_nbgraders_own_steps_leave(
    built: Course, tmp_path: Path, fields: dict[str, Any], written: bool
) -> None:
    left = []
    for name, write in (("ours", by_us), ("theirs", by_nbgrader)):
        course = copy_course(built, tmp_path / name)
        write(course, graded(course, FULL))
        as_a_person(course, **fields)
        write(course, graded(course, 0.5, written=written))
        left.append(contents(course))
    assert left[0] == left[1]
    (kept,) = [row for row in left[0]["grades"] if row[1] == CHECK[0]]
    wanted = tuple(fields.get(name) for name in ("manual_score", "extra_credit"))
    assert kept[2:5] == (0.5, *wanted)
    (comment,) = [row for row in left[0]["comments"] if row[1] == EXERCISE]
    assert comment[2:] == (None if written else "No response.", fields.get("manual_comment"))


def by_hand(kind: str) -> Any:
    """A notebook with one cell that only a person can grade."""
    cell = nbformat.v4.new_markdown_cell("Explain your cell.")
    cell.metadata["nbgrader"] = {
        "grade": kind == "essay",
        "solution": kind == "essay",
        "task": kind == "task",
        "locked": kind == "task",
        "grade_id": "explain",
        "points": 5,
        "schema_version": 3,
    }
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.mark.parametrize("kind", ["essay", "task"])
@pytest.mark.parametrize("answer", ["Explain your cell.", "It averages."])
@pytest.mark.parametrize("score", [None, 4.0])
def test_cells_that_only_a_person_can_grade_stay_theirs(
    built: Course, tmp_path: Path, kind: str, answer: str, score: float | None
) -> None:
    left = []
    for name, write in (("ours", by_us), ("theirs", by_nbgrader)):
        course = copy_course(built, tmp_path / name)
        notebook = by_hand(kind)
        names = {"notebook": "17", "assignment": "17", "db_url": course.db_url}
        with Gradebook(course.db_url, "attend") as gradebook:
            gradebook.update_or_create_assignment("17", course_id="attend")
        notebook, _ = ComputeChecksums().preprocess(notebook, {})
        notebook, _ = SaveCells().preprocess(notebook, {"nbgrader": names})
        notebook.cells[0].source = answer
        path = course.folder / "submitted" / "ada" / "17" / "17.ipynb"
        path.parent.mkdir(parents=True)
        item = Graded(Submission("ada", "17", path), (), nbformat.writes(notebook), "")
        write(course, item)
        if score is not None:
            with Gradebook(course.db_url, "attend") as gradebook:
                gradebook.find_grade("explain", "17", "17", "ada").manual_score = score
                gradebook.db.commit()
        write(course, item)
        left.append(contents(course))
    assert left[0] == left[1]
    assert left[0]["grades"][0][3] == score

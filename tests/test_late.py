"""Late penalties: the plug-in that the course's settings name, the same by both roads."""

from __future__ import annotations

import datetime
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from recorded import CHECK, FULL, LESSON, NAME, by_nbgrader, by_us, contents, copy_course, graded

from grader.errors import GraderError
from grader.nbgrader_course import Course, build_course

# nbgrader 0.9.6 builds its rows half-attached, and SQLAlchemy 2 remarks on each.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
DUE = datetime.datetime(2026, 3, 1, 12)
IN_TIME = "2026-03-01 11:59:00 UTC"
LATE = "2026-03-01 15:00:00 UTC"  # three hours
PER_HOUR = '''
"""A penalty of half a point an hour."""

from nbgrader.plugins import BasePlugin


class PerHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {answer}
'''
PLUGIN = 'c.AssignLatePenalties.plugin_class = "penalties.PerHour"\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory: Any) -> Course:
    """A course whose lesson is due; each test works on copies."""
    course = build_course(tmp_path_factory.mktemp("built") / "course", [LESSON], seed=1)
    with Gradebook(course.db_url, "attend") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)
    return course


@pytest.fixture
def both(built: Course, tmp_path: Path) -> Callable[..., dict[str, list[Any]]]:
    """What the gradebook holds after some submissions of ada's, by us and by nbgrader: the same."""

    def run(
        settings: str, *stamps: str, plugin: str = "", points: float = FULL, prepare: Any = None
    ) -> dict[str, list[Any]]:
        left = []
        for name, write in (("ours", by_us), ("theirs", by_nbgrader)):
            course = copy_course(built, tmp_path / name)
            configure(course, settings, plugin)
            if prepare:
                prepare(course)
            for stamp in stamps:
                write(course, graded(course, points, stamp=stamp))
            left.append(contents(course))
        assert left[0] == left[1]
        return left[0]

    return run


def configure(course: Course, settings: str, plugin: str = "") -> None:
    with (course.folder / "nbgrader_config.py").open("a") as config:
        config.write(settings)
    if plugin:
        sys.modules.pop("penalties", None)
        importlib.invalidate_caches()
        (course.folder / "penalties.py").write_text(PER_HOUR.format(answer=plugin))


def penalty(held: dict[str, list[Any]]) -> float | None:
    ((_, _, _, _, lost),) = held["submissions"]
    return lost


ZERO = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'


@pytest.mark.parametrize(
    ("settings", "stamp", "lost"),
    [
        ("", LATE, None),
        ('c.LateSubmissionPlugin.penalty_method = "none"\n', LATE, None),
        (ZERO, LATE, FULL),
        (ZERO, IN_TIME, None),
        (ZERO, "", None),
        (ZERO, "no time at all", None),
        (ZERO + "c.AssignLatePenalties.enabled = False\n", LATE, None),
    ],
)
def test_nbgraders_own_methods(both: Any, settings: str, stamp: str, lost: float | None) -> None:
    assert penalty(both(settings, stamp)) == lost


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        ("total_seconds_late / 7200", 1.5),
        ("score + 10", FULL),
        ("-3", 0.0),
        ("None", None),
        ("1.0 if student_id == 'ada' else 0.0", 1.0),
    ],
)
def test_a_plug_in_beside_the_settings(both: Any, answer: str, lost: float | None) -> None:
    assert penalty(both(PLUGIN, LATE, plugin=answer)) == lost


def test_handing_in_again_takes_the_penalty_anew(both: Any) -> None:
    assert penalty(both(ZERO, LATE, IN_TIME)) is None


def test_grading_again_takes_it_once(both: Any) -> None:
    assert penalty(both(PLUGIN, LATE, LATE, LATE, plugin="1.0")) == 1.0


def test_the_penalty_is_of_the_score_as_it_now_is(built: Course, tmp_path: Path) -> None:
    left = []
    for name, write in (("ours", by_us), ("theirs", by_nbgrader)):
        course = copy_course(built, tmp_path / name)
        configure(course, ZERO)
        write(course, *(graded(course, points, stamp=LATE) for points in (FULL, 1.0)))
        left.append(contents(course))
    assert left[0] == left[1]
    assert penalty(left[0]) == 1.0


def test_an_extension_counts(both: Any) -> None:
    def extend(course: Course) -> None:
        with Gradebook(course.db_url, "attend") as gradebook:
            gradebook.update_or_create_student("ada")
            gradebook.update_or_create_submission(NAME, "ada")
            gradebook.grant_extension(NAME, "ada", hours=2)

    assert penalty(both(PLUGIN, LATE, plugin="total_seconds_late / 7200", prepare=extend)) == 0.5


def test_the_penalty_is_of_the_score_that_a_person_gave(both: Any) -> None:
    def by_hand(course: Course) -> None:
        by_nbgrader(course, graded(course, FULL, stamp=LATE))
        with Gradebook(course.db_url, "attend") as gradebook:
            grade = gradebook.find_grade(*CHECK)
            grade.manual_score, grade.extra_credit = 0.5, 0.25
            gradebook.db.commit()

    assert penalty(both(ZERO, LATE, points=1.0, prepare=by_hand)) == 0.75


def test_a_course_that_drops_the_step_gives_no_penalty(built: Course, tmp_path: Path) -> None:
    course = copy_course(built, tmp_path / "course")
    steps = '["grader.nbgrader_plugin.TwoKernelExecute", "nbgrader.preprocessors.SaveAutoGrades"]'
    configure(course, f"{ZERO}c.Autograde.autograde_preprocessors = {steps}\n")
    by_us(course, graded(course, FULL, stamp=LATE))
    assert penalty(contents(course)) is None


def test_the_users_own_settings_count_as_in_nbgrader(
    both: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "jupyter"
    home.mkdir()
    (home / "nbgrader_config.py").write_text(f"c = get_config()\n{ZERO}")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(home))
    assert penalty(both("", LATE)) == FULL


@pytest.mark.parametrize(
    ("settings", "plugin", "said"),
    [
        ('c.AssignLatePenalties.plugin_class = "nowhere.Late"\n', "", "cannot be used"),
        ("c.AssignLatePenalties.plugin_class = 7\n", "", "cannot be used"),
        ("1 / 0\n", "", "ZeroDivisionError"),
        (PLUGIN, "1 / 0", "failed on ada .ZeroDivisionError"),
        (PLUGIN, "'much'", "failed on ada .TypeError"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(
    built: Course, tmp_path: Path, settings: str, plugin: str, said: str
) -> None:
    course = copy_course(built, tmp_path / "course")
    configure(course, settings, plugin)
    with pytest.raises(GraderError, match=said):
        by_us(course, graded(course, FULL, stamp=LATE))
    assert all(score is None for _, _, score, *_ in contents(course)["grades"])


def test_building_again_keeps_the_instructors_settings(built: Course, tmp_path: Path) -> None:
    course = copy_course(built, tmp_path / "course")
    configure(course, ZERO)
    build_course(course.folder, [LESSON])
    by_us(course, graded(course, FULL, stamp=LATE))
    assert penalty(contents(course)) == FULL


def test_settings_that_do_not_plug_the_grader_in_are_said_and_left(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    with pytest.raises(GraderError, match=r'load_subconfig\("attend_config.py"\)'):
        build_course(tmp_path, [])
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"


def test_the_settings_of_an_older_build_are_renewed(tmp_path: Path) -> None:
    own = tmp_path / "nbgrader_config.py"
    own.write_text('"""Made by `grader build`: plugs the two-kernel grader into nbgrader."""\n')
    build_course(tmp_path, [])
    assert "attend_config.py" in own.read_text()

"""Every attack against `grader grade` and against `nbgrader autograde`: none of them pays.

And the same corpus turned round: honest oddities, each of which must get full points.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from corpus import STATUSES, Entry, entries, of_lesson
from corpus_class import SETTINGS, GradedClass, graded_class, make_course, snapshot

from grader.course import find_repository
from grader.grading import lesson_digest
from grader.submissions import Submission
from grader.verdicts import KeptVerdicts, fingerprint

ATTACKS = entries("attacks")
HONEST = entries("honest")
# These end at time limits, which is most of what the corpus costs. Both roads wait with the same
# code, so nbgrader reads the verdicts that the pool has kept, as it does in use. All others it
# grades itself, among them enough that are killed, run out of memory or never return.
READ = {
    *("a_time_functions", "e_deep_folders", "e_disk_many_files", "e_disk_unlinked"),
    *("e_hard_to_parse", "e_helper_chain", "e_loop_top_level", "e_reply_giant", "e_reply_many"),
    *("e_signals_ignored", "e_sleeping_import", "e_slow_everywhere", "e_stuck_in_c"),
    *("e_thread_bomb", "e_trickle"),
}
# What must not come into being, wherever an attack tried to put it.
TRACES = ("attend_attack", "attend_attack.pth", "late", "sitecustomize.py", "usercustomize.py")


@pytest.fixture(scope="module")
def graded() -> GradedClass:
    """The class after `grader grade`."""
    return graded_class()


def test_the_corpus_is_large_enough() -> None:
    groups = Counter(entry.name[:2] for entry in ATTACKS)
    assert len(ATTACKS) >= 80 and len(HONEST) >= 25
    assert set(groups) == {"a_", "b_", "c_", "d_", "e_", "f_"}


def test_every_entry_says_what_it_tries() -> None:
    untold = [entry.name for entry in [*ATTACKS, *HONEST] if not entry.module.__doc__]
    assert untold == []


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda entry: entry.name)
def test_an_attack_gains_nothing(attack: Entry, graded: GradedClass) -> None:
    lesson = graded.lessons[attack.lesson]
    verdicts = graded.verdicts(attack.student, attack.lesson)
    got = {name: verdict["points"] for name, verdict in verdicts.items()}
    assert got == attack.points(lesson), verdicts
    statuses = {name: verdict["status"] for name, verdict in verdicts.items()}
    assert set(statuses.values()) <= STATUSES
    assert all(statuses[name] in wanted for name, wanted in attack.statuses.items()), verdicts


@pytest.mark.parametrize("honest", HONEST, ids=lambda entry: entry.name)
def test_an_honest_oddity_gets_full_points(honest: Entry, graded: GradedClass) -> None:
    verdicts = graded.verdicts(honest.student, honest.lesson)
    got = {name: verdict["points"] for name, verdict in verdicts.items()}
    assert got == honest.points(graded.lessons[honest.lesson]), verdicts
    assert {verdict["status"] for verdict in verdicts.values()} == {"passed"}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda entry: entry.name)
def test_what_a_learner_is_told_is_short_and_plain(attack: Entry, graded: GradedClass) -> None:
    for verdict in graded.verdicts(attack.student, attack.lesson).values():
        message = verdict["message"]
        assert len(message) < 5000
        assert all(
            letter.isprintable() or letter in "\n\t\N{REPLACEMENT CHARACTER}" for letter in message
        )
        assert verdict["max_points"] <= 20


@pytest.mark.parametrize("lesson", ["01_dot_products", "02_softmax_and_weighted_sums"])
def test_nobody_else_loses_or_gains(lesson: str, graded: GradedClass) -> None:
    verdicts = graded.verdicts("control", lesson)
    assert {item["status"] for item in verdicts.values()} == {"passed"}
    assert sum(item["points"] for item in verdicts.values()) == 20


def test_the_course_is_as_it_was(graded: GradedClass) -> None:
    assert snapshot(graded.course) == graded.before


def test_nothing_was_left_anywhere(graded: GradedClass) -> None:
    places = (graded.course, find_repository(), find_repository() / "grader", Path(sys.prefix))
    places += (graded.course / "verdicts", graded.course / "submitted" / "control", Path("/tmp"))
    found = [str(place / name) for place in places for name in TRACES if (place / name).exists()]
    assert found == []


def test_scratch_folders_are_removed(graded: GradedClass) -> None:
    left = [
        path.name for path in graded.scratch.iterdir() if path.name.startswith("attend-scratch")
    ]
    assert left == []


def test_nothing_is_left_running(graded: GradedClass) -> None:
    assert graded.orphans == []


def test_the_gradebook_holds_the_same_scores(graded: GradedClass) -> None:
    kept = gradebook_scores(graded.course)
    assert kept == {key: record["points"] for key, record in graded.records.items()}


def test_no_terminal_code_and_no_markup_acts_in_the_class_table(graded: GradedClass) -> None:
    shown = graded.output.split("learner", 1)[-1]
    assert "\x1b" not in shown and "\x07" not in shown


def test_names_that_the_formgrader_would_run_are_named(graded: GradedClass) -> None:
    told = [line for line in graded.output.splitlines() if line.endswith("before opening that.")]
    assert len(told) == 2 and all("is markup" in line for line in told)


def test_the_report_shows_names_as_text(graded: GradedClass) -> None:
    page = graded.course / "report.html"
    command = [sys.executable, "-m", "grader.cli", "report", "--course", str(graded.course)]
    subprocess.run(command, cwd=find_repository(), check=True, capture_output=True, timeout=120)
    text = page.read_text(encoding="utf-8")
    assert "<script>alert(4)" not in text
    assert "&lt;script&gt;alert(4)" in text


@pytest.mark.parametrize(
    "lesson", ["01_dot_products", "02_softmax_and_weighted_sums", "04_scaled_dot_product"]
)
def test_nbgrader_autograde_gives_the_same_scores(
    lesson: str, graded: GradedClass, tmp_path: Path
) -> None:
    """The whole corpus; `ATTEND_SAMPLE=10` takes every tenth, to try it by hand."""
    step = int(os.environ.get("ATTEND_SAMPLE", "1"))
    chosen = of_lesson([*ATTACKS, *HONEST], lesson)[::step]
    course = tmp_path / "course"
    make_course(course, chosen)
    read = give_verdicts(course, graded, [entry for entry in chosen if entry.name in READ])
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"c.TwoKernelExecute.timeout = {SETTINGS.timeout}\n")
    output = autograde(course, lesson)
    scores = gradebook_scores(course)
    for student in ["control", *(entry.student for entry in chosen)]:
        expected = {
            name: verdict["points"] for name, verdict in graded.verdicts(student, lesson).items()
        }
        got = {key[2]: points for key, points in scores.items() if key[:2] == (student, lesson)}
        assert got == expected, f"{student}\n{output[-3000:]}"
    new = kept_verdicts(course) - read
    assert len(new) == 1 + len(chosen) - len(read), "what was not read was graded, each once"
    carried = course / "autograded" / "attack_c_linked_extra_files" / lesson
    assert not list(carried.rglob("*.txt"))


def give_verdicts(course: Path, graded: GradedClass, chosen: list[Entry]) -> set[Path]:
    """Put the pool's verdicts on these entries where nbgrader finds them; return their files."""
    digests = {name: lesson_digest(item, SETTINGS) for name, item in graded.lessons.items()}
    pool, here = (KeptVerdicts(home / "verdicts", digests) for home in (graded.course, course))
    for entry in chosen:
        name = f"{entry.lesson}.ipynb"
        path = course / "submitted" / os.fsdecode(entry.folder) / entry.lesson / name
        submission = Submission(entry.student, entry.lesson, path)
        known = pool.find(submission, fingerprint(path))
        assert known is not None, f"the pool has kept no verdict on {entry.name}"
        here.keep(known)
    return kept_verdicts(course)


def kept_verdicts(course: Path) -> set[Path]:
    """The files of kept verdicts."""
    return {path for path in (course / "verdicts").glob("*.json") if path.name != "canary.json"}


def autograde(course: Path, lesson: str) -> str:
    """Run nbgrader's own command in the course's folder; return what it said."""
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", lesson],
        cwd=course,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        timeout=1200,
        check=False,
    )
    return (ran.stdout + ran.stderr).decode(errors="replace")


def gradebook_scores(course: Path) -> dict[tuple[str, str, str], float | None]:
    """Every automatic score, by student, lesson and exercise, read without nbgrader."""
    query = """
        SELECT submitted_assignment.student_id, assignment.name, base_cell.name, grade.auto_score
        FROM grade
        JOIN base_cell ON base_cell.id = grade.cell_id
        JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    """
    with sqlite3.connect(course / "gradebook.db") as book:
        rows = book.execute(query).fetchall()
    return {(who, lesson, cell.removeprefix("check_")): score for who, lesson, cell, score in rows}

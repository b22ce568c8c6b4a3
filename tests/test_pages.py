"""Feedback pages: a learner's text is shown, and nothing in it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from active import MARK, MARKDOWN, RUN, active_parts, after_scripts, browser
from recorded import LESSON, NAME, by_us

from grader.grading import Verdict
from grader.nbgrader_course import Course, build_course, find_alembic
from grader.nbgrader_plugin import write_outputs
from grader.notebook import released, write_notebook
from grader.submission import read_notebook, rebuild
from grader.submissions import Submission
from grader.verdicts import Graded

# nbgrader 0.9.6 builds its rows half-attached, and SQLAlchemy 2 remarks on each.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

HONEST = [
    "# What I *tried*\n\nFirst `a < b`, then **softmax**: $a<b$ & $$\\sum_i e^{x_i}$$",
    "| x | y |\n|--:|---|\n| 1 | 2 |\n\n```python\nif a < b and c:\n    pass\n```",
    "<details><summary>my notes</summary>\n\n- one\n- two\n\n</details>\n\n[link](https://example.org/)",
    "![pasted](attachment:image.png) and ![elsewhere](https://example.org/x.png)",
    "![by name][w]\n\n[w]: attachment:image.png",
]
NAMES = {"ada": HONEST, "eve": MARKDOWN, '[li]\n"x" <b>': HONEST}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: Any) -> dict[str, Path]:
    """The feedback page of each learner, as nbgrader's own command writes it."""
    course = build_course(tmp_path_factory.mktemp("pages") / "course", [LESSON], seed=1)
    for student, texts in NAMES.items():
        by_us(course, handed_in(course, student, texts))
    find_alembic()
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", NAME]
    ran = subprocess.run(command, cwd=course.folder, capture_output=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:].decode()
    found = (course.folder / "feedback").glob(f"*/{NAME}/{NAME}.html")
    return {path.parent.parent.name: path for path in found}


def handed_in(course: Course, student: str, texts: list[str]) -> Graded:
    """A submission with these text cells, outputs that are scripts, and an error of that kind."""
    path = course.folder / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    output = nbformat.v4.new_output("display_data", {"text/html": f"<script>{RUN}</script>"})
    own = nbformat.v4.new_code_cell(f"# <script>{RUN}</script>", outputs=[output], id="own")
    cells.append(own)
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    said = f"Your answer raised <img src=x onerror={RUN}>: \x1b[31m<script>{RUN}</script>"
    verdicts = tuple(
        Verdict(name, 0.0, item.total, "error", None, said, 0.1)
        for name, item in LESSON.exercises.items()
    )
    shown = write_outputs(rebuild(read_notebook(path)[0], released(LESSON)), verdicts)
    return Graded(Submission(student, NAME, path), verdicts, write_notebook(shown).decode(), "")


def test_every_learner_gets_a_page_whatever_the_name(pages: dict[str, Path]) -> None:
    assert pages.keys() == NAMES.keys()


def test_nothing_of_a_submission_can_run_or_load_or_restyle(pages: dict[str, Path]) -> None:
    honest, attack = (active_parts(pages[name].read_text()) for name in ("ada", "eve"))
    assert attack - honest == {}


def test_what_an_attack_wrote_is_still_shown(pages: dict[str, Path]) -> None:
    assert pages["eve"].read_text().count(MARK) >= len(MARKDOWN)


def test_honest_text_looks_as_it_was_meant(pages: dict[str, Path]) -> None:
    page = pages["ada"].read_text()
    assert "<em>tried</em>" in page and "<strong>softmax</strong>" in page
    assert "<code>a &lt; b</code>" in page and "$a&lt;b$" in page
    assert "<summary>my notes</summary>" in page and "<li>one</li>" in page
    assert '<span class="k">if</span>' in page and 'href="https://example.org/"' in page


def test_a_pasted_picture_costs_nobody_the_page(pages: dict[str, Path]) -> None:
    page = pages["ada"].read_text()
    assert "pasted (picture not kept)" in page and "![by name][w]" in page
    assert "example.org/x.png" not in page


@pytest.mark.skipif(browser() is None, reason="no browser is installed here")
def test_nothing_of_a_submission_runs_in_a_browser(pages: dict[str, Path], tmp_path: Path) -> None:
    control = tmp_path / "control.html"
    control.write_text(f'<html><body><img src=x onerror="{RUN}"></body></html>')
    ran = f'data-ran="{MARK}"'
    assert ran in after_scripts(control.as_uri(), tmp_path / "profile")
    shown = after_scripts(pages["eve"].as_uri(), tmp_path / "profile")
    assert "check_score_matrix" in shown and ran not in shown

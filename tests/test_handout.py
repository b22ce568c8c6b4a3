"""The printed pages: one sheet a lesson, all that its page says, and nothing that answers."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from active import RUN, active_parts, browser
from bs4 import BeautifulSoup
from conftest import (
    DOUBLE_CHECK,
    DOUBLE_SLOT,
    HEADER,
    REPOSITORY,
    SETUP,
    MakeLesson,
    secret_lines,
)

from grader import cli, errors
from grader.course import Lesson, load_lessons
from grader.errors import GraderError
from grader.formulas import displayed_formula, inline_formula
from grader.handout import handout_page, write_handouts
from grader.notebook import source_notebook

LESSONS = load_lessons(REPOSITORY)
every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
NO_BROWSER = "no browser is installed here, so nothing can be printed"


@functools.cache
def soup(lesson: Lesson) -> BeautifulSoup:
    return BeautifulSoup(handout_page(lesson), "html.parser")


def printed(page: Path) -> int:
    """How many sheets of paper a page takes."""
    program, target = browser(), page.with_suffix(".pdf")
    assert program is not None
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu"]
    command += ["--no-pdf-header-footer", f"--user-data-dir={page.parent / 'profile'}"]
    command += [f"--print-to-pdf={target}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=90, check=True)
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", target.read_bytes()))


@every_lesson
def test_a_page_says_what_the_lesson_is(lesson: Lesson) -> None:
    page = soup(lesson)
    assert page.h1.get_text(" ", strip=True).startswith(f"{lesson.name[:2]} {lesson.title}")
    assert lesson.page.header["goal"] in page.select_one(".goal").text
    rows = [line.split("|") for cell in lesson.page.cells for line in cell.source.splitlines()]
    chinese = re.compile("[\u4e00-\u9fff]")  # a term may hold a symbol too: n 元模型
    terms = [row[2].strip() for row in rows if len(row) > 4 and chinese.search(row[2])]
    assert [item.text for item in page.select(".terms [lang=zh]")] == terms[1:]  # [0] is the head
    assert 0 < len(terms[1:]) <= 8


@every_lesson
def test_a_page_lists_each_exercise_with_points_and_minutes(lesson: Lesson) -> None:
    tasks = soup(lesson).select(".tasks li")
    assert len(tasks) == len(lesson.exercises)
    for task, exercise in zip(tasks, lesson.exercises.values(), strict=True):
        assert task.code.text.startswith(f"{exercise.name}(")
        unit = "point" if exercise.total == 1 else "points"
        facts = f"{exercise.total:g} {unit} · {exercise.minutes} min"
        assert task.b.text == ("● " if exercise.day else "") + facts
        assert task.select("p")[-1].text.endswith(".")


@every_lesson
def test_a_page_has_a_place_for_each_prediction(lesson: Lesson) -> None:
    asked = [cell for cell in lesson.page.cells if re.search(r"(?m)^my_\w+ = .*", cell.source)]
    places = soup(lesson).select(".predictions > div")
    assert len(places) == sum("None" in cell.source for cell in asked if cell.role == "code")
    for place in places:
        assert place.h3.text and len(place.p.text) > 15 and place.select("td")
        assert "run both cells" not in place.text


@every_lesson
def test_every_formula_is_shown(lesson: Lesson) -> None:
    page = soup(lesson)
    told = [cell.source for cell in lesson.page.cells if cell.role == "markdown"]
    unfolded = [re.sub(r"(?s)<details>.*?</details>", "", text) for text in told]
    shown = {latex for text in unfolded for latex in re.findall(r"(?s)\$\$(.+?)\$\$", text)}
    assert len(page.select(".formula")) >= len(shown)
    assert all(formula.svg or formula.code for formula in page.select(".formula"))
    assert "$$" not in page.text


@every_lesson
def test_no_page_holds_an_answer_or_a_hidden_test(lesson: Lesson) -> None:
    page = soup(lesson).text
    assert [line for line in secret_lines(lesson) if line in page] == []


@every_lesson
def test_what_is_folded_on_the_page_is_not_printed(lesson: Lesson) -> None:
    page = " ".join(soup(lesson).text.split())
    folded = re.findall(
        r"(?s)<details>(.*?)</details>", "\n".join(cell.source for cell in lesson.page.cells)
    )
    hints = [cell.source for cell in lesson.page.cells if cell.role == "hints"]
    lines = [line for text in (*folded, *hints) for line in text.splitlines() if len(line) > 40]
    assert lines and [line for line in lines if line.strip() in page] == []


def test_the_search_would_find_an_answer() -> None:
    (lesson,) = load_lessons(REPOSITORY, ["04"])
    solved = "\n".join(cell.source for cell in source_notebook(lesson).cells)
    assert [line for line in secret_lines(lesson) if line in solved]


@every_lesson
def test_a_page_needs_no_network_and_runs_nothing(lesson: Lesson) -> None:
    text = handout_page(lesson)
    assert not re.search(r"(?:src|href)=|url\(|@import|<script|https?:", text)
    assert "default-src 'none'" in text


def test_a_page_is_the_same_each_time() -> None:
    lesson = load_lessons(REPOSITORY, ["08"])[0]
    assert handout_page(lesson) == handout_page(load_lessons(REPOSITORY, ["08"])[0])


@every_lesson
@pytest.mark.skipif(browser() is None, reason=NO_BROWSER)
def test_a_page_prints_on_one_sheet(lesson: Lesson, tmp_path: Path) -> None:
    (page,) = write_handouts([lesson], tmp_path)
    assert printed(page) == 1


@pytest.mark.skipif(browser() is None, reason=NO_BROWSER)
def test_the_count_of_sheets_would_see_a_second_one(tmp_path: Path) -> None:
    lesson = load_lessons(REPOSITORY, ["02"])[0]
    text = handout_page(lesson)
    (tmp_path / "long.html").write_text(text.replace("<section>", "<section>" + "<p>x</p>" * 12))
    assert printed(tmp_path / "long.html") == 2


PAGE = """\
# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | bar | 竖线 | the sign \\|x\\| |
#
# | other | table |
# |---|---|
# | no | term |
#
# ## 1 · Guess
#
# Before.
#
# Take $x^2$. **Predict** is in this line.
# **Predict.** What is `a[:, None]`? Write it in place of `None`, then run both cells.
#
# <details><summary>Answer</summary>
#
# It is folded.
#
# $$f = 42$$
#
# </details>

# %%
my_table = [
    [None, 7],  # first
    [None, None],  # second
]
my_words = {"one": None, "two": [None, None]}
other = None

"""


@pytest.fixture
def tiny(make_lesson: MakeLesson) -> BeautifulSoup:
    return soup(make_lesson(page=HEADER + SETUP + PAGE + DOUBLE_SLOT + DOUBLE_CHECK))


def boxes(table: Any) -> list[tuple[list[str], str]]:
    return [([box.text for box in row.select("td")], row.th.text) for row in table.select("tr")]


def test_boxes_follow_the_literal_that_learners_fill(tiny: BeautifulSoup) -> None:
    (table,) = tiny.select(".predictions table")
    assert boxes(table) == [
        *[(["", "7"], "first"), (["", ""], "second")],
        *[([""], "one"), (["", ""], "two")],
    ]


def test_a_question_is_the_paragraph_that_asks_without_what_only_a_keyboard_can(
    tiny: BeautifulSoup,
) -> None:
    place = tiny.select_one(".predictions > div")
    assert place.h3.text == "1 · Guess"
    told = " ".join(place.p.text.split())
    assert told == "Take . Predict is in this line. Predict. What is a[:, None]?"
    assert place.svg["aria-label"] == "x^2"


def test_what_is_folded_below_a_question_is_not_printed(tiny: BeautifulSoup) -> None:
    assert "folded" not in tiny.text and tiny.select(".formula") == []
    assert [picture["aria-label"] for picture in tiny.select("svg")] == ["x^2"]


def test_a_folded_formula_is_not_printed() -> None:
    (lesson,) = load_lessons(REPOSITORY, ["02"])
    shown = [picture["aria-label"] for picture in soup(lesson).select(".formulas svg")]
    assert len(shown) > 8 and [latex for latex in shown if "logsumexp" in latex] == []


def test_a_term_may_hold_a_bar_and_other_tables_are_no_terms(tiny: BeautifulSoup) -> None:
    assert tiny.select_one(".terms").get_text(" ", strip=True) == "bar 竖线 the sign |x|"


def test_of_a_class_its_methods_are_listed_without_types(make_lesson: MakeLesson) -> None:
    kernels = '''\
import torch
from torch import nn


class double(nn.Module):
    """Double what comes in.

    More of it.
    """

    def __init__(self, width: int, *, bias: bool = True) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._twice(x)

    def _twice(self, x):
        return 2 * x
'''
    task = soup(make_lesson(kernels=kernels)).select_one(".tasks li")
    assert [code.text for code in task.select("code")] == [
        "double(width, *, bias=True)",
        ".forward(x)",
    ]
    assert task.select("p")[-1].text == "Double what comes in."


def test_markup_in_a_lesson_is_shown_and_not_obeyed(make_lesson: MakeLesson) -> None:
    attack = f"<img src=x onerror={RUN}>"
    page = HEADER.replace("goal: You test.", f'goal: "{attack}"') + SETUP + DOUBLE_SLOT
    text = handout_page(make_lesson(page=page + DOUBLE_CHECK))
    parts = active_parts(text.split("</head>")[1])
    assert not [part for part in parts if "img" in part or "onerror" in part]
    assert "&lt;img" in text


def test_a_formula_becomes_a_picture_with_its_source_as_text() -> None:
    picture = BeautifulSoup(inline_formula(r"\sqrt{d_k}"), "html.parser").svg
    assert picture["aria-label"] == r"\sqrt{d_k}" and picture.path["d"].startswith("M")


def test_a_formula_that_cannot_be_set_stays_as_source() -> None:
    kept = BeautifulSoup(displayed_formula(r"a < \unheardof{b}"), "html.parser")
    assert kept.code.text == r"a < \unheardof{b}" and kept.svg is None


def test_a_matrix_has_a_picture_in_each_place() -> None:
    latex = r"A = \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \quad b"
    made = BeautifulSoup(displayed_formula(latex), "html.parser")
    assert len(made.select(".matrix svg")) == 6 and len(made.select(".piece")) == 2
    assert "repeat(3" in made.select_one(".matrix")["style"]


@pytest.mark.parametrize(
    "latex",
    [
        r"\Big( x - \big[ y \big] \Big)",
        r"\lVert g \rVert = \sqrt{\textstyle\sum_i g_i^2}",
        r"Q K^\top",
        r"\min\!\left(1, \frac{c}{2}\right)",
        r"\tilde h_t = \text{softmax}(s) \odot \arg\max_i \; q \cdot k_i",
    ],
)
def test_what_mathtext_has_other_words_for_is_set_too(latex: str) -> None:
    assert "<code" not in displayed_formula(latex)


def said(monkeypatch: pytest.MonkeyPatch, capfd: Any, *words: str | Path) -> tuple[int, str, str]:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(sys, "argv", ["grader", "handout", *map(str, words)])
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    told = capfd.readouterr()
    return code, told.out, told.err


def test_the_command_writes_a_file_a_lesson(
    monkeypatch: pytest.MonkeyPatch, capfd: Any, tmp_path: Path
) -> None:
    code, out, _ = said(monkeypatch, capfd, "01", "03", "--out", tmp_path / "pages")
    assert code == 0 and str(tmp_path / "pages") in out
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == [
        "01_dot_products.html",
        "03_soft_and_hard_attention.html",
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("77 --out {t}/r", "There is no lesson '77'"), ("01 --out {t}/file", "cannot be written")],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capfd: Any, tmp_path: Path, words: str, sentence: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    code, out, err = said(monkeypatch, capfd, *words.format(t=tmp_path).split())
    assert code == errors.INPUT and sentence in err
    assert err.strip().startswith("grader: ") and len(err.strip().splitlines()) == 1 and not out


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GraderError, match="cannot be written"):
        write_handouts(LESSONS[:1], tmp_path / "file" / "below")

"""One printed page a lesson: goal, terms, formulas, exercises, room for predictions and notes.

Everything on it is read from the lesson's page and from the stubs that learners get, so it cannot
drift from them; answers, hints, folded text and hidden tests are never looked at.
"""

from __future__ import annotations

import ast
import copy
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from grader.attend.sentence import FEATURES, WORD_COLOURS, WORD_VECTORS, WORDS
from grader.course import Exercise, Lesson
from grader.errors import GraderError
from grader.formulas import displayed_formula, inline_formula
from grader.notebook import lesson_minutes
from grader.stub import cut_stub, solution_source
from grader.templating import render

__all__ = ["handout_page", "write_handouts"]

TEMPLATES = Path(__file__).parent / "templates"
FOLDED = re.compile(r"(?s)<details>.*?</details>")
DISPLAYED = re.compile(r"(?s)\$\$(.+?)\$\$")
FORMULA = re.compile(r"(?s)\$\$(?P<shown>.+?)\$\$|(?<![\\$])\$(?P<inline>[^$\n]+)\$")
INVITATION = re.compile(r"(?m)^\*\*(?:Predict|Your turn)")
HEADING = re.compile(r"(?m)^#{2,} (.*)$")
AT_THE_KEYBOARD = re.compile(r"[^.!?]*(?:in place of `None`|run (?:both|this) cells?)[^.!?]*[.!?]")
HOLDER = "\u2063{}\u2063"  # stands for a formula while markdown is set; no page contains it


@dataclass(frozen=True)
class Term:
    """One row of the box of new terms."""

    english: Markup
    chinese: str
    meaning: Markup


@dataclass(frozen=True)
class Task:
    """One exercise as the page lists it."""

    exercise: Exercise
    calls: tuple[str, ...]  # how it is called; of a class, each public method too
    sentence: Markup


@dataclass(frozen=True)
class Row:
    """A row of boxes to fill in; a box that holds text is given."""

    label: str
    boxes: tuple[str, ...]


@dataclass(frozen=True)
class Prediction:
    """What learners commit to before a cell runs."""

    section: Markup
    question: Markup
    rows: tuple[Row, ...]


def write_handouts(
    lessons: Sequence[Lesson], folder: Path, done: Callable[[str], None] = lambda name: None
) -> list[Path]:
    """Write one HTML file a lesson, named after it, that prints on one page of A4.

    Args:
        lessons: which.
        folder: where to; made if missing. Files of other names that are in it stay.
        done: told each lesson's name when its page is written.

    Raises:
        GraderError: where the folder cannot be written.
    """
    written = []
    for lesson in lessons:
        path = folder / f"{lesson.name}.html"
        text = handout_page(lesson)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise GraderError(f"{folder} cannot be written: {error.strerror}.") from None
        written.append(path)
        done(lesson.name)
    return written


def handout_page(lesson: Lesson) -> str:
    """A lesson's page as one self-contained HTML text: no script, nothing fetched."""
    needs = [str(name).split("_")[0] for name in lesson.page.header.get("needs", ())]
    return render(
        TEMPLATES / "handout.html",
        lesson=lesson,
        number=lesson.name.split("_")[0],
        core=bool(lesson.page.header.get("core")),
        goal=_inline(str(lesson.page.header["goal"])),
        needs=needs,
        minutes=lesson_minutes(lesson),
        points=sum(item.total for item in lesson.exercises.values()),
        terms=list(_terms(lesson)),
        words=_words(lesson),
        features=FEATURES,
        formulas=[displayed_formula(latex) for latex in _formulas(lesson)],
        tasks=[_task(lesson, item) for item in lesson.exercises.values()],
        predictions=list(_predictions(lesson)),
        style=Markup((TEMPLATES / "handout.css").read_text(encoding="utf-8")),
    )


def _told(lesson: Lesson) -> Iterator[str]:
    """The page's prose, without what is folded away: answers stand there."""
    for cell in lesson.page.cells:
        if cell.role == "markdown":
            yield FOLDED.sub("", cell.source)


def _terms(lesson: Lesson) -> Iterator[Term]:
    """The rows of the table whose second column is headed 中文."""
    rows = [
        [item.strip().replace(r"\|", "|") for item in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        for text in _told(lesson)
        for line in text.splitlines()
        if line.startswith("|")
    ]
    heads = [place for place, row in enumerate(rows) if row[1:2] == ["中文"]]
    for row in rows[heads[0] + 2 :] if heads else []:
        if len(row) != 3 or not re.search(r"[\u4e00-\u9fff]", row[1]):
            return
        yield Term(_inline(row[0]), row[1], _inline(row[2]))


def _words(lesson: Lesson) -> list[tuple[str, str, str]]:
    """The four words with their numbers and colours, where the lesson's page uses them."""
    if not any("WORD_VECTORS" in cell.source for cell in lesson.page.cells):
        return []
    return [
        (word, ", ".join(f"{number:g}" for number in vector), WORD_COLOURS[word])
        for word, vector in zip(WORDS, WORD_VECTORS, strict=True)
    ]


def _formulas(lesson: Lesson) -> list[str]:
    """Each displayed formula once; one that belongs to a prediction is printed there."""
    told = (INVITATION.split(text)[0] for text in _told(lesson))
    return list(dict.fromkeys(latex for text in told for latex in DISPLAYED.findall(text)))


def _task(lesson: Lesson, exercise: Exercise) -> Task:
    stub = cut_stub(solution_source(lesson.kernels_source, exercise.name), exercise.name)
    nodes = ast.parse(stub).body
    node = next(item for item in nodes if getattr(item, "name", "") == exercise.name)
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)  # what a stub defines under its name
    sentence = (ast.get_docstring(node) or "").split("\n\n")[0]
    return Task(exercise, tuple(_calls(node)), _inline(" ".join(sentence.split())))


def _calls(node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef):
        yield f"{node.name}({_arguments(node)})"
        return
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    made = next((_arguments(item) for item in methods if item.name == "__init__"), "")
    yield f"{node.name}({made})"
    yield from (f".{item.name}({_arguments(item)})" for item in methods if item.name[0] != "_")


def _arguments(node: ast.FunctionDef) -> str:
    bare = copy.deepcopy(node.args)
    for item in ast.walk(bare):
        if isinstance(item, ast.arg):
            item.annotation = None
    return re.sub(r"^self(?:, )?", "", ast.unparse(bare))


def _predictions(lesson: Lesson) -> Iterator[Prediction]:
    """Each cell with a `my_...` to fill in, None at first, with the question that the text asks."""
    asked = section = ""
    for cell in lesson.page.cells:
        if cell.role == "markdown":
            asked = FOLDED.sub("", cell.source)
            section = (HEADING.findall(asked) or [section])[-1]
        if cell.role != "code" or "None" not in cell.source:
            continue
        comments = _comments(cell.source)
        rows = [row for node in _committed(cell.source) for row in _rows(node, comments)]
        if rows:
            yield Prediction(_inline(section), _question(asked), tuple(rows))


def _committed(source: str) -> Iterator[ast.expr]:
    """What a cell assigns to names that begin with `my_`."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id.startswith("my_"):
                yield node.value


def _question(text: str) -> Markup:
    """The paragraphs from where a page asks; else its last section, or its last paragraph."""
    starts = [text.rfind("\n\n", 0, match.start()) + 1 for match in INVITATION.finditer(text)]
    starts = starts or [match.end() for match in HEADING.finditer(text)]
    asked = text[starts[-1] :] if starts else text.rstrip().split("\n\n")[-1]
    return _block(AT_THE_KEYBOARD.sub("", asked).strip())


def _comments(source: str) -> dict[int, str]:
    """What is remarked at the end of each line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        item.start[0]: item.string.lstrip("# ") for item in tokens if item.type == tokenize.COMMENT
    }


def _rows(node: ast.expr, comments: dict[int, str]) -> Iterator[Row]:
    """The boxes of a literal: a row for each inner list, or for each entry of a dict."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            label = str(ast.literal_eval(key)) if key else ""
            yield from (Row(label, row.boxes) for row in _rows(value, {}))
    elif isinstance(node, ast.List) and any(isinstance(item, ast.List) for item in node.elts):
        for item in node.elts:
            yield from _rows(item, comments)
    else:
        items = node.elts if isinstance(node, ast.List) else [node]
        values = [ast.literal_eval(item) for item in items]
        boxes = tuple("" if value is None else str(value) for value in values)
        yield Row(comments.get(node.end_lineno or 0, ""), boxes)


def _inline(text: str) -> Markup:
    """A line of markdown without its paragraph."""
    return _set(text, _markdown().renderInline)


def _block(text: str) -> Markup:
    """Paragraphs, lists and code of a page's markdown."""
    return _set(text, _markdown().render)


def _set(text: str, render: Callable[[str], str]) -> Markup:
    """Set markdown whose formulas are pictures; HTML in the text is shown, not obeyed."""
    pictures: list[Markup] = []

    def hold(found: re.Match[str]) -> str:
        shown = found["shown"]
        pictures.append(displayed_formula(shown) if shown else inline_formula(found["inline"]))
        return HOLDER.format(len(pictures) - 1)

    html = render(FORMULA.sub(hold, text))
    for place, picture in enumerate(pictures):
        html = html.replace(HOLDER.format(place), picture)
    return Markup(html)


@cache
def _markdown() -> Any:
    return MarkdownIt("commonmark", {"html": False}).enable("table")

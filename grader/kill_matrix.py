"""The kill matrix: which hidden case kills which wrong answer, as JSON and as a page to read.

`grader verify --mutants --write` writes both. They hold no line of a solution: a mutant is a kind,
the number of a line and a digest of its change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.mutation import SEEDS, Kills
from grader.trials import Trial

__all__ = ["JSON_FILE", "PAGE_FILE", "entry", "matrix_text", "page", "read_matrix", "updated"]

JSON_FILE = "docs/kill_matrix.json"
PAGE_FILE = "docs/kill_matrix.md"
Entry = dict[str, Any]  # of one exercise: cases, candidates, mutants
Matrix = dict[str, dict[str, Entry]]  # by lesson, by exercise

HEAD = f"""\
<!-- Written by `grader verify --mutants --write`; for each exercise a test proves it fresh. -->

# What kills what

That tests pass right answers is half of what they are for. Here is the other half: which hidden
case takes points from which wrong answer.

- A **misconception** is a wrong answer with a name, written by hand. Each loses a case.
- A **mutant** is the solution with one change at one place: another axis, a number one more, two
  arguments swapped, `keepdim` left out, a statement deleted. Nobody chose them. Each loses a case
  under every seed, or is a right answer in other words (*equivalent*), and then says why.
- A **right answer** is the solution, or one written differently. None loses a case.

All of them ran the way a submission runs, in the student kernel, under {len(SEEDS)} seeds. Then
the visible check ran there too. Whatever it stops, some hidden case kills, and it stops no right
answer.

In the tables of the exercises, ● marks the misconceptions that a case kills. *Mutants* counts those
that it kills, *alone* those that no other case does. Lines are counted in the solution cell.

`grader verify --mutants 04` prints what no case of lesson 04 kills, with the changed lines, and
`--json FILE` writes every mutant. The records behind this page are in
[kill_matrix.json](kill_matrix.json); `killed_by` has one digit a case, in the order of `cases`.
"""
KINDS = {
    "argument": "an argument left out, or `None` in its place",
    "axis": "another axis, or none",
    "comparison": "a bound moved in or out, a comparison turned",
    "condition": "a condition that always holds, never holds, or is turned; `and` for `or`",
    "constant": "a number one more or less, of the other sign, doubled, 0; `True` for `False`",
    "error": "another type of error",
    "function": "a function of the same form, such as `sum` for `mean`",
    "index": "a part of an index left out, two parts swapped",
    "keepdim": "`keepdim` left out",
    "left out": "one operand, a sign or a call left out",
    "name": "another argument of the function, another attribute of the object",
    "operator": "another operator",
    "other": "what else mutmut changes",
    "statement": "a statement deleted, or `None` assigned",
    "string": "another string",
    "swapped": "two arguments, operands or elements swapped",
}


def entry(kills: Kills) -> Entry:
    """One exercise's part of the JSON."""

    def outcome(trial: Trial) -> dict[str, Any]:
        digits = "".join("1" if name in trial.killed_by else "0" for name in kills.cases)
        return {"killed_by": digits, "seen": trial.seen}

    return {
        "cases": kills.cases,
        "candidates": [
            {"name": trial.name, "kind": trial.kind} | outcome(trial) for trial in kills.candidates
        ],
        "mutants": [
            {"id": trial.name, "kind": trial.kind, "line": trial.line, "status": trial.status}
            | outcome(trial)
            | ({"reason": trial.reason} if trial.reason else {})
            for trial in kills.mutants
        ],
    }


def read_matrix(repository: Path) -> Matrix:
    """The JSON as it lies in docs/; nothing where it is not there yet."""
    path = repository / JSON_FILE
    matrix: Matrix = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return matrix


def updated(matrix: Matrix, kills: Sequence[Kills], there: Mapping[str, Sequence[str]]) -> Matrix:
    """The matrix with these exercises' entries anew.

    Args:
        matrix: as it was.
        kills: what was proved now.
        there: the exercises that there are, by lesson, in order; others' entries go.
    """
    new = {(one.lesson, one.exercise): entry(one) for one in kills}
    merged: Matrix = {}
    for lesson, exercises in there.items():
        old = matrix.get(lesson, {})
        found = {name: new.get((lesson, name), old.get(name)) for name in exercises}
        merged[lesson] = {name: item for name, item in found.items() if item is not None}
    return {lesson: found for lesson, found in merged.items() if found}


def matrix_text(matrix: Matrix) -> str:
    """The JSON's text: a line for each case list, candidate and mutant."""

    def rows(items: Sequence[Any]) -> str:
        lines = ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in items)
        return f"[\n{lines}\n   ]"

    lessons = []
    for lesson, exercises in matrix.items():
        parts = [
            f'  {json.dumps(name)}: {{\n   "cases": {json.dumps(item["cases"])},\n'
            f'   "candidates": {rows(item["candidates"])},\n'
            f'   "mutants": {rows(item["mutants"])}\n  }}'
            for name, item in exercises.items()
        ]
        lessons.append(f" {json.dumps(lesson)}: {{\n" + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(lessons) + "\n}\n"


def page(matrix: Matrix) -> str:
    """The page: what there is in all, by kind of change, then lesson by lesson."""
    parts = [HEAD, *_summary(matrix), "", *_by_kind(matrix)]
    for lesson, exercises in matrix.items():
        parts += ["", f"## {_lesson_words(lesson)}", ""]
        for name, item in exercises.items():
            parts += _exercise(name, item)
    return "\n".join(parts) + "\n"


def _summary(matrix: Matrix) -> Iterator[str]:
    yield (
        "| lesson | exercises | cases | misconceptions killed | right answers whole | mutants "
        "| equivalent | killed of the rest | seen by the visible checks |"
    )
    yield "|---|" + "--:|" * 8
    for lesson, exercises in matrix.items():
        yield _summary_row(_lesson_words(lesson), list(exercises.values()))
    yield _summary_row("**all**", [item for found in matrix.values() for item in found.values()])


def _summary_row(name: str, items: Sequence[Entry]) -> str:
    cases = sum(len(item["cases"]) for item in items)
    candidates = [one for item in items for one in item["candidates"]]
    wrong = [one for one in candidates if one["kind"] == "misconception"]
    right = [one for one in candidates if one["kind"] != "misconception"]
    mutants = [one for item in items for one in item["mutants"]]
    count = Counter(one["status"] for one in mutants)
    others = len(mutants) - count["equivalent"]
    seen = sum(one["seen"] for one in mutants)
    cells = [
        name,
        len(items),
        cases,
        f"{sum('1' in one['killed_by'] for one in wrong)} of {len(wrong)}",
        f"{sum('1' not in one['killed_by'] for one in right)} of {len(right)}",
        len(mutants),
        count["equivalent"],
        f"{count['killed']} ({_percent(count['killed'], others)})",
        _percent(seen, others),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _by_kind(matrix: Matrix) -> Iterator[str]:
    mutants = [
        one for found in matrix.values() for item in found.values() for one in item["mutants"]
    ]
    yield "| kind of mutant | what is changed | mutants | equivalent | killed of the rest |"
    yield "|---|---|--:|--:|--:|"
    for kind, words in KINDS.items():
        count = Counter(one["status"] for one in mutants if one["kind"] == kind)
        if not count:
            continue
        others = count.total() - count["equivalent"]
        share = f"{count['killed']} ({_percent(count['killed'], others)})" if others else ""
        yield f"| {kind} | {words} | {count.total()} | {count['equivalent']} | {share} |"


def _exercise(name: str, item: Entry) -> Iterator[str]:
    wrong = [one for one in item["candidates"] if one["kind"] == "misconception"]
    rows = [one["killed_by"] for one in item["mutants"]]
    count = Counter(one["status"] for one in item["mutants"])
    equal = f", {count['equivalent']} equivalent" if count["equivalent"] else ""
    alive = f", {count['survived']} alive" if count["survived"] else ""
    yield (
        f"<details><summary><code>{name}</code>: {len(item['cases'])} cases, {len(wrong)} "
        f"misconceptions, {len(rows)} mutants{equal}{alive}</summary>"
    )
    yield ""
    numbers = range(1, len(wrong) + 1)
    yield f"| case | {' | '.join(map(str, numbers))} | mutants | alone |"
    yield "|---|" + ":-:|" * len(wrong) + "--:|--:|"
    for place, (case, need) in enumerate(item["cases"].items()):
        marks = ["●" if one["killed_by"][place] == "1" else "·" for one in wrong]
        killed = [row for row in rows if row[place] == "1"]
        alone = sum(row.count("1") == 1 for row in killed)
        yield f"| {_words(case)} ({need}) | {' | '.join(marks)} | {len(killed)} | {alone} |"
    yield ""
    names = (f"{number} {_words(one['name'])}" for number, one in zip(numbers, wrong, strict=True))
    yield f"- Misconceptions: {', '.join(names)}."
    kinds = Counter(one["kind"] for one in item["mutants"])
    counted = (f"{kind} {kinds[kind]}" for kind in KINDS if kinds[kind])
    yield f"- Mutants: {', '.join(counted)}."
    yield from _unkilled(item["mutants"])
    yield ""
    yield "</details>"
    yield ""


def _unkilled(mutants: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Which mutants need not be killed, a reason a line."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in mutants:
        if one.get("reason"):
            where = f"{one['kind']} in line {one['line']}"
            found.setdefault((one["status"], one["reason"]), []).append(where)
    for (status, reason), places in found.items():
        counted = ", ".join(
            f"{where} ({times})" if times > 1 else where for where, times in Counter(places).items()
        )
        word = "Equivalent" if status == "equivalent" else "Alive"
        yield f"- {word}: {counted}: {reason}."


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _lesson_words(lesson: str) -> str:
    number, _, words = lesson.partition("_")
    return f"{number} {_words(words)}"

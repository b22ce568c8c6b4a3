"""The class report: one HTML file that opens anywhere, and trusts no name and no message."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from grader.errors import GraderError
from grader.templates.report_view import (
    BINS,
    FULL,
    STATUSES,
    Exercise,
    Key,
    Learner,
    Lesson,
    Misconception,
    Record,
    Verdicts,
)
from grader.templating import templates

__all__ = ["read_records", "write_report"]

TEMPLATES = Path(__file__).parent / "templates"
TEXT, NUMBER = (str,), (int, float)
FIELDS: dict[str, tuple[type, ...]] = {
    "student": TEXT,
    "lesson": TEXT,
    "exercise": TEXT,
    "points": NUMBER,
    "max_points": NUMBER,
    "status": TEXT,
    "misconception": (str, type(None)),
    "message": TEXT,
    "seconds": NUMBER,
}


def read_records(path: Path) -> list[Record]:
    """Read what `grader grade --json` wrote.

    Raises:
        GraderError: in one sentence, where the file is not a list of such records.
    """
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise GraderError(
            f"{path}: expected the JSON file that `grader grade --json` writes, but: {error}."
        ) from error
    try:
        return _checked(records)
    except GraderError as error:
        raise GraderError(f"{path}: {error} Write it again with `grader grade --json`.") from error


def write_report(
    records: list[Record],
    lessons: list[dict[str, Any]],
    path: Path,
    *,
    truth: list[Record] | None = None,
    title: str = "Class report",
    seconds: float | None = None,
    made: datetime | None = None,
) -> None:
    """Write the report on a class: one HTML file, with its style and script inside.

    Args:
        records: the verdicts, as `grader grade --json` writes them; of two on the same exercise of
            the same learner the later counts.
        lessons: name, title, exercises (name, points, requirements) and the misconceptions'
            sentences. What records name beyond these is shown too.
        path: where to write; folders are made.
        truth: what each record must be, where that is known (the demo class).
        seconds: how long the grading took.
        made: the time to print; now, if not given.

    Raises:
        GraderError: a record lacks a field, or has a value of another kind.
    """
    verdicts = {(r["student"], r["lesson"], r["exercise"]): r for r in _checked(records)}
    style, script = (_text(name) for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    shared = {"STATUSES": STATUSES, "FULL": FULL, "BINS": BINS}
    template = templates(TEMPLATES, **shared).get_template("report.html")
    html = template.render(
        _findings(list(verdicts.values()), {lesson["name"]: lesson for lesson in lessons}),
        title=title,
        made=made or datetime.now().astimezone(),
        seconds=seconds,
        verdicts=None if truth is None else _compare(verdicts, truth),
        style=Markup(style),
        script=Markup(script),
        policy=policy,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # a name read from JSON may hold half a surrogate pair, which UTF-8 cannot
    path.write_text(html, encoding="utf-8", errors="replace", newline="\n")


def _findings(records: Sequence[Record], known: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says of the class, by the names that the template uses."""
    lessons, learners = _class(records, known)
    exercises = [e for lesson in lessons for e in lesson.exercises]
    return {
        "lessons": lessons,
        "learners": learners,
        "without": [name for name in known if name not in {lesson.name for lesson in lessons}],
        "scores": [score for lesson in lessons for score in lesson.scores],
        "trouble": sorted((x for x in learners if x.share < 0.5), key=lambda x: x.total),
        "stuck": sorted((e for e in exercises if e.missed), key=lambda e: e.rate),
        "misconceptions": _misconceptions(learners, known),
        "sentence": lambda record: _sentence(known, record),
    }


def _checked(records: Any) -> list[Record]:
    """The records themselves, after a look at each; the sentence names the first that is wrong."""
    if not isinstance(records, list):
        raise GraderError(f"Expected a list of records, got {type(records).__name__}.")
    for i, record in enumerate(records):
        if fault := _fault(record):
            raise GraderError(f"Record {i}: {fault}.")
    return records


def _fault(record: Any) -> str | None:
    """What was expected of this record, and what came; None if all is well."""
    if not isinstance(record, dict):
        return f"expected an object, got {type(record).__name__}"
    for field, types in FIELDS.items():
        if field not in record:
            return f"expected {field!r}, got only {', '.join(map(repr, record)) or 'nothing'}"[:300]
        value = record[field]
        kind = "a number under a billion" if types is NUMBER else "text"
        fits = isinstance(value, types) and not isinstance(value, bool)
        if not fits or (types is NUMBER and not abs(value) < 1e9):  # NaN is not under it either
            return f"expected {kind} as {field!r}, got {value!r:.80}"
    if record["status"] not in STATUSES:
        return f"expected a status among {', '.join(STATUSES)}, got {record['status']!r:.80}"
    return None


def _class(
    records: Sequence[Record], known: Mapping[str, Any]
) -> tuple[list[Lesson], list[Learner]]:
    """Lessons in the order given (others after them), learners by name, each seen by the other."""
    slots = _slots(records, known)
    by_student: dict[str, dict[Key, Record]] = {}
    for r in records:
        by_student.setdefault(r["student"], {})[r["lesson"], r["exercise"]] = r
    learners = [
        _learner(f"learner-{i}", name, by_student[name], slots)
        for i, name in enumerate(sorted(by_student, key=_natural), start=1)
    ]
    lessons = []
    for name, exercises in slots.items():
        scores = [s for learner in learners if (s := learner.scores[name]) is not None]
        built = [_exercise(name, e, learners) for e in exercises.values()]
        lessons.append(Lesson(name, known.get(name, {}).get("title") or name, built, scores))
    return lessons, learners


def _slots(
    records: Sequence[Record], known: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Lesson to exercise to what is known of it, for every lesson that a record names."""
    named = {r["lesson"] for r in records}
    order = [name for name in known if name in named] + sorted(named - set(known), key=_natural)
    slots = {n: {e["name"]: e for e in known.get(n, {}).get("exercises", ())} for n in order}
    for r in records:
        exercises = slots[r["lesson"]]
        exercises.setdefault(
            r["exercise"], {"name": r["exercise"], "points": r["max_points"], "requirements": {}}
        )
    return slots


def _learner(
    anchor: str, name: str, records: Mapping[Key, Record], slots: Mapping[str, Mapping[str, Any]]
) -> Learner:
    scores: dict[str, float | None] = {}
    for lesson, exercises in slots.items():
        own = [records[lesson, e] for e in exercises if (lesson, e) in records]
        full = sum(e["points"] for e in exercises.values())
        points = sum(r["points"] for r in own)
        answered = any(r["status"] != "missing" for r in own)
        scores[lesson] = (FULL * points / full if full else 0.0) if answered else None
    in_order = [records[n, e] for n, x in slots.items() for e in x if (n, e) in records]
    redo = [r for r in in_order if r["status"] != "passed"]
    return Learner(anchor, name, records, scores, redo)


def _exercise(lesson: str, slot: Mapping[str, Any], learners: Sequence[Learner]) -> Exercise:
    key = lesson, slot["name"]
    graded = [(x, x.records[key]) for x in learners if key in x.records]
    counts = Counter(r["status"] for _, r in graded)
    in_order = {status: counts[status] for status in STATUSES if counts[status]}
    missed = [(x, r) for x, r in graded if r["status"] != "passed"]
    needs = slot.get("requirements") or {}
    return Exercise(slot["name"], lesson, slot["points"], needs, in_order, missed)


def _misconceptions(learners: Iterable[Learner], known: Mapping[str, Any]) -> list[Misconception]:
    """Those that somebody's answer was, the most frequent first."""
    found: dict[tuple[str, str, str], tuple[str, list[Learner]]] = {}
    for learner in learners:
        for r in (r for r in learner.redo if r["misconception"]):
            key = r["lesson"], r["exercise"], r["misconception"]
            found.setdefault(key, (_sentence(known, r), []))[1].append(learner)
    every = [Misconception(*key, sentence, who) for key, (sentence, who) in found.items()]
    return sorted(every, key=lambda m: (-len(m.learners), m[:3]))


def _compare(verdicts: Mapping[tuple[str, str, str], Record], truth: Iterable[Record]) -> Verdicts:
    total = equal = submitted = recognised = invented = 0
    differing: list[tuple[Record, Record | None]] = []
    for wanted in truth:
        got = verdicts.get((wanted["student"], wanted["lesson"], wanted["exercise"]))
        same = got is not None and got["status"] == wanted["status"]
        same = same and got is not None and math.isclose(got["points"], wanted["points"])
        named = got["misconception"] if got else None
        total, equal = total + 1, equal + same
        submitted += wanted["misconception"] is not None
        recognised += wanted["misconception"] is not None and named == wanted["misconception"]
        invented += wanted["misconception"] is None and named is not None
        if not same or named != wanted["misconception"]:
            differing.append((wanted, got))
    return Verdicts(total, equal, submitted, recognised, invented, differing)


def _sentence(known: Mapping[str, Any], record: Record) -> str:
    """What a learner is told of the record's misconception; empty where none is known."""
    sentences = known.get(record["lesson"], {}).get("misconceptions", {})
    return str(sentences.get(record["exercise"], {}).get(record["misconception"], ""))


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The source expression that lets just this inline text through the page's policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _natural(name: str) -> tuple[list[str | int], str]:
    """Sorts `ada_2` before `ada_10`, and big or accented letters among the plain ones."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    parts = re.split(r"([0-9]+)", "".join(c for c in letters if not unicodedata.combining(c)))
    return [int(p) if i % 2 else p for i, p in enumerate(parts)], name

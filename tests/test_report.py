"""The class report: what it says, and that nothing which a learner wrote can act in it."""

import base64
import hashlib
import json
import re
from datetime import datetime

import pytest
from bs4 import BeautifulSoup

from grader.errors import GraderError
from grader.report import read_records, write_report

MASKING = {
    "name": "05_masking",
    "title": "Masking",
    "exercises": [
        {"name": "causal_mask", "points": 8, "requirements": {"idea": 5, "shapes": 3}},
        {"name": "masked_mean", "points": 12, "requirements": {"idea": 12}},
    ],
    "misconceptions": {"causal_mask": {"transposed": "Each token sees the future. Use `tril`."}},
}
FULL = {"causal_mask": 8, "masked_mean": 12}


def record(student, exercise="causal_mask", status="passed", **more):
    full = FULL.get(exercise, 4)
    verdict = {"student": student, "lesson": "05_masking", "exercise": exercise, "status": status}
    verdict |= {"points": full * (status == "passed"), "max_points": full, "seconds": 0.25}
    return verdict | {"misconception": None, "message": ""} | more


@pytest.fixture
def report(tmp_path):
    """Writes a report and returns its page, parsed."""

    def write(records, lessons=(MASKING,), **more):
        path = tmp_path / "reports" / "class.html"
        write_report(records, list(lessons), path, **more)
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    return write


def facts(page, within="header"):
    terms = page.select(f"{within} .facts dt")
    return {term.text: " ".join(term.find_next("dd").text.split()) for term in terms}


def section(page, name):
    return page.select_one(f"section[aria-labelledby={name}]")


def class_table(page):
    rows = page.select("#class-table tbody tr")
    return [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in rows]


def test_the_header_counts_learners_lessons_and_submissions(report):
    records = [record("ada"), record("ada", "masked_mean"), record("bo", status="failed")]
    records += [record("bo", "masked_mean", "partial", points=6), record("cy", status="missing")]
    page = report(records, seconds=12.34, made=datetime(2026, 3, 1, 9, 5), title="Spring")
    assert page.h1.text == page.title.text == "Spring"
    counts = {"Learners": "3", "Lessons": "1", "Submissions": "2"}  # cy handed nothing in
    means = {"Mean score": "13 of 20", "Grading took": "12.3 s"}
    assert facts(page) == {**counts, **means, "Made": "2026-03-01 09:05"}


def test_the_class_table_gives_scores_and_a_mark_for_each_exercise(report):
    records = [record("ada"), record("ada", "masked_mean", "partial", points=6)]
    page = report([*records, record("bo", status="missing")])
    assert class_table(page) == [["ada", "14", "14", "✓", "½"], ["bo", "0", "–", "–", ""]]


@pytest.mark.parametrize("status", ["passed", "failed", "tampered", "crashed", "memory"])
def test_each_status_has_a_mark_of_its_own_and_a_sentence(report, status):
    page = report([record("ada", status=status)])
    legend = {term.text.split()[1]: term for term in page.select(".legend dt")}
    assert len({term.i.text for term in legend.values()}) == len(legend) == 11
    assert class_table(page)[0][3] == legend[status].i.text
    assert legend[status].find_next("dd").text.endswith(".")


def test_learners_are_sorted_by_name_as_people_sort(report):
    names = ["learner_10", "Zoe", "élodie", "learner_9", "Farid"]
    rows = class_table(report([record(name) for name in names]))
    assert [row[0] for row in rows] == ["élodie", "Farid", "learner_9", "learner_10", "Zoe"]


def test_the_first_screen_names_who_is_in_trouble_lowest_first(report):
    records = [record("ada"), record("ada", "masked_mean")]
    records += [record("bo"), record("bo", "masked_mean", "timeout")]
    records += [record("cy", status="error"), record("cy", "masked_mean", "failed")]
    who = section(report(records), "who")
    assert [link.text for link in who.select("li a")] == ["cy", "bo"]
    assert "1 error · 1 failed" in who.text and "1 timeout" in who.text


def test_what_needs_a_person_is_pointed_out(report):
    look = [record(status[0], status=status) for status in ("tampered", "unreadable", "crashed")]
    told = section(report([*look, record("p", status="failed")]), "who").select("p")[-1]
    assert told.text == "c (crashed), t (tampered), u (unreadable)."


def test_the_first_screen_names_where_the_class_is_stuck(report):
    records = [record(name, "masked_mean", "failed") for name in ("ada", "bo")]
    records += [record("ada"), record("bo", status="failed")]
    where = section(report(records), "where")
    assert [code.text for code in where.select("code")] == ["masked_mean", "causal_mask"]
    assert "0 of 2" in where.text and "1 of 2" in where.text


def test_exercises_have_rates_counts_and_the_names_of_who_missed_them(report):
    records = [record("ada"), record("bo"), record("cy", status="error"), record("di")]
    row = section(report(records), "exercises").select_one("tbody tr")
    assert row.select_one(".figure").text == "75 %"
    assert row.select_one("rect.passed")["width"] == "75.0"
    assert row.select_one(".counts").text.split() == ["✓", "3", "passed", "E", "1", "error"]
    assert [link.text for link in row.select("details a")] == ["cy"]
    assert "8 points: idea 5, shapes 3" in row.text


def test_misconceptions_are_counted_explained_and_attributed(report):
    bad = {"status": "failed", "misconception": "transposed"}
    records = [record("ada", **bad), record("bo", **bad), record("cy")]
    records.append(record("cy", "masked_mean", "failed", misconception="sum_of_all"))
    rows = section(report(records), "misconceptions").select("tbody tr")
    assert [row.b.text for row in rows] == ["2 learners", "1 learner"]
    assert "Each token sees the future. Use tril." in rows[0].text
    assert rows[0].p.code.text == "tril"
    assert [link.text for link in rows[0].select("details a")] == ["ada", "bo"]
    assert "sum of all" in rows[1].text  # no sentence is known: the name itself


def test_each_lesson_has_a_plot_of_its_scores(report):
    records = [record("ada"), record("bo"), record("cy"), record("cy", "masked_mean")]
    figure = section(report(records), "scores").figure
    assert "3 handed in, median 8" in figure.text
    assert figure.svg["aria-label"].endswith(": 0, 0, 0, 0, 2, 0, 0, 0, 0, 1")


def test_a_learner_is_told_the_message_in_full_and_what_to_do_next(report):
    message = "Expected 1.\n  Got 2.\nNext: use `tril`."
    bad = record("ada", status="failed", message=message, misconception="transposed")
    page = report([bad, record("ada", "masked_mean", "error")])
    told = page.select_one(page.select_one("#class-table tbody a")["href"])
    assert told.select_one(".message").text == message.replace("`", "")
    assert "Each token sees the future." in told.select_one(".said").text
    steps = "Begin with causal_mask (lesson 05_masking, failed), then masked_mean (error)."
    assert steps in told.select_one(".next").text


def test_a_sentence_that_the_message_holds_is_not_said_twice(report):
    message = "No.\nEach token sees the future. Use `tril`."
    said = report([record("ada", message=message, misconception="transposed")]).select_one(".said")
    assert said.text.count("Each token sees the future") == 1


def test_verdicts_are_compared_with_the_truth(report):
    bad = {"status": "failed", "misconception": "transposed"}
    got = [record("ada"), record("di")] + [record(name, **bad) for name in ("bo", "cy", "ed")]
    more = [{}, {"status": "failed", "points": 0}, {}]
    more += [{"misconception": "shifted"}, {"misconception": None}]
    truth = [r | {"kind": "sample"} | m for r, m in zip(got, more, strict=True)]
    page = report(got, truth=[*truth, record("flo") | {"kind": "sample"}])
    assert facts(page, "main") == {
        "Points and status equal": "4 of 6",
        "Misconceptions recognised": "1 of 2 submitted",
        "Named where none was": "1",
    }
    rows = [row.get_text(" ") for row in section(page, "verdicts").select("tbody tr")]
    assert [row.split()[0] for row in rows] == ["di", "cy", "ed", "flo"]
    assert "failed, 0 points" in rows[0] and "passed, 8 points" in rows[0]
    assert "shifted" in rows[1] and "transposed" in rows[1]
    assert "no verdict" in rows[3]


def test_lessons_and_exercises_that_are_not_listed_are_shown_too(report):
    records = [record("ada"), record("ada", "extra"), record("ada", "x", lesson="my lesson")]
    page = report(records)
    assert class_table(page) == [["ada", "30", "10", "20", "✓", "", "✓", "✓"]]
    heads = [head.text for head in page.select("#class-table th[scope=colgroup]")]
    assert heads == ["Score", "05 · Masking", "my lesson"]


def test_a_listed_lesson_without_verdicts_counts_for_nobody(report):
    page = report([record("ada")], [MASKING, {"name": "06", "title": "Later", "exercises": []}])
    assert (
        facts(page)["Lessons"] == "1" and "Nothing graded yet in 06." in section(page, "class").text
    )


def test_of_two_verdicts_on_one_exercise_the_later_counts(report):
    page = report([record("ada", status="failed"), record("ada")])
    assert class_table(page)[0][1] == "8"


def test_a_class_without_records_has_a_report(report):
    page = report([])
    assert "nothing has been graded" in page.main.text and facts(page)["Learners"] == "0"
    assert section(page, "verdicts") is None and page.select("a[href='#verdicts']") == []


def test_markup_in_names_and_messages_stays_text(report):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    fields = dict.fromkeys(("exercise", "message", "misconception", "lesson"), evil)
    bad = record(evil, status="failed") | fields
    lesson = {"name": evil, "title": evil, "misconceptions": {evil: {evil: evil}}}
    page = report([bad], [lesson], title=evil, truth=[bad | {"kind": evil, "points": 1}])
    assert len(page.select("script")) == 1 and page.select("img") == []
    assert page.select_one(".message").text == evil
    every = [tag for tag in page.find_all(True) if tag.name != "meta"]
    assert not [name for tag in every for name in tag.attrs if name.startswith("on")]
    assert not [value for tag in every for value in tag.attrs.values() if "alert" in str(value)]


def test_names_become_no_ids_and_no_links(report):
    page = report([record("javascript:alert(1)"), record('x" onclick="alert(1)')])
    links = {link["href"] for link in page.select("a")}
    assert all(re.fullmatch(r"#[a-z]+(-\d+)?", href) for href in links)
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in links} <= set(ids)


def test_the_page_needs_no_network(report):
    message = "See https://example.org and <link href=//example.org>"
    page = report([record("ada", status="failed", message=message)])
    assert page.select("link, iframe, object, embed, base, form, img, [src], [style]") == []
    assert not re.search(r"@import|url\(|https?:", page.style.text + page.script.text)


def test_the_policy_lets_only_this_style_and_this_script_through(report):
    page = report([record("ada")])
    policy = page.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    for name, tag in (("style-src", page.style), ("script-src", page.script)):
        digest = hashlib.sha256(tag.string.encode()).digest()
        assert directives.pop(name) == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert directives == dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'")


def test_control_characters_and_broken_text_do_no_harm(report):
    message = "\x1b[31mred\x1b[0m\x00\r\nnext\tone"
    page = report([record("a\ud800", status="error", message=message)])
    assert page.select_one(".message").text == "red\nnext\tone"
    assert class_table(page)[0][0] == "a?"


def test_the_page_can_be_read_aloud_and_names_in_their_own_direction(report):
    page = report([record("王小明"), record("ليلى"), record("\u202eadA")])
    assert all(link.bdi for link in page.select("#class-table tbody a"))
    assert all(head.get("scope") for head in page.select("th"))
    assert page.select_one("a.skip")["href"] == "#class"
    assert page.select_one("th[data-sort='0']")["aria-sort"] == "ascending"
    assert page.html["lang"] == "en"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "writes, but: "),
        ("[" * 100_000, "writes, but: "),
        ("{}", "Expected a list of records, got dict"),
        ("[3]", "Record 0: expected an object, got int"),
        ("[{}]", "Record 0: expected 'student', got only nothing"),
        (json.dumps([record("ada"), record(7)]), "Record 1: expected text as 'student', got 7"),
        (json.dumps([record("a", points=float("nan"))]), "a number under a billion as 'points'"),
        (json.dumps([record("a", points=10**400)]), "a number under a billion as 'points'"),
        (json.dumps([record("a", points=True)]), "as 'points', got True"),
        (json.dumps([record("a", status="great")]), "expected a status among passed, partial"),
    ],
)
def test_a_list_of_records_is_read_and_anything_else_refused_in_a_sentence(
    tmp_path, text, sentence
):
    path = tmp_path / "records.json"
    path.write_text(text)
    with pytest.raises(GraderError, match=re.escape(sentence)) as refusal:
        read_records(path)
    assert len(str(refusal.value)) < 500 + len(str(path)) and str(path) in str(refusal.value)
    path.write_text(json.dumps([record("ada")]))
    assert read_records(path) == [record("ada")]


def test_a_report_on_bad_records_is_refused_before_anything_is_written(report, tmp_path):
    with pytest.raises(GraderError, match="expected a status"):
        report([record("ada", status="great")])
    assert list(tmp_path.iterdir()) == []


def test_the_page_grows_in_proportion_to_the_class(tmp_path):
    def size(count):
        records = [record(f"{i:05}", status="failed", message="No." * 50) for i in range(count)]
        write_report(records, [MASKING], tmp_path / "class.html")
        return (tmp_path / "class.html").stat().st_size

    small, middle, large = size(50), size(100), size(200)
    assert large - middle < 2.2 * (middle - small)

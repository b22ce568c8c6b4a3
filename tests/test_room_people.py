"""Names in any script, two people with one name, and one person on two devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.room import people as people_module
from grader.room.people import NameTaken, People, tidy_name

SCRIPTS = [
    "Ада Лавлейс",
    "李雷",
    "محمد علي",
    "हिन्दी",
    "Zoë",
    "김민준",
    "ก้อง",
    "'; DROP TABLE x; --",
    "../../etc",
]


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "people.json")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_in_any_script_is_kept_and_its_account_is_plain(people: People, name: str) -> None:
    person = people.admit(name, "device")
    assert person.name == name
    assert person.account == "learner-01"
    assert "/" not in person.student and not person.student.startswith((".", "-"))
    assert people.find("learner-01") == person


def test_the_gradebooks_name_keeps_the_letters_of_every_script(people: People) -> None:
    students = [people.admit(name, "device").student for name in SCRIPTS[:5]]
    assert students == ["Ада-Лавлейс-01", "李雷-02", "محمد-علي-03", "हिन्दी-04", "Zoë-05"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("A\u0064a", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("ＡＤＡ", "ADA"),
        ("\u202eadA", "adA"),
        ("Ada\x00\x1b[31m", "Ada[31m"),
    ],
)
def test_one_spelling_of_each_letter_and_no_control_marks(typed: str, kept: str) -> None:
    assert tidy_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u202e", "---", "x" * 41])
def test_what_is_no_name_is_refused_with_a_sentence(people: People, typed: str) -> None:
    with pytest.raises(GraderError, match="name"):
        people.admit(typed, "device")
    assert people.everybody() == []


def test_the_same_browser_is_the_same_person(people: People) -> None:
    first = people.admit("Ada", "laptop")
    assert people.admit(" ADA ", "laptop") == first
    assert len(people.everybody()) == 1


def test_another_browser_needs_the_persons_own_code(people: People) -> None:
    first = people.admit("Ada", "laptop")
    with pytest.raises(NameTaken, match="add something to your name"):
        people.admit("ada", "phone")
    with pytest.raises(NameTaken):
        people.admit("ada #aaaaa", "phone")
    assert people.admit(f"ada #{first.code}", "phone") == first
    assert people.admit("Ada L", "phone") != first


def test_the_code_of_one_opens_no_other_name(people: People) -> None:
    first = people.admit("Ada", "laptop")
    people.admit("Bob", "tablet")
    with pytest.raises(NameTaken):
        people.admit(f"Bob #{first.code}", "laptop")


def test_the_register_is_no_ones_to_read_and_holds_no_devices_secret(
    people: People, tmp_path: Path
) -> None:
    people.admit("Ada", "laptop-secret")
    path = tmp_path / "people.json"
    assert path.stat().st_mode & 0o077 == 0
    assert "laptop-secret" not in path.read_text(encoding="utf-8")


def test_a_flood_of_names_ends(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "MOST", 2)
    for name in ("a", "b"):
        people.admit(name, name)
    with pytest.raises(GraderError, match="full"):
        people.admit("c", "c")
    assert people.admit("a", "a").number == 1

"""The corpus turned round: honest oddities, each of which must get full points."""

from __future__ import annotations

import pytest
from corpus import Entry, entries
from corpus_class import GradedClass, graded_class


@pytest.fixture(scope="module")
def graded() -> GradedClass:
    """The class after `grader grade`: the honest among the attackers."""
    return graded_class()


@pytest.mark.parametrize("honest", entries("honest"), ids=lambda entry: entry.name)
def test_an_honest_oddity_gets_full_points(honest: Entry, graded: GradedClass) -> None:
    verdicts = graded.verdicts(honest.student, honest.lesson)
    got = {name: verdict["points"] for name, verdict in verdicts.items()}
    assert got == honest.points(graded.lessons[honest.lesson]), verdicts
    assert {verdict["status"] for verdict in verdicts.values()} == {"passed"}

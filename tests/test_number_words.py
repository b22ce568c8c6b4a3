"""Numbers in words: nothing is lost when they are cut into tokens, and draws repeat."""

from __future__ import annotations

import sys

import pytest
from num2words import num2words  # type: ignore[import-untyped]  # it ships no types

from grader.attend import number_pairs, number_tokens

SOME = [*range(1000), 1001, 21_021, 10**6, 2 * 10**6, 10**9 + 1, 2 * 10**9, 10**12, 10**15 - 1]


def test_german_parts_join_to_the_word() -> None:
    for number in SOME:
        whole = num2words(number, lang="de").replace(" ", "")
        assert "".join(number_tokens(number, "de")) == whole


def test_tens_and_ones_change_places() -> None:
    assert number_tokens(491) == ["four", "hundred", "and", "ninety", "one"]
    assert number_tokens(491, "de") == ["vier", "hundert", "ein", "und", "neunzig"]
    assert number_tokens(99, "fr") == ["quatre", "vingt", "dix", "neuf"]


def test_each_number_has_tokens_of_its_own() -> None:
    for language in ("en", "de", "fr", "es"):
        assert len({tuple(number_tokens(n, language)) for n in range(1000)}) == 1000


def test_the_same_seed_gives_the_same_pairs() -> None:
    assert number_pairs("fr", 20, 10, seed=3) == number_pairs("fr", 20, 10, seed=3)
    assert number_pairs("fr", 20, 10, seed=3) != number_pairs("fr", 20, 10, seed=4)


def test_no_held_out_number_is_among_the_others() -> None:
    train, test = number_pairs("es", 300, 100)
    assert (len(train), len(test)) == (300, 100)
    assert len({number for number, _, _ in train + test}) == 400


def test_without_num2words_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "num2words", None)
    with pytest.raises(ImportError, match="pip install num2words"):
        number_tokens(1)

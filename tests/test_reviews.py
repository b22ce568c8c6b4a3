"""The embedded reviews: what their maker writes, balanced, apart, and hard for a bag of words."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from types import ModuleType

import pytest
from conftest import REPOSITORY
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from grader.attend import film_reviews

SIZES = {"train": 4000, "valid": 1000, "test": 1000}
KINDS = {"plain", "negated", "contrast", "weighed"}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    path = REPOSITORY / "data" / "make_reviews.py"
    spec = importlib.util.spec_from_file_location("make_reviews", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_they_are_what_their_maker_writes(maker: ModuleType) -> None:
    frozen = (REPOSITORY / "data" / "reviews.tsv").read_text(encoding="utf-8")
    assert maker.table() == frozen


def test_each_part_has_as_many_of_each_label() -> None:
    assert {split: len(reviews) for split, reviews in film_reviews().items()} == SIZES
    for reviews in film_reviews().values():
        labels = Counter(review.label for review in reviews)
        assert labels[0] == labels[1]


def test_no_review_comes_twice() -> None:
    texts = [review.text for reviews in film_reviews().values() for review in reviews]
    assert len(texts) == len(set(texts))


def test_every_held_out_word_is_among_those_to_learn_from() -> None:
    words = {
        split: {word for review in reviews for word in re.findall(r"\w+", review.text)}
        for split, reviews in film_reviews().items()
    }
    assert words["valid"] | words["test"] <= words["train"]


def test_each_kind_is_there_alone_and_in_company() -> None:
    kinds = Counter(review.kinds for review in film_reviews()["test"])
    assert {kind for several in kinds for kind in several.split("+")} == KINDS
    assert all(kinds[kind] + kinds[f"{kind}+{kind}"] >= 50 for kind in KINDS)


def test_a_bag_of_words_is_right_in_about_two_of_three() -> None:
    reviews = film_reviews()
    counter = CountVectorizer(token_pattern=r"\w+|[.,]")
    model = LogisticRegression(C=0.1, max_iter=1000)
    model.fit(
        counter.fit_transform(review.text for review in reviews["train"]),
        [review.label for review in reviews["train"]],
    )
    share = model.score(
        counter.transform(review.text for review in reviews["test"]),
        [review.label for review in reviews["test"]],
    )
    assert 0.6 < share < 0.75

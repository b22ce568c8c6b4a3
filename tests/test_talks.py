"""The talk cards: one for each built lesson of the day, eight minutes each, with true numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from conftest import REPOSITORY

from grader.attend.number_words import number_tokens
from grader.attend.sentence import FEATURES, WORD_VECTORS, WORDS
from grader.course import Lesson, load_lessons
from grader.paths import load_path

TEXT = (REPOSITORY / "docs" / "talks.md").read_text(encoding="utf-8")
LABELS = ["Goal", "Draw", "Numbers", "Ask", "Predict", "Expect"]
LESSONS = {lesson.name.split("_")[0]: lesson for lesson in load_lessons(REPOSITORY)}
DAY = load_path(REPOSITORY, "day")
CARDS = dict(re.findall(r"(?ms)^## (\d\d · [^\n]+)\n(.*?)(?=^## |\Z)", TEXT))
BY_NUMBER = {title[:2]: text for title, text in CARDS.items()}
every_card = pytest.mark.parametrize("title", CARDS)

CATS, DRINK, WARM, MILK = WORD_VECTORS
ROOT = np.sqrt(3)


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def said(numbers: np.ndarray, digits: int = 2) -> str:
    """Numbers as the cards write them."""
    return ", ".join(f"{number:.{digits}f}".replace("-", "−") for number in np.atleast_1d(numbers))


def whole(numbers: np.ndarray) -> str:
    return said(numbers, 0)


def orientation() -> list[str]:
    heights = np.array([163, 169, 171, 177])
    return [
        f"mean {whole(heights.mean())} and standard deviation {whole(heights.std())}",
        said((heights - heights.mean()) / heights.std(), 1),
    ]


def dot_products() -> list[str]:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    asking, keys = order[:500], order[500:]
    right = []
    for norms in (1, np.linalg.norm(images[keys], axis=1)):
        found = (images[asking] @ images[keys].T / norms).argmax(axis=1)
        right.append(100 * np.mean(labels[keys][found] == labels[asking]))
    cosines = [word @ MILK / np.linalg.norm(word) / np.linalg.norm(MILK) for word in (DRINK, WARM)]
    return [
        whole(WORD_VECTORS @ MILK),
        f"*warm* with *drink* gives {whole(WARM @ DRINK)}, with itself only {whole(WARM @ WARM)}",
        f"{said(cosines[0])} with *drink*, {said(cosines[1])} with *warm*",
        f"by dot product: {whole(right[0])} of 100; by cosine: {whole(right[1])}",
    ]


def weights_and_sums() -> list[str]:
    scores = WORD_VECTORS @ MILK
    sigmoids = 1 / (1 + np.exp(-scores))
    ahead = scores[3] - scores[1]
    return [
        f"{whole(scores)} become weights {said(softmax(scores))}",
        f"{whole(ahead)} ahead of *drink*, and e³ is about {whole(np.exp(ahead))}",
        f"sum to {said(sigmoids.sum())}",
    ]


def soft_and_hard() -> list[str]:
    weights = np.array([1, 1 / 2, 1 / 16]) / (1 + 1 / 2 + 1 / 16)
    return [said(weights), f"give {said(weights @ [10, 15, 40], 1)}"]


def attention() -> list[str]:
    scores = WORD_VECTORS @ MILK / ROOT
    powers = np.exp(scores)
    products = np.array([[1, 2, 3], [4, 5, 6]]) @ np.array([[7, 9, 11], [8, 10, 12]]).T
    shown = [f"{power:.3g}" for power in powers]
    return [
        "0, " + said(scores[1:]),
        f"Exponentials {', '.join(shown)}, together {whole(powers.sum())}",
        f"Weights {said(softmax(scores))}",
        f"({said(softmax(scores) @ WORD_VECTORS)})",
        f"On paper: {whole(products.ravel())}",
    ]


def masking() -> list[str]:
    powers = np.exp(WORD_VECTORS @ MILK / ROOT)
    rest = powers[:3].sum()
    return [
        f"{powers[1]:.1f} / {rest:.1f} = {powers[1] / rest:.2f} for *drink*",
        f"sums to {rest / powers.sum():.2f}",
    ]


def translation() -> list[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    added = (WORD_VECTORS - DRINK)[:, [0, 2]]  # alive and wet, more than the query has
    scores = np.tanh(added) @ [1, 2]
    losses = -np.log([0.5, 0.25, 0.99])
    texts = {
        tuple(word for word in number_tokens(number) if word not in ENGLISH_STOP_WORDS)
        for number in range(1000)
    }
    assert number_tokens(91, "de") == ["ein", "und", "neunzig"]
    return [
        f"Scores {said(scores)} become weights {said(softmax(scores))}",
        f"is {said(losses[:2].mean())}; with padding at 0.99 in it, {said(losses.mean())}",
        f"the 1,000 numbers below 1,000 are {len(texts)} texts",
    ]


def order_of_words() -> list[str]:
    moved = WORD_VECTORS[[2, 0, 1, 3]]
    weights = softmax(moved @ MILK / ROOT)
    return [said(weights), f"stays ({said(weights @ moved)})"]


def heads() -> list[str]:
    alive, wet = (softmax(DRINK[place] * WORD_VECTORS[:, place]) for place in (0, 2))
    memory = np.arange(12).reshape(3, 4)
    right, wrong = memory.reshape(3, 2, 2).swapaxes(0, 1)[0], memory.reshape(2, 3, 2)[0]
    assert wrong.ravel().tolist() == [0, 1, 2, 3, 4, 5]
    return [
        f"gives {said(softmax(WORD_VECTORS @ DRINK / ROOT)[1])} to itself",
        f"Head *{FEATURES[0]}* gives {said(alive[0])} to *{WORDS[0]}*",
        f"gives {said(wet[3])} to *{WORDS[3]}*",
        f"0 to 5 into head 0; right are {whole(right.ravel())}",
    ]


def block() -> list[str]:
    normed = (MILK - MILK.mean()) / MILK.std()
    return [f"mean {whole(MILK.mean())}, variance {whole(MILK.var())}", f"({said(normed)})"]


def classification() -> list[str]:
    outputs = np.array([[0.0, 3.0], [3.0, 0.0]])
    target = np.array([0.9, 0.1])  # smoothed by 0.2
    lost = [-(target * np.log(chances)).sum() for chances in ([0.5, 0.5], target)]
    norm = np.sqrt(3.0**2 + 4.0**2)
    rates = [(0 + 1) / 4, (3 + 1) / 4, (1 + np.cos(np.pi * (7 - 4) / (10 - 4))) / 2]
    told = ", ".join(
        f"step {step} gets {said(rate)}" for step, rate in zip((0, 3, 7), rates, strict=True)
    )
    return [
        f'"mean" is ({said(outputs.mean(axis=0), 1)}), "cls" is ({whole(outputs[0])})',
        f"says 0.5 and 0.5 loses {said(lost[0])}, who says 0.9 and 0.1 loses {said(lost[1])}",
        f"have norm {whole(norm)}; clipped to 1 they are ({said(np.array([3, 0]) / norm, 1)})",
        f"and ({said(4 / norm, 1)})",
        f"Warm-up 4 of 10 steps: {told}",
    ]


def language_model() -> list[str]:
    cold = np.array([0.3, 0.5, 0.2]) ** 2  # a temperature of one half squares
    one, other = -np.log2([1 / 2, 1 / 8])
    return [
        f"among 79 characters costs {said(np.log2(79), 1)} bits",
        f"cost {one:.0f} and {other:.0f} bits: perplexity {2 ** ((one + other) / 2):.0f}",
        f"0.3, 0.5, 0.2 become {said(cold / cold.sum())}",
    ]


def encoder_decoder() -> list[str]:
    rates = np.array([25**-0.5 * min(step**-0.5, step * 4**-1.5) for step in (1, 4, 16)])
    likely = 0.5 * 0.35
    two_of_three = np.exp(1 - 5 / 3) * np.sqrt(3 / 3 * 1 / 2)
    return [
        f"steps 1, 4, 16 get the rates {said(rates, 3)}",
        f"has probability {said(likely, 3)}",
        f"has {said(0.4 * 0.9)}",
        f"is {said(np.log(likely), 3)}; divided by ((5 + 2) / 6)^0.6 it is",
        f"it is {said(np.log(likely) / ((5 + 2) / 6) ** 0.6, 3)}",
        f"BLEU with N = 2 is {said(two_of_three)}",
    ]


NUMBERS: dict[str, Callable[[], list[str]]] = {
    "00": orientation,
    "01": dot_products,
    "02": weights_and_sums,
    "03": soft_and_hard,
    "04": attention,
    "05": masking,
    "06": translation,
    "07": order_of_words,
    "08": heads,
    "09": block,
    "10": classification,
    "11": language_model,
    "12": encoder_decoder,
}


def test_every_built_lesson_of_the_day_has_a_card() -> None:
    missing = [number for number in DAY.numbers if number in LESSONS and number not in BY_NUMBER]
    assert missing == [], f"docs/talks.md has no card for lesson {', '.join(missing)}"


def test_no_card_is_for_a_lesson_that_is_not_there() -> None:
    assert BY_NUMBER.keys() - LESSONS.keys() == set()
    titles = {f"{number} · {LESSONS[number].title}".lower() for number in BY_NUMBER}
    assert {title.lower() for title in CARDS} == titles


@every_card
def test_a_card_has_its_parts_in_order(title: str) -> None:
    assert re.findall(r"(?m)^\*\*(\w+)\.\*\*", CARDS[title]) == LABELS


@every_card
def test_a_talk_takes_eight_minutes(title: str) -> None:
    clock = [int(minutes) for minutes in re.findall(r"(?m)^\| (\d+) \|", CARDS[title])]
    assert sum(clock) == DAY.talk_minutes == 8


@every_card
def test_a_cards_mistake_is_one_that_the_checks_know(title: str) -> None:
    lesson: Lesson = LESSONS[title[:2]]
    ((exercise, mistake),) = re.findall(r"\*\*Expect\.\*\* `(\w+)`, `(\w+)`:", CARDS[title])
    assert mistake in lesson.misconceptions(exercise)


@every_card
def test_a_cards_numbers_are_true(title: str) -> None:
    text = " ".join(CARDS[title].split())
    told = NUMBERS[title[:2]]()
    assert [number for number in told if number not in text] == []


def test_the_sentence_is_that_of_the_pages() -> None:
    table = {
        row[0]: [float(cell) for cell in row[1:4]]
        for row in re.findall(r"(?m)^\| (\w+) \| (\d) \| (\d) \| (\d) \|", TEXT)
    }
    assert table == {
        word: vector.tolist() for word, vector in zip(WORDS, WORD_VECTORS, strict=True)
    }
    assert f"| | {' | '.join(FEATURES)} | colour |" in TEXT

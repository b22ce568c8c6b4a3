"""Make reviews.tsv: film reviews from a small grammar whose sense hangs on the order of words.

`python data/make_reviews.py` writes the file. Each line holds a split, a label (1 positive, 0
negative), the kinds of the review's sentences and its text, with tabs between them. All sentences
of a review mean its label in the end. A plain one says it; in a negated one a word says the
opposite; in a contrast and in a weighed one two words say both, and a conjunction or the strengths
decide. See README.md for the card.
"""

from __future__ import annotations

import random
from pathlib import Path

SEED = 10
COUNTS = {"train": 4000, "valid": 1000, "test": 1000}
KINDS = {"plain": 0.55, "negated": 0.16, "contrast": 0.17, "weighed": 0.12}
SENTENCES = (1, 1, 2)  # of a review, drawn from these
FILLED = 0.5  # the chance of a sentence that says nothing of the film's worth
FOUND = 0.4  # the chance that somebody finds, and not: something was

GOOD = ("brilliant", "charming", "clever", "funny", "gripping", "moving", "fresh", "warm")
BAD = ("dull", "clumsy", "predictable", "shallow", "tired", "loud", "confusing", "cold")
PARTS = ("plot", "acting", "music", "ending", "dialogue", "opening", "cast", "humour")
WEAK = ("slightly ", "somewhat ")
STRONG = ("very ", "utterly ")
ANY = ("", "", *STRONG)
WAS = ("the {} was {}",)
WAS_NOT = ("the {} was not {}", "the {} was never {}", "the {} was hardly {}")
SAID = ("i found the {} {}", "everybody called the {} {}")
NOT_SAID = ("i never found the {} {}", "nobody called the {} {}")
FILLERS = (
    *("we saw it on a rainy sunday.", "it runs for two hours.", "the cinema was half full."),
    *("i had read the book before.", "my sister chose it."),
)


def clause(
    rng: random.Random,
    part: str,
    sign: int,
    strengths: tuple[str, ...] = ("",),
    negated: bool = False,
) -> str:
    """What somebody thinks of one part of the film; a negated clause turns its word around."""
    word = rng.choice(GOOD if (sign > 0) != negated else BAD)
    strength = "" if negated else rng.choice(strengths)
    if rng.random() < FOUND:
        form = rng.choice(NOT_SAID if negated else SAID)
    else:
        form = rng.choice(WAS_NOT if negated else WAS)
    return form.format(part, strength + word)


def sentence(rng: random.Random, kind: str, sign: int) -> str:
    """One sentence of a kind, that means good (sign 1) or bad (sign -1)."""
    one, other = rng.sample(PARTS, 2)
    if kind == "plain":
        return f"{clause(rng, one, sign, ANY)}."
    if kind == "negated":
        return f"{clause(rng, one, sign, negated=True)}."
    if kind == "weighed":
        halves = clause(rng, one, -sign, WEAK), clause(rng, other, sign, STRONG)
        return " and ".join(rng.sample(halves, 2)) + "."
    light, heavy = clause(rng, one, -sign), clause(rng, other, sign)
    # What decides comes second as often as first, so that its place alone says nothing.
    forms = ("{1}, but {0}.", "although {1}, {0}.", "{0}, although {1}.", "{0}, although {1}.")
    return rng.choice(forms).format(heavy, light)


def review(rng: random.Random, label: int) -> tuple[str, str]:
    """The kinds of a review's sentences, in alphabetical order with a + between, and its text."""
    kinds = rng.choices(list(KINDS), weights=list(KINDS.values()), k=rng.choice(SENTENCES))
    sentences = [sentence(rng, kind, 1 if label else -1) for kind in kinds]
    if rng.random() < FILLED:
        sentences.insert(rng.randrange(len(sentences) + 1), rng.choice(FILLERS))
    return "+".join(sorted(kinds)), " ".join(sentences)


def reviews() -> list[tuple[str, int, str, str]]:
    """Every review once, as (split, label, kinds, text), with both labels by turns."""
    rng = random.Random(SEED)
    seen: set[str] = set()
    rows = []
    for split, count in COUNTS.items():
        for number in range(count):
            label = number % 2
            kinds, text = review(rng, label)
            while text in seen:
                kinds, text = review(rng, label)
            seen.add(text)
            rows.append((split, label, kinds, text))
    return rows


def table() -> str:
    """The file's text."""
    return "".join(
        f"{split}\t{label}\t{kinds}\t{text}\n" for split, label, kinds, text in reviews()
    )


if __name__ == "__main__":
    (Path(__file__).parent / "reviews.tsv").write_text(table(), encoding="utf-8")

"""Numbers in words, cut into tokens: what lessons 06 and 12 translate. See data/README.md.

num2words is imported only when words are asked for: the notebooks that need none start without it.
"""

from __future__ import annotations

import random
import re

__all__ = ["number_pairs", "number_tokens"]

Pair = tuple[int, list[str], list[str]]

DIGITS = 15  # of the longest number
# German writes 991 as one word, neunhunderteinundneunzig; these are the parts that it is made of.
GERMAN_PARTS = """
    null eins ein eine zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn
    fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig
    achtzig neunzig und hundert tausend Million Millionen Milliarde Milliarden Billion Billionen
""".split()
PARTS = re.compile("|".join(sorted(GERMAN_PARTS, key=len, reverse=True)))  # the longest that fits
WORDS = re.compile(r"[^\s,-]+")


def number_tokens(number: int, language: str = "en") -> list[str]:
    """A number in words, as tokens: its words, and in German the parts of its words.

    Args:
        number: 0 to 999,999,999,999,999.
        language: "en", "de", "fr" or "es".

    Raises:
        ImportError: where num2words is not installed, with what to do.

    Example:
        >>> number_tokens(91), number_tokens(91, "de")
        (['ninety', 'one'], ['ein', 'und', 'neunzig'])
    """
    text = _spoken(number, language)
    return (PARTS if language == "de" else WORDS).findall(text)


def number_pairs(
    target: str = "de", n_train: int = 9000, n_test: int = 1000, seed: int = 0
) -> tuple[list[Pair], list[Pair]]:
    """Draw numbers, no two alike, and write each in English and in another language.

    A number of n digits is drawn n times as often as one of one digit, up to DIGITS digits.

    Args:
        target: the language to translate into: "de", "fr" or "es".
        n_train: how many pairs to learn from.
        n_test: how many pairs to hold out.
        seed: the same seed gives the same numbers in every language.

    Returns:
        The training pairs and the held-out pairs, each (number, English tokens, target tokens).
    """
    rng = random.Random(seed)
    lengths = range(1, DIGITS + 1)
    drawn: dict[int, None] = {}  # a set that keeps its order
    while len(drawn) < n_train + n_test:
        (digits,) = rng.choices(lengths, weights=lengths)
        drawn[rng.randrange(10 ** (digits - 1), 10**digits)] = None
    pairs = [(number, number_tokens(number), number_tokens(number, target)) for number in drawn]
    rng.shuffle(pairs)  # short numbers run out early
    return pairs[n_test:], pairs[:n_test]


def _spoken(number: int, language: str) -> str:
    try:
        from num2words import num2words  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        raise ImportError(
            "This page needs the package num2words, and it is not installed here. "
            "Install it with `pip install num2words`, then run this cell again."
        ) from None
    return str(num2words(number, lang=language))

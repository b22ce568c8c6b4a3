"""Lesson 12's `bleu` gives what sacrebleu gives, on corpora of every kind."""

from __future__ import annotations

import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.lesson_12_encoder_decoder.kernels import bleu

sentences = st.lists(st.sampled_from(["ein", "und", "neunzig", "hundert"]), max_size=12)
corpora = st.lists(st.tuples(sentences, sentences), min_size=1, max_size=5)


def theirs(candidates: list[list[str]], references: list[list[str]], max_n: int) -> float:
    """sacrebleu's score from 0 to 1, of tokens as they are and without smoothing."""
    metric = sacrebleu.BLEU(
        tokenize="none", smooth_method="none", max_ngram_order=max_n, force=True
    )
    rows = [[" ".join(row) for row in corpus] for corpus in (candidates, references)]
    return float(metric.corpus_score(rows[0], [rows[1]]).score) / 100


@given(corpora, st.integers(1, 4))
@settings(deadline=None)
def test_it_agrees_with_sacrebleu(pairs: list[tuple[list[str], list[str]]], max_n: int) -> None:
    candidates, references = [mine for mine, _ in pairs], [right for _, right in pairs]
    expected = theirs(candidates, references, max_n)
    assert bleu(candidates, references, max_n) == pytest.approx(expected, abs=1e-9)


def test_it_agrees_where_sentences_are_nearly_right() -> None:
    references = [f"{a} hundert {b} und zwanzig tausend".split() for a in "abc" for b in "de"]
    candidates = [[*references[0], "ein"], *([*row[:5], "ein"] for row in references[1:])]
    candidates[-1] = candidates[-1][:3]
    expected = theirs(candidates, references, 4)
    assert 0 < expected < 1
    assert bleu(candidates, references) == pytest.approx(expected)

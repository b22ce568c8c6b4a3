"""Tools that the notebooks import: checks, pictures, the sentence. Copied to notebooks/attend/."""

from .checks import Checker
from .datasets import english_prose, film_reviews
from .imdb import imdb_reviews
from .number_words import number_pairs, number_tokens
from .pictures import draw_map, show, show_map, show_maps
from .playing import play
from .predictions import show_prediction
from .readiness import show_readiness
from .sentence import FEATURES, WORD_COLOURS, WORD_VECTORS, WORDS
from .vectors import draw_vectors

__all__ = [
    "FEATURES",
    "WORDS",
    "WORD_COLOURS",
    "WORD_VECTORS",
    "Checker",
    "draw_map",
    "draw_vectors",
    "english_prose",
    "film_reviews",
    "imdb_reviews",
    "number_pairs",
    "number_tokens",
    "play",
    "show",
    "show_map",
    "show_maps",
    "show_prediction",
    "show_readiness",
]

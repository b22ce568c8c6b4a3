"""Lesson 11: a GPT on English prose, how it is judged, how it writes, and how it writes fast."""

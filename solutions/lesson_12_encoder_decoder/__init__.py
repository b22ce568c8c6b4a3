"""Lesson 12: the Transformer of 2017, whole and small, beside a recurrent translator."""

"""Lesson 10: a Transformer that judges reviews, beside a bag of words, and how it is trained."""
